"""Examines a database: is it whole, is nothing lost, does everything that is derived follow from what is stored?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import Unreachable, UserError
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.core.jobs import Progress
from crm_desktop.core.money import SCALE
from crm_desktop.core.refusals import NotAllowed
from crm_desktop.core.text import fold, words
from crm_desktop.db import migrate, search, triggers
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.parts import missing_parts
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import Units
from crm_desktop.db.unit_of_work import write
from crm_desktop.doctor_derived import derived_problems, places
from crm_desktop.doctor_history import history_problems
from crm_desktop.records import blobs, files_check
from crm_desktop.security.postgres.state import lock_state

SAMPLE = 1_500
"""How many rows of a kind are compared one by one, where not all are."""
UNREADABLE = (ValueError, ArithmeticError, sa.exc.DBAPIError)
"""What reading raises where a value is not what its column holds: no day, no number, no JSON, no text."""
_MOST_MONEY = 10**14 * SCALE
_MISSING, _EXTRA, _DIFFERENT = N_("{name}: {n} missing"), N_("{name}: {n} too many"), N_("{name}: {n} different")


@dataclass(frozen=True)
class Finding:
    """What one check found: ``detail`` is a sentence in the language in use, ``data`` numbers and examples."""

    check: str
    ok: bool
    detail: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Patient:
    """What the checks look at."""

    database: Database
    connection: sa.Connection
    full: bool
    progress: Progress = field(default_factory=Progress)

    @property
    def schema(self) -> Schema:
        """The record types."""
        return self.database.schema

    def count(self, statement: str) -> int:
        """The number that a statement gives."""
        return int(self.connection.exec_driver_sql(statement).scalar_one())


Problems = list[str]
Check = tuple[str, str, str, Callable[[Patient], Problems]]


def check(database: Database, *, full: bool = False, progress: Progress | None = None) -> list[Finding]:
    """Run every check.

    Args:
        full: look at every row; otherwise the history and the search texts are compared by a sample.

    Returns:
        One finding per check, in order.

    Raises:
        Unreachable: the server went away.
        Cancelled: the user stopped it.
    """
    progress = progress or Progress()
    findings = []
    locked = _is_locked(database)
    chosen = [one for one in CHECKS if locked or one[0] not in _OF_LOCKED]
    for number, (name, good, bad, run) in enumerate(chosen):
        progress.update(number, len(chosen), _(good))
        try:
            with database.read_all() as connection:
                problems = run(Patient(database, connection, full, progress))
        except Unreachable:
            raise  # nothing was found: nobody answered
        except UserError as error:
            problems = [str(error)]
        except UNREADABLE as error:  # the other checks go on: one of them may tell where it is
            reason = getattr(error, "orig", None) or error
            problems = [_("A stored value cannot be read: {reason}").format(reason=reason)]
        if not problems:
            findings.append(Finding(name, True, _(good)))
            continue
        sentence = _(bad) + " " + "; ".join(problems[:3])
        if len(problems) > 3:
            more = len(problems) - 3
            sentence += "; " + ngettext("and {n} more", "and {n} more", more).format(n=more)
        findings.append(Finding(name, False, sentence, {"problems": problems[:50], "count": len(problems)}))
    progress.update(len(chosen), len(chosen))
    return findings


def _is_locked(database: Database) -> bool:
    if database.sqlite:
        return False
    with database.read_all() as connection:
        return lock_state(connection, database.schema).state != "plain"


def problems(database: Database, progress: Progress | None = None) -> list[str]:
    """What the quick checks find, one sentence each; none where all is well."""
    return [one.detail for one in check(database, progress=progress) if not one.ok]


def repair(database: Database) -> None:
    """Put triggers back as they must be and make the search index anew. The data itself is never touched."""
    migrate.refuse_strangers(database)
    lock = None if database.sqlite else database.schema.lock
    with database.begin() as connection:
        if lock is not None:
            lock[0](connection, database.schema)
        migrate.install(connection, database.schema)
        search.rebuild(connection, database.schema)
        if lock is not None:
            lock[1](connection, database.schema)


def clean_files(database: Database) -> tuple[int, int]:
    """Let the contents of files go that no record has any more. Undo of their deletion then brings back a file without
    its content. Returns how many they were, and their bytes.

    Raises:
        NotAllowed: who asks is neither owner nor administrator.
    """
    if not database.access.everything:
        raise NotAllowed(
            N_("Only owners and administrators let contents of files go. Ask one of them."), action="erase"
        )
    with write(database, N_("Let unused file contents go"), kind="system") as uow:
        return blobs.delete_unused(uow)


def _told(sentence: str, name: str, count: int) -> Problems:
    return [_(sentence).format(name=name, n=count)] if count else []


def _schema(patient: Patient) -> Problems:
    found = migrate.state(patient.database)
    if found != "current":
        return [found]
    return [_("{name} is missing").format(name=one) for one in missing_parts(patient.connection, patient.schema)]


def _integrity(patient: Patient) -> Problems:
    if patient.database.sqlite:
        return [row for row in _pages_checked(patient) if row != "ok"]
    problems = [
        f"{name}: {patient.connection.exec_driver_sql(f'SELECT count(*) FROM {name}').scalar_one()}"
        for name in patient.connection.exec_driver_sql(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready)"
        ).scalars()
    ]
    for table in patient.schema.data_tables:
        patient.count(f'SELECT count(*) FROM "{table.name}"')
    failures = "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()"
    return problems + (["checksum"] if patient.count(failures) else [])


def _pages_checked(patient: Patient) -> list[str]:
    """What SQLite says of every page of the file; it reads all of it, so it can be stopped."""
    raw: Any = patient.connection.connection.driver_connection
    raw.set_progress_handler(lambda: int(patient.progress.cancelled), 10_000)
    try:
        return [str(row) for row in patient.connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars()]
    except sa.exc.OperationalError:
        patient.progress.check()
        raise
    finally:
        raw.set_progress_handler(None, 0)


def _foreign_keys(patient: Patient) -> Problems:
    """Rows whose parent is gone, whether the database enforces it (a key) or only we do (an id alone)."""
    problems = []
    for place in places(patient.schema):
        count = patient.count(f'SELECT count(*) FROM "{place.table}" c WHERE {place.lost}')
        problems += _told(N_("{name}: {n} lost"), f"{place.table}.{place.column}", count)
    return problems


def expected_triggers(schema: Schema, sqlite: bool) -> dict[str, str]:
    """Every trigger that must be there and, as ``triggers.installed`` gives it, its text."""
    made = triggers.cascade_triggers(schema, sqlite)
    made += search.sqlite_triggers(schema) if sqlite else search.postgres_triggers(schema)
    for table in schema.tracked_tables:
        made += triggers.sqlite_triggers(table) if sqlite else triggers.postgres_triggers(table)
    result = {}
    for statement in made:
        name = re.search(r'(?:TRIGGER|FUNCTION) "([^"]+)"', statement)
        assert name is not None
        if sqlite:
            result[name[1]] = statement
        elif "AS $$" in statement:
            result[name[1]] = statement.split("$$")[1] + "O"
    return result


def _triggers(patient: Patient) -> Problems:
    there = triggers.installed(patient.connection)
    wanted = expected_triggers(patient.schema, patient.database.sqlite)
    both = wanted.keys() & there.keys()
    problems = [_("{name} is missing").format(name=name) for name in sorted(wanted.keys() - there.keys())]
    problems += [_("{name} is different").format(name=name) for name in sorted(both) if wanted[name] != there[name]]
    problems += [_("{name} is unknown").format(name=name) for name in unknown_triggers(there, wanted)]
    if patient.database.sqlite and not _has_context(patient):
        problems.append(_("{name} is different").format(name="change_context"))
    return problems


def unknown_triggers(there: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Triggers that neither this program nor its lock of a server made."""
    return [name for name in sorted(set(there) - set(wanted)) if not name.startswith("lock_")]


