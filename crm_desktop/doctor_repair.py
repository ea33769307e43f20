"""What the doctor can mend, each step said before, with a copy made first; and what to do about the rest.

What follows from other rows (triggers, indexes, search texts, derived columns) is made anew. Where rows themselves
change (one of two main phones stays), that is one change set, which can be undone. Orphans go in one of their own: Undo
cannot bring them back as long as what they belonged to is gone, which is said before; the copy and the history keep them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from crm_desktop import doctor
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.protection import password_of_copy
from crm_desktop.core import clock, paths
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.jobs import Progress
from crm_desktop.core.refusals import require
from crm_desktop.core.text import fold
from crm_desktop.db import migrate, triggers
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.doctor import UNREADABLE, Finding, expected_triggers, unknown_triggers
from crm_desktop.doctor_derived import DATED, GROUPED, lagging_history, places, several_primary, short_series
from crm_desktop.insight.last_contact import mend_last_contact
from crm_desktop.records.child_checks import settle_primary
from crm_desktop.records.whole_sight import refuse_part

_INDEX_WORDS = ("index", "non-unique entry")
"""What SQLite says of an index that does not fit its table; everything else is damage of the data itself."""


@dataclass(frozen=True)
class Repair:
    """One thing that can be mended: ``text`` says what will be done, in the language in use.

    Attributes:
        check: the name of the check that found it.
        changes_data: it deletes or changes rows of the office.
        final: Undo does not take it back; the copy has what was there.
    """

    check: str
    text: str
    changes_data: bool = False
    final: bool = False


@dataclass(frozen=True)
class Repaired:
    """What was done.

    Attributes:
        copy: where the copy from before is.
        change_set: what can be undone; None where no row changed.
        removed: how many rows that belonged to nothing went for good.
    """

    copy: str
    change_set: int | None
    removed: int = 0


_TEXTS: dict[str, tuple[str, bool]] = {
    "integrity": (N_("Make the indexes anew. The rows themselves are whole."), False),
    "triggers": (
        N_("Put the triggers back as this program makes them, and remove unknown ones. What was changed while they were "
           "missing is not in the history."), False),
    "links": (
        N_("Delete rows that belong to nothing any more, and empty links that lead nowhere. Undo cannot bring them back, for "
           "what they belonged to is gone; the copy that is made first keeps them."), True),
    "derived": (
        N_("Keep one main phone, e-mail and address of each record, let numbers go on after the highest, and reckon "
           "last contacts anew."), True),
    "sort_keys": (N_("Write the sort keys anew from the names."), True),
    "timeline": (N_("Put activities at their time in timelines."), False),
    "search": (N_("Make the search index anew."), False),
    "rights": (N_("Lock the server's database again."), False),
}  # fmt: skip
"""What can be mended, in the order in which it is: triggers before rows change, so that the history sees it."""

_ADVICE = {
    "schema": N_("This cannot be repaired here. Open the office with the version of the program that it belongs to."),
    "integrity": N_("This cannot be repaired. Restore the last proven backup; keep this file until you have looked."),
    "history": N_(
        "This cannot be repaired: nobody knows what was there. The records are as they are; undo and “as of” do not know "
        "of those changes. Ask who worked on the database with another tool, and compare with a backup."
    ),
    "files": N_("This cannot be repaired. Bring the files back from a backup, and attach them again."),
    "amounts": N_("This cannot be repaired: nobody knows the right amount. Open these records and correct them."),
}


def plan_repairs(findings: Sequence[Finding]) -> list[Repair]:
    """What can be mended of what was found, in the order in which it is done."""
    bad = {finding.check: finding for finding in findings if not finding.ok}
    return [
        Repair(name, _(text), changes, name == "links")
        for name, (text, changes) in _TEXTS.items()
        if name in bad and (name != "integrity" or _only_indexes(bad[name]))
    ]


def advice(finding: Finding) -> str:
    """What to do about something that cannot be mended; "" where it can."""
    if finding.ok or plan_repairs([finding]):
        return ""
    return _(_ADVICE.get(finding.check, _ADVICE["schema"]))


def _only_indexes(finding: Finding) -> bool:
    problems = [str(one).lower() for one in finding.data.get("problems", ())]
    return bool(problems) and all(any(word in one for word in _INDEX_WORDS) for one in problems)


def repair(
    database: Database, checks: Collection[str], actor: Actor, *, folder: Path | None = None,
    progress: Progress | None = None,
) -> Repaired:  # fmt: skip
    """Mend what the named checks found; a copy of the database as it is comes first.

    Args:
        checks: names of repairs of :func:`plan_repairs`.
        folder: where the copy goes; beside the file, or the person's folder of backups.

    Raises:
        NotAllowed, UserError: it takes the power to make backups, and the sight of every record; or no copy could be
            made, and then nothing was changed.
        Cancelled: the user stopped it; what was mended by then stays mended.
    """
    progress = progress or Progress()
    migrate.refuse_strangers(database)
    require(database.access, "backup")
    refuse_part(database, [one.name for one in database.schema.entities.values() if one.listed])
    progress.update(0, len(_TEXTS), _("Making a copy first"))
    copy = _copy(database, folder, progress)
    change_set: int | None = None
    removed = 0
    wanted = [name for name in _TEXTS if name in checks]
    changing = [_ROWS[name] for name in wanted if name in _ROWS]
    if "derived" in wanted:
        _count_on(database)  # before any row changes: without it nothing can
    for number, name in enumerate(wanted):
        progress.update(number, len(wanted), _(_TEXTS[name][0]))
        if name in _MENDERS:
            _MENDERS[name](database)
        if name == "links":
            removed = _remove_orphans(database, actor)
        if changing and (name in _ROWS):
            change_set, changing = _change_rows(database, changing, actor), []
    progress.update(len(wanted), len(wanted))
    return Repaired(copy, change_set, removed)


def _copy(database: Database, folder: Path | None, progress: Progress) -> str:
    """A copy of the database as it is, protected as its backups are where this computer knows their password. It cannot be
    proven to be healthy, for the database is not."""
    chosen = folder or (database.path.parent / "backups" if database.path is not None else paths.backups_folder())
    try:
        own = password_of_copy(database)
        return make_backup(database, chosen, password=own, progress=progress, prove=False, anew=True).path
    except (UserError, *UNREADABLE):
        if database.path is None:
            raise
    chosen.mkdir(parents=True, exist_ok=True)  # too damaged to be read row by row: its bytes, then
    target = chosen / f"{database.path.stem}-{clock.now():%Y-%m-%d-%H%M%S}-as-it-was.crm"
    shutil.copyfile(database.path, target)
    log = database.path.with_name(database.path.name + "-wal")
    if log.exists():
        shutil.copyfile(log, target.with_name(target.name + "-wal"))
    return str(target)


def _change_rows(database: Database, changes: Sequence[Callable[[UnitOfWork], None]], actor: Actor) -> int | None:
    with write(database, N_("Repair of the database"), actor=actor, kind="bulk") as uow, uow.unasked():
        for change in changes:
            change(uow)
        number = uow.change_set_id
    with database.read_all() as connection:
        sets = Base.metadata.tables["change_set"]
        kept = connection.execute(sa.select(sets.c.id).where(sets.c.id == number)).first()
    return None if kept is None else number


def _remove_orphans(database: Database, actor: Actor) -> int:
    """In a change set of its own, so that the rest of a repair can be undone. Returns how many rows went."""
    with write(database, N_("Repair: what belonged to nothing"), actor=actor, kind="bulk") as uow, uow.unasked():
        return _links(uow)


def _install(database: Database) -> None:
    """Triggers as they must be; unknown ones go."""
    lock = None if database.sqlite else database.schema.lock
    with database.begin() as connection:
        if lock is not None:
            lock[0](connection, database.schema)
        _drop_unknown(connection, database)
        if database.sqlite:
            connection.exec_driver_sql("DELETE FROM change_context")
        migrate.install(connection, database.schema)
        if lock is not None:
            lock[1](connection, database.schema)


def _drop_unknown(connection: sa.Connection, database: Database) -> None:
    there = triggers.installed(connection)
    for name in unknown_triggers(there, expected_triggers(database.schema, database.sqlite)):
        triggers.drop(connection, name)


def _lock_again(database: Database) -> None:
    lock = database.schema.lock
    if lock is not None and not database.sqlite:
        with database.begin() as connection:
            lock[0](connection, database.schema)
            lock[1](connection, database.schema)


def _reindex(database: Database) -> None:
    if database.sqlite:
        with database.begin() as connection:
            connection.exec_driver_sql("REINDEX")
        return
    statement = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready)"
    with database.begin() as connection:
        for name in list(connection.exec_driver_sql(statement).scalars()):
            connection.exec_driver_sql(f"REINDEX INDEX {name}")


def _times(database: Database) -> None:
    link, activity = Base.metadata.tables["activity_link"], Base.metadata.tables["activity"]
    at = (
        sa.select(sa.func.coalesce(activity.c.done_at, activity.c.created_at))
        .where(activity.c.id == link.c.activity_id).scalar_subquery()
    )  # fmt: skip
    with database.begin() as connection:
        connection.execute(link.update().where(link.c.activity_at.is_distinct_from(at)).values(activity_at=at))


def _last_contacts(database: Database) -> None:
    with database.begin() as connection:
        for name in DATED:
            ids = list(connection.execute(sa.select(Base.metadata.tables[name].c.id)).scalars())
            mend_last_contact(connection, name, ids)


def _count_on(database: Database) -> None:
    """Let the counter of a server's history go on after its highest number."""
    lock = database.schema.lock
    with database.begin() as connection:
        if lagging_history(connection) is None:
            return
        if lock is not None:
            lock[0](connection, database.schema)
        connection.exec_driver_sql(
            "SELECT setval(pg_get_serial_sequence('change', 'id')::regclass, (SELECT max(id) FROM change))"
        )
        if lock is not None:
            lock[1](connection, database.schema)


