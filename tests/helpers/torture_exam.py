"""What must be true after a program was killed: it opens, the doctor is content, nothing acknowledged is lost or half done."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from crm_desktop import app, features, upgrading
from crm_desktop.backup import whole_zip
from crm_desktop.backup.container import extract
from crm_desktop.backup.proving import verify_backup
from crm_desktop.backup.sweeping import sweep_partials
from crm_desktop.backup.way_back import way_back
from crm_desktop.core import paths
from crm_desktop.core.jobs import Progress
from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.doctor import check
from crm_desktop.doctor_repair import plan_repairs, repair
from crm_desktop.records import compaction, history, retention, service
from tests.helpers import old_offices
from tests.helpers.torture_crowd import examine_crowd
from tests.helpers.torture_jobs import policy_of
from tests.helpers.torture_place import Place, bare, entries
from tests.helpers.torture_work import ANA, facts, state_of, told

Told = list[tuple[str, str]]
MISSED_BY_DOCTOR = {"history"}
"""What was changed behind the history stays unknown to it, whatever is repaired."""


def examine(place: Place, counts: Counter[str]) -> None:
    """Be the program that starts after the kill.

    Raises:
        AssertionError: something is lost, half done or left behind.
    """
    said = told(place.folder / "journal")
    with place.as_next_start():
        if place.kind in _FILES:
            _FILES[place.kind](place, said, counts)
        else:
            database = app.open_database(place.target)
            try:
                app.enter(database)
                _DATABASES.get(place.kind, _units)(place, database, said, counts)
                sweep_partials(database, older_than=0)
            finally:
                database.close()
        _nothing_left(place)


def wrong(database: Database) -> dict[str, str]:
    """What the doctor finds, looking at every row."""
    return {finding.check: finding.detail for finding in check(database, full=True) if not finding.ok}


def _nothing_left(place: Place) -> None:
    left = [path.name for path in (place.folder / "tmp").iterdir()]
    left += [path.name for path in paths.journals_folder().iterdir()]
    for ending in ("*.partial", "*.restoring*", "*.going-back*"):
        left += [path.name for path in place.folder.rglob(ending)]
    assert not left, f"left behind: {left}"


def _units(place: Place, database: Database, said: Told, counts: Counter[str]) -> None:
    """The data is that of the last commit, or of the one that was under way."""
    found = wrong(database)
    assert not found, found
    sure, maybe = facts(said)
    state = state_of(database)
    counts["acknowledged"] += sum(1 for what, _value in said if what == "done")
    if maybe:
        counts["whole" if state == maybe else "absent"] += 1
    assert state in {sure or place.state, maybe}, "the data is neither that of the last commit nor of the next"
    place.state = state
    for what, value in said:
        if what == "backup":
            assert verify_backup(value, database.schema).proven, value
            counts["backups"] += 1
    archive = place.folder / "archives" / "whole.zip"
    if archive.exists():
        assert not whole_zip.check_archive(archive).problems
        counts["archives"] += 1
    if sum(counts.values()) % 3 == 0:
        _go_on(database)


def _go_on(database: Database) -> None:
    """The office can be worked in: a save, and its undo, which leaves it as it was."""
    with write(database, "After", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": "After the kill", "mobile": "41 95550-0142"})
        number = uow.change_set_id
    history.undo(database, number, ANA)


def _crowded(place: Place, database: Database, said: Told, counts: Counter[str]) -> None:
    """What several people were told is true."""
    found = wrong(database)
    assert not found, found
    examine_crowd(database, said, counts)
    _go_on(database)


# -- upgrades --------------------------------------------------------------------------------------------------------


def _migrated(place: Place, said: Told, counts: Counter[str]) -> None:
    database = Database(place.target, features.schema())
    try:
        state = migrate.state(database)
    finally:
        database.close()
    counts["whole" if state == "current" else "absent"] += 1
    if state != "current":
        assert state == "older", state
        assert old_offices.raw_state(place.target) == place.state, "a migration that did not happen changed something"
    database = app.open_database(place.target)
    try:
        app.enter(database)
        known = upgrading.last_upgrade(database)
        assert (
            known is not None
            and verify_backup(known.copy, database.schema, password=upgrading.known_password(known)).proven
        ), "there is no way back"
        old_offices.examine(database)
        sweep_partials(database, older_than=0)
    finally:
        database.close()


def _went_back(place: Place, said: Told, counts: Counter[str]) -> None:
    path = Path(place.target)
    database = Database(path, features.schema())
    try:
        state = migrate.state(database)
    finally:
        database.close()
    kept = [one for one in path.parent.glob("office *.crm")]
    if state == "current":
        counts["absent"] += 1
    else:
        counts["whole"] += 1
        assert old_offices.raw_state(place.target) == place.state, "what came back is not what was before the upgrade"
        assert len(kept) == 1, "the upgraded file is kept"
    database = app.open_database(path)  # whoever opens it with this program upgrades it again
    try:
        app.enter(database)
        old_offices.examine(database)
        sweep_partials(database, older_than=0)
    finally:
        database.close()
    for one in path.parent.glob("office *.crm"):
        assert not os.path.samefile(one, path), "two names for one file: two programs would damage it"
        _is_whole(one)


def _is_whole(path: Path) -> None:
    database = app.open_database(path, create=False)
    try:
        assert not wrong(database)
    finally:
        database.close()


# -- restores --------------------------------------------------------------------------------------------------------


def _state_of_copy(place: Place, backup: str) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory(dir=place.folder) as folder:
        plain = Path(folder) / "plain.crm"
        extract(Path(backup), plain, None, Progress())
        database = Database(plain, features.schema())
        try:
            return bare(database)
        finally:
            database.close()


def _restored(place: Place, said: Told, counts: Counter[str]) -> None:
    """The present file with all that was acknowledged, or the backup with the way back."""
    database = app.open_database(place.target)
    try:
        app.enter(database)
        found = wrong(database)
        assert not found, found
        with database.read_all() as connection:
            back = way_back(connection)
        counts["absent" if back is None else "whole"] += 1
        if back is None:
            sure, maybe = facts(said)
            assert state_of(database) in {sure or place.state, maybe}, "the present file lost something"
        else:
            assert bare(database) == _state_of_copy(place, place.template.backup), "not what the backup has"
            assert verify_backup(back.copy, database.schema).proven, "the way back is not proven"
            kept = _state_of_copy(place, back.copy)
            assert any('"Last ' in line for line in kept), "the way back lacks the last save"
        _go_on(database)
        sweep_partials(database, older_than=0)
    finally:
        database.close()


# -- compaction and repairs ------------------------------------------------------------------------------------------


def _compacted(place: Place, database: Database, said: Told, counts: Counter[str]) -> None:
    """The data is untouched, what went is told, the rest of the history is whole, and the next run ends it."""
    seed = int(next((value for what, value in said if what == "policy"), "0"))
    for step in ("killed", "ended"):
        found = wrong(database)
        assert not found, (step, found)
        assert bare(database) == place.template.bare, f"{step}: the data of the office changed"
        _account_for(database, place.template.entries, step)
        if step == "killed":
            with database.read() as connection:
                counts["whole" if retention.accounts(connection) else "absent"] += 1
            compaction.compact(database, policy_of(seed), ANA)
    assert len(entries(database)) < len(place.template.entries), "nothing went: there is nothing to examine"
    _go_on(database)
    _undo_young(database)


def _account_for(database: Database, before: Mapping[int, bool], step: str) -> None:
    now = entries(database)
    went = sum(1 for identity in before if identity not in now)
    emptied = sum(1 for identity, full in before.items() if full and identity in now and not now[identity])
    with database.read() as connection:
        said = sum(one.changes for one in retention.accounts(connection, 100))
    assert went + emptied <= said, f"{step}: {went} entries went, {emptied} lost their values, {said} were told"


def _undo_young(database: Database) -> None:
    """What was done lately can be undone, as before."""
    with database.read() as connection:
        young = [row.id for row in history.recent(connection, limit=40) if row.title == "Edit"][:1]
    assert young
    history.undo(database, young[0], ANA)
    assert not wrong(database)


def _mended(place: Place, database: Database, said: Told, counts: Counter[str]) -> None:
    """The rows are those of before or of after, a copy was made before anything changed, and a second repair ends it."""
    sure, maybe = facts(said)
    state = state_of(database)
    assert state in {sure or place.state, maybe}, "rows are half repaired"
    counts["whole" if state != place.state else "absent"] += 1
    left = wrong(database)
    copies = list((place.folder / "backups").glob("*.crmbackup"))
    if state != place.state or set(left) != place.template.ill:
        assert copies, "something was changed before there was a copy"
    names = [one.check for one in plan_repairs(check(database, full=True))]
    if names:
        repair(database, names, ANA, folder=place.folder / "backups")
    assert set(wrong(database)) <= MISSED_BY_DOCTOR
    _go_on(database)


_FILES: dict[str, Callable[[Place, Told, Counter[str]], None]] = {
    "migration": _migrated, "back": _went_back, "restore": _restored,
}  # fmt: skip
_DATABASES: dict[str, Callable[[Place, Database, Told, Counter[str]], None]] = {
    "compaction": _compacted, "repair": _mended, "crowd": _crowded,
}  # fmt: skip
