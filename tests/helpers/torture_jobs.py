"""Long work that a program is killed in: upgrades and the way back, restores, compaction, repairs, archives, new files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crm_desktop import app, features, upgrading
from crm_desktop.archive.making import make_archive
from crm_desktop.backup import in_place, replacing
from crm_desktop.backup.opening import info_of
from crm_desktop.backup.restoring import browse_backup
from crm_desktop.core.jobs import Progress
from crm_desktop.db import forget
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.doctor import check
from crm_desktop.doctor_repair import plan_repairs, repair
from crm_desktop.records import compaction, history, service
from crm_desktop.records.retention import EVERYTHING, VALUES, Policy
from crm_desktop.security import roles
from crm_desktop.security import service as service_of_people
from crm_desktop.security.postgres.lock import install_lock
from tests.helpers.torture_crowd import crowd
from tests.helpers.torture_moment import Watch
from tests.helpers.torture_place import Place
from tests.helpers.torture_work import ANA, KINDS, Journal, Work, telling_schema


def migration(place: Place, journal: Journal, watch: Watch, seed: int) -> None:
    """An office of an older program is brought up to date, copied before."""
    watch.attend()
    watch.begin_round()
    app.open_database(place.target).close()
    watch.end_round()


def back(place: Place, journal: Journal, watch: Watch, seed: int) -> None:
    """The file from before an upgrade comes back."""
    database = app.open_database(place.target)
    upgrade = upgrading.last_upgrade(database)
    database.close()
    assert upgrade is not None
    watch.attend()
    watch.begin_round()
    upgrading.go_back(Path(place.target), upgrade)
    watch.end_round()


def restore(place: Place, journal: Journal, watch: Watch, seed: int) -> None:
    """A backup takes the place of the file, after one more save."""
    database = Database(place.target, telling_schema(journal, watch))
    app.enter(database)
    with write(database, "Last", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": f"Last {seed}"})
    database.close()
    database = Database(place.target, features.schema())
    app.enter(database)
    watch.attend()
    watch.begin_round()
    ready = replacing.prepare(database, place.template.backup, ANA)
    database.close()
    replacing.carry_out(ready)
    watch.end_round()


def policy_of(seed: int) -> Policy:
    """What the office no longer keeps."""
    return Policy(deleted_days=90, years=(None, 1, 2)[seed % 3], then=(VALUES, EVERYTHING)[seed // 3 % 2])


def compact(place: Place, journal: Journal, watch: Watch, seed: int) -> None:
    """The history becomes smaller, in many short steps."""
    compaction.STEP, compaction._REST = 12, 0.0
    journal.tell("policy", str(seed % 6))
    database = Database(place.target, features.schema())
    app.enter(database)
    watch.attend()
    watch.begin_round()
    compaction.compact(database, policy_of(seed), ANA)
    watch.end_round()
    database.close()


def mend(place: Place, journal: Journal, watch: Watch, seed: int) -> None:
    """The doctor repairs all that can be."""
    database = Database(place.target, telling_schema(journal, watch))
    app.enter(database)
    names = [one.check for one in plan_repairs(check(database, full=True))]
    watch.attend()
    watch.begin_round()
    repair(database, names, ANA, folder=place.folder / "backups")
    watch.end_round()
    database.close()


def _bring(work: Work, place: Place) -> None:
    """The whole office as in a backup, in its place; and back."""
    work.bulk()
    info = info_of(Path(place.template.backup), work.database.schema)
    with browse_backup(place.template.backup, work.database.schema) as then:
        done = in_place.restore_in_place(then, work.database, ANA, info.created, folder=work.folder / "backups")
    assert done.change_set is not None
    history.undo(work.database, done.change_set, ANA)


def _archive(work: Work, place: Place) -> None:
    """The whole business in one zip."""
    made = make_archive(work.database, work.folder / "archives" / "whole.zip", progress=Progress())
    assert not made.problems, made.problems
    work.journal.tell("archive", str(made.path))


def _rights(work: Work, place: Place) -> None:
    """A role may more and less, a new one is made, somebody gets it, leaves, and the lock is put on again; and back."""
    made, mark = [], f"{work.chance.random():.9f}"[2:]
    with write(work.database, "Right", actor=ANA) as uow:
        roles.set_right(uow, "sales", "contact", "delete", work.chance.choice(["none", "own", "team", "all"]))
        roles.set_right(uow, "marketing", "deal", "read", work.chance.choice(["none", "team"]))
        roles.set_right(uow, "manager", "contact", "export", "none")
        made.append(uow.change_set_id)
    with write(work.database, "Role", actor=ANA) as uow:
        key = roles.create_role(uow, f"Trainee {mark}", copy_of="sales")
        user = service_of_people.create_user(uow, "Trainee", login=f"t{mark}", role=key)
        made.append(uow.change_set_id)
    with write(work.database, "Leaves", actor=ANA) as uow:
        service_of_people.deactivate_user(uow, user)
        made.append(uow.change_set_id)
    with work.database.begin() as connection:
        install_lock(connection, work.database.schema)
    with work.database.read() as connection:  # a round that was killed may have left the rights as this one wants them
        there = {row.id for row in history.recent(connection, limit=10)}
    for number in reversed(made):
        if number in there:
            history.undo(work.database, number, ANA)


def _crowd(work: Work, place: Place) -> None:
    """Several people save at the same time."""
    assert work.watch is not None
    crowd(place.target, work.journal, work.watch, f"{work.chance.random():.9f}")


def _space(work: Work, place: Place) -> None:
    """The file is written anew."""
    forget.give_back(work.database)


ROUNDS: dict[str, Callable[[Work, Place], None]] = {
    "bring": _bring, "archive": _archive, "space": _space, "rights": _rights, "crowd": _crowd,
}  # fmt: skip
"""Work on an open office, after which it is as it was."""
ONCE: dict[str, Callable[[Place, Journal, Watch, int], None]] = {
    "migration": migration, "back": back, "restore": restore, "compaction": compact, "repair": mend,
}  # fmt: skip
"""Work that changes the office for good: one round."""
FILE_ONLY, SERVER_ONLY = frozenset({"back", "restore"}), frozenset({"rights"})
"""An office on a server has no file to replace; no file enforces rights by itself."""


def work_on(place: Place, journal: Journal, watch: Watch, seed: int) -> None:
    """Open the database and work until killed; where there is no moment to be killed at, for one round."""
    database = Database(place.target, telling_schema(journal, watch))
    app.enter(database)
    work = Work(database, journal, place.folder, seed, watch)
    work.begin()
    watch.attend()
    only_one = watch.moment is None
    while True:
        watch.begin_round()
        if place.kind in ROUNDS:
            ROUNDS[place.kind](work, place)
        else:
            KINDS[place.kind](work)
        watch.end_round()
        if only_one:
            database.close()
            return