def _links(uow: UnitOfWork) -> int:
    removed = 0
    for place in places(uow.schema):
        statement = f'SELECT c.id FROM "{place.table}" c WHERE {place.lost}'
        ids = list(uow.connection.exec_driver_sql(statement).scalars())
        if not ids:
            continue
        if place.nullable:
            uow.update_many(place.table, [place.column], [(None, identity) for identity in ids])
        else:
            removed += uow.delete(place.table, ids)
    return removed


def _derived(uow: UnitOfWork) -> None:
    for name in GROUPED:
        for owner, *kind in several_primary(uow.connection, name):
            settle_primary(uow, name, int(str(owner)), *(str(one) for one in kind))
    series = uow.table("number_series")
    for name, number in short_series(uow.connection).items():
        changed = uow.connection.execute(series.update().where(series.c.series == name).values(last=number))
        if not changed.rowcount:
            uow.insert("number_series", {"series": name, "last": number})


def _sort_keys(uow: UnitOfWork) -> None:
    for entity in uow.schema.entities.values():
        table = uow.schema.table(entity)
        for one in entity.fields:
            if not one.sort_by or one.child or one.computed:
                continue
            rows = uow.connection.execute(sa.select(table.c.id, table.c[one.name], table.c[one.sort_by]))
            wrong = [(fold(name or ""), identity) for identity, name, key in rows if fold(name or "") != (key or "")]
            uow.update_many(entity.name, [one.sort_by], wrong)


_MENDERS: dict[str, Callable[[Database], None]] = {
    "integrity": _reindex, "triggers": _install, "timeline": _times, "search": doctor.repair, "rights": _lock_again,
    "derived": _last_contacts,
}  # fmt: skip
_ROWS: dict[str, Callable[[UnitOfWork], None]] = {"derived": _derived, "sort_keys": _sort_keys}