def _has_context(patient: Patient) -> bool:
    """Whether the row is there without which the triggers of a file write nothing, and no change set is open in it."""
    return (
        patient.count("SELECT count(*) FROM change_context WHERE id = 1 AND change_set_id IS NULL")
        == 1
        == (patient.count("SELECT count(*) FROM change_context"))
    )


def _search(patient: Patient) -> Problems:
    problems = []
    known = []
    for entity in patient.schema.entities.values():
        if not entity.searchable:
            continue
        known.append(f"'{entity.name}'")
        missing = patient.count(
            f'SELECT count(*) FROM "{entity.table}" r WHERE NOT EXISTS '
            f"(SELECT 1 FROM search_text s WHERE s.id = r.id AND s.entity = '{entity.name}')"
        )
        extra = patient.count(
            f"SELECT count(*) FROM search_text s WHERE s.entity = '{entity.name}' AND NOT EXISTS "
            f'(SELECT 1 FROM "{entity.table}" r WHERE r.id = s.id)'
        )
        problems += _told(_MISSING, entity.name, missing) + _told(_EXTRA, entity.name, extra)
        problems += _told(_DIFFERENT, entity.name, sum(1 for _row in _wrong_texts(patient, entity.name)))
    strangers = patient.count(f"SELECT count(*) FROM search_text WHERE entity NOT IN ({', '.join(known)})")
    return problems + _told(_EXTRA, "search_text", strangers) + _full_text(patient)


def _wrong_texts(patient: Patient, entity: str) -> Iterator[int]:
    """Ids of records whose search text is not what their fields say; the order of child rows does not count."""
    spec = patient.schema.entity(entity)
    chosen = "1 = 1" if patient.full else f'r.id IN (SELECT id FROM "{spec.table}" ORDER BY id DESC LIMIT {SAMPLE})'
    text = search.select_texts(patient.schema, spec, patient.database.sqlite, chosen)
    rows = patient.connection.exec_driver_sql(
        "SELECT e.id, e.body, s.body, e.title = s.title FROM search_text s "
        f"JOIN (SELECT x.* FROM ({text}) x) AS e({'id, entity, title, body'}) ON e.id = s.id"
        if not patient.database.sqlite
        else f"WITH e(id, entity, title, body) AS ({text}) "
        "SELECT e.id, e.body, s.body, e.title = s.title FROM e JOIN search_text s ON s.id = e.id"
    )
    for identity, wanted, stored, same_title in rows:
        if not same_title or wanted != stored and Counter(words(wanted)) != Counter(words(stored)):
            yield int(identity)


def _full_text(patient: Patient) -> Problems:
    if not patient.database.sqlite:
        chosen = "" if patient.full else f"ORDER BY id DESC LIMIT {SAMPLE}"
        wrong = f"FROM (SELECT body, vector FROM search_text {chosen}) s WHERE vector IS DISTINCT FROM crm_vector(body)"
        return _told(_DIFFERENT, "search_text", patient.count(f"SELECT count(*) {wrong}"))
    if patient.database.read_only:
        return []
    try:
        with patient.database.begin() as connection:
            connection.exec_driver_sql("INSERT INTO search_fts(search_fts, rank) VALUES ('integrity-check', 1)")
    except (sa.exc.DBAPIError, UserError):
        return [_("The full-text index does not fit the texts.")]
    return []


def _sort_keys(patient: Patient) -> Problems:
    problems = []
    for entity in patient.schema.entities.values():
        for one in entity.fields:
            if not one.sort_by or one.child or one.computed:
                continue
            table = patient.schema.table(entity)
            statement = sa.select(table.c[one.name], table.c[one.sort_by]).execution_options(yield_per=5000)
            wrong = sum(1 for name, key in patient.connection.execute(statement) if fold(name or "") != (key or ""))
            problems += _told(_DIFFERENT, f"{entity.name}.{one.sort_by}", wrong)
    return problems


def _times(patient: Patient) -> Problems:
    """Links of activities that stand at another time in the timeline than their activity."""
    link, activity = Base.metadata.tables["activity_link"], Base.metadata.tables["activity"]
    at = sa.func.coalesce(activity.c.done_at, activity.c.created_at)
    wrong = sa.select(sa.func.count()).select_from(link.join(activity, activity.c.id == link.c.activity_id))
    count = patient.connection.execute(wrong.where(link.c.activity_at.is_distinct_from(at))).scalar_one()
    return _told(_DIFFERENT, "activity_link", int(count))


def _derived(patient: Patient) -> Problems:
    return derived_problems(patient.connection, None if patient.full else SAMPLE)


def _history(patient: Patient) -> Problems:
    return history_problems(patient.connection, patient.schema, None if patient.full else SAMPLE)


def _files(patient: Patient) -> Problems:
    """Files whose content is missing or not what was stored, by their name and the record that they belong to."""
    return [
        _("{file} of {record}, revision {n}").format(file=one.name, record=one.record, n=one.revision)
        for one in files_check.damaged_files(patient.database, patient.connection, patient.progress)
    ]


def _amounts(patient: Patient) -> Problems:
    problems = []
    for table in patient.schema.data_tables:
        for column in table.columns:
            if not isinstance(column.type, Units):
                continue
            wrong = f'abs("{column.name}") >= {_MOST_MONEY}'
            if patient.database.sqlite:
                wrong = f"typeof(\"{column.name}\") NOT IN ('integer', 'null') OR {wrong}"
            count = patient.count(f'SELECT count(*) FROM "{table.name}" WHERE {wrong}')
            problems += _told(_DIFFERENT, f"{table.name}.{column.name}", count)
    return problems


def _rights(patient: Patient) -> Problems:
    """What is missing of the lock of a server database, or was opened by hand."""
    return list(lock_state(patient.connection, patient.schema).problems)


_OF_LOCKED = frozenset({"rights"})
"""What only a server has that enforces rights itself."""
CHECKS: tuple[Check, ...] = (
    ("schema", N_("The schema is the one of this program."), N_("The schema is not the one of this program:"), _schema),
    ("integrity", N_("The database is whole."), N_("The database is damaged:"),
     _integrity),
    ("links", N_("Every row has what it belongs to."), N_("Rows have lost what they belong to:"), _foreign_keys),
    ("triggers", N_("Every change is written into the history."),
     N_("Triggers are not as they must be:"), _triggers),
    ("rights", N_("The rights of the server are whole."),
     N_("The rights of the server are not whole:"), _rights),
    ("history", N_("The history explains every row."), N_("The history does not explain some rows:"), _history),
    ("search", N_("The search index is right."), N_("The search index is not right:"), _search),
    ("sort_keys", N_("Lists sort by the names they show."), N_("Sort keys do not follow the names:"), _sort_keys),
    ("timeline", N_("Timelines show activities at their time."), N_("Timelines show activities at another time:"),
     _times),
    ("derived", N_("Numbers, main phones and last contacts are right."),
     N_("Numbers, main phones or last contacts are not right:"), _derived),
    ("files", N_("Every stored file is whole."), N_("Stored files are damaged or missing:"), _files),
    ("amounts", N_("Every amount is a number in range."), N_("Amounts are out of range or no numbers:"), _amounts),
)  # fmt: skip
