"""Erasing a person: the record, everything that hangs on it, its whole history, and the bytes; a mark of it stays.

What others need stays without the person: deals keep their amounts, cases of a company their course, activities with
other customers their notes. The names, addresses and numbers of the person are taken out of those as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from crm_desktop.backup import catalogue
from crm_desktop.core import formats
from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.jobs import Progress
from crm_desktop.core.phones import format_phone
from crm_desktop.db import forget
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.forget import Scrubber
from crm_desktop.db.journal import change
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.insight.belongings import Belongings, Rows, collect, grow

KIND = "erase"
TITLE = N_("Erased a person at their request")
PEOPLE = ("contact",)
_DERIVED = (("duplicate_pair", "first_id"), ("duplicate_pair", "second_id"), ("quality_flag", "record_id"))
_STEPS = 6
_DIGITS = 8
"""Shorter runs of digits may be anything, not a phone."""


@dataclass(frozen=True)
class Choices:
    """What happens to records that name the person: ``deals`` and ``cases`` are deleted where True, else they stay."""

    deals: bool = False
    cases: bool = False


@dataclass(frozen=True)
class Kept:
    """A record that stays without the person; ``title`` as it is now, before names are taken out."""

    entity: str
    id: int
    title: str


@dataclass
class ErasurePlan:
    """What would go and what would stay.

    Attributes:
        goes: rows that are deleted, by table; the person's own row is counted under its record type.
        stays: records that stay without the person.
        changes: entries of the history that go.
        files: contents of files that nobody else uses, and their bytes.
    """

    found: Belongings
    goes: Rows
    stays: list[Kept]
    changes: int = 0
    files: tuple[int, int] = (0, 0)
    digests: frozenset[str] = frozenset()
    history: frozenset[int] = frozenset()

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each table go."""
        return {self.found.entity: 1} | {name: len(rows) for name, rows in sorted(self.goes.items())}


@dataclass(frozen=True)
class Erased:
    """What was done: the mark, what went by table, and whether the bytes are gone from the files too."""

    erasure_id: int
    counts: Mapping[str, int] = field(default_factory=dict)
    wiped: bool = True


@dataclass(frozen=True)
class ErasureRow:
    """One erasure as the auditor sees it."""

    id: int
    entity: str
    record_id: int
    reason: str
    asked_by: str
    at: datetime
    by: str
    counts: Mapping[str, int]


def plan_erasure(
    database: Database, connection: sa.Connection, entity: str, record_id: int, choices: Choices | None = None
) -> ErasurePlan:
    """What erasing a person would do. Reads only.

    Raises:
        RecordGone: there is no such person.
        UserError: it is no person.
    """
    choices = choices or Choices()
    if entity not in PEOPLE:
        raise UserError(N_("Only people can be erased. Companies are deleted."))
    found = collect(database, connection, entity, record_id)
    goes: Rows = {name: dict(rows) for name, rows in found.own.items()}
    gone_around: Rows = {}
    for name, rows in _doomed(found, choices).items():
        gone_around[name] = dict(rows)
    grow(database, connection, gone_around)
    for name, rows in gone_around.items():
        goes.setdefault(name, {}).update(rows)
    stays = []
    for name, rows in found.around.items():
        spec = database.schema.by_table.get(name)
        if spec is not None and spec.listed:
            title = spec.title_field
            stays += [
                Kept(spec.name, i, str(row.get(title) or "")) for i, row in rows.items() if i not in goes.get(name, {})
            ]
    plan = ErasurePlan(found, {name: rows for name, rows in goes.items() if rows}, stays)
    plan.history = frozenset(_history_ids(database, connection, plan))
    plan.changes = sum(
        int(connection.execute(sa.select(sa.func.count()).where(change.c.record_id.in_(part))).scalar_one())
        for part in forget.parts(sorted(plan.history))
    )
    plan.digests = frozenset(_digests(connection, plan))
    blob = Base.metadata.tables["blob"]
    sizes = connection.execute(sa.select(blob.c.size).where(blob.c.sha256.in_(plan.digests))).scalars().all()
    plan.files = len(sizes), sum(sizes)
    return plan


def _doomed(found: Belongings, choices: Choices) -> Rows:
    """Records around the person that go with them: activities with nobody else, and what was chosen."""
    result: Rows = {}
    activities = {i: row for i, row in found.around.get("activity", {}).items() if i not in found.shared}
    if activities:
        result["activity"] = activities
    if choices.deals:
        result["deal"] = found.around.get("deal", {})
    if choices.cases:
        result["case_file"] = found.around.get("case_file", {})
    return result


def _history_ids(database: Database, connection: sa.Connection, plan: ErasurePlan) -> set[int]:
    """Every id whose history goes: the person's, and of everything that hangs or ever hung on them."""
    doomed = set(plan.found.ids).union(*(rows.keys() for rows in plan.goes.values()))
    every = forget.history_ids(connection, doomed)
    every |= _old_ties(database, connection, plan.found.ids)
    # what hangs on somebody else now, after a merge was undone, keeps its history
    for part in forget.parts(sorted(every - doomed)):
        names = connection.execute(
            sa.select(change.c.table_name, change.c.record_id).where(change.c.record_id.in_(part)).distinct()
        ).all()
        for name in {row.table_name for row in names}:
            table = Base.metadata.tables.get(name)
            if table is not None:
                mine = [row.record_id for row in names if row.table_name == name]
                every -= set(connection.execute(sa.select(table.c.id).where(table.c.id.in_(mine))).scalars())
    return every


def _old_ties(database: Database, connection: sa.Connection, ids: frozenset[int]) -> set[int]:
    """Rows that tied the person to others, stood under those, and were deleted since."""
    result = set[int]()
    for table in database.schema.tracked_tables:
        column = table.info.get("refers")
        if not column:
            continue
        member = change.c.data[str(column)].as_string()
        rows = sa.select(change.c.record_id).where(
            change.c.op == "D", change.c.table_name == table.name, member.in_([str(one) for one in ids])
        )
        result.update(connection.execute(rows).scalars())
    return result


def _digests(connection: sa.Connection, plan: ErasurePlan) -> set[str]:
    """The hashes of contents that only the person's files have or had."""
    names = ("attachment", "attachment_revision")
    wanted = {str(row["sha256"]) for name in names for row in plan.goes.get(name, {}).values() if row.get("sha256")}
    for part in forget.parts(sorted(plan.history)):
        rows = sa.select(change.c.data).where(change.c.record_id.in_(part), change.c.table_name.in_(names))
        for data in connection.execute(rows.where(change.c.data.isnot(None))).scalars():
            told = data.get("sha256")
            wanted.update(str(one) for one in (told if isinstance(told, list) else [told]) if one)
    used = set[str]()
    for name in names:
        table = Base.metadata.tables[name]
        mine = list(plan.goes.get(name, {}))
        for digest, identity in connection.execute(
            sa.select(table.c.sha256, table.c.id).where(table.c.sha256.in_(wanted))
        ):
            if identity not in mine:
                used.add(digest)
    return wanted - used - _kept_by_others(connection, wanted - used, names, plan.history)


def _kept_by_others(
    connection: sa.Connection, digests: set[str], names: Sequence[str], mine: Collection[int]
) -> set[str]:
    """Those that somebody else's deleted or replaced file has: it may come back by undo. The history is read once for all."""
    found = set[str]()
    if not digests:
        return found
    told = change.c.data["sha256"].as_string().is_not(None)
    rows = sa.select(change.c.record_id, change.c.data).where(change.c.table_name.in_(names), told)
    for owner, data in connection.execute(rows, execution_options={"yield_per": 1000}):
        values = data["sha256"] if isinstance(data["sha256"], list) else [data["sha256"]]
        if owner not in mine:
            found.update(digests.intersection(values))
    return found


def needles_of(found: Belongings) -> list[str]:
    """The names, addresses and numbers by which texts name the person."""
    words = {found.title, str(found.row.get("tax_id") or ""), str(found.row.get("legal_name") or "")}
    for name in ("contact_point", "identifier"):
        for row in found.own.get(name, {}).values():
            value = str(row.get("value") or "")
            words.add(value)
            if row.get("kind") == "phone":
                words |= {format_phone(value, formats.default_country()), format_phone(value, "")}
                words |= {one for one in str(row.get("search_digits") or "").split() if len(one) >= _DIGITS}
    words |= {str(row.get("loser_title") or "") for row in found.own.get("merge_log", {}).values()}
    return [word for word in words if len(word.strip()) >= 4]


def former_words(connection: sa.Connection, plan: ErasurePlan) -> set[str]:
    """What the person was called and reached by before, as the history tells it until it goes.

    Of former names only those of several words: a single one may be anybody's.
    """
    own = Base.metadata.tables["contact"].name
    told = {own: ("name", "legal_name", "tax_id"), "contact_point": ("value",), "identifier": ("value",)}
    found = set[str]()
    for part in forget.parts(sorted(plan.history)):
        rows = sa.select(change.c.table_name, change.c.data).where(
            change.c.record_id.in_(part), change.c.table_name.in_(told), change.c.data.isnot(None)
        )
        for table, data in connection.execute(rows):
            for name in told[table]:
                value = data.get(name)
                values = [str(one) for one in (value if isinstance(value, list) else [value]) if one]
                found.update(one for one in values if table != own or len(one.split()) > 1 or name == "tax_id")
    for number in [one for one in found if one.startswith("+")]:
        found |= {format_phone(number, formats.default_country()), format_phone(number, "")}
    return {one for one in found if len(one.strip()) >= 4}


def erase_person(
    database: Database, entity: str, record_id: int, *, reason: str, asked_by: str, actor: Actor,
    choices: Choices | None = None, progress: Progress | None = None,
) -> Erased:  # fmt: skip
    """Erase a person for good. It cannot be undone; backups made before still hold the data.

    Args:
        reason: why, and ``asked_by`` who asked for it; both stay with the mark.
        choices: what happens to deals and cases.

    Raises:
        FieldError: no reason was given, or nobody asked.
        RecordGone: there is no such person.
        UserError: it is no person, or this user may not.
    """
    progress = progress or Progress()
    for name, value in (("reason", reason), ("asked_by", asked_by)):
        if not value.strip():
            raise FieldError(name, N_("Say why the person is erased and who asked for it; this stays as the proof."))
    progress.update(0, _STEPS, _("Looking for everything about the person…"))
    with write(database, TITLE, actor=actor, kind=KIND) as uow:
        uow.ask_power("erase")
        with forget.as_owner(uow.connection):
            erasure_id, counts, tables = _erase(uow, entity, record_id, reason, asked_by, choices, progress)
    progress.update(5, _STEPS, _("Taking the bytes out of the files…"))
    try:
        wiped = forget.wipe(database, tables)
    except UserError:  # another program has the file: the person is erased, only the bytes have to wait
        wiped = False
    progress.update(6, _STEPS)
    return Erased(erasure_id, counts, wiped)


def _erase(
    uow: UnitOfWork, entity: str, record_id: int, reason: str, asked_by: str, choices: Choices | None,
    progress: Progress,
) -> tuple[int, dict[str, int], list[str]]:  # fmt: skip
    """Everything of it that is in the database, whoever owns what. Returns the mark, what went, and the tables."""
    with uow.unasked():
        if uow.database.sqlite:
            uow.connection.exec_driver_sql("PRAGMA secure_delete=ON")
        plan = plan_erasure(uow.database, uow.connection, entity, record_id, choices)
        progress.update(1, _STEPS, _("Erasing…"))
        scrubber = Scrubber([*needles_of(plan.found), *former_words(uow.connection, plan)])
        _unlink(uow, plan)
        progress.update(2, _STEPS)
        tables = _delete(uow, plan, scrubber)
        progress.update(3, _STEPS, _("Clearing the history…"))
        changes, sets = forget.clear_history(uow, plan.history)
        scrubber.titles(uow)
        counts = plan.counts | {"change": changes, "change_set": sets, "blob": plan.files[0]}
        erasure_id = uow.insert("erasure", {
            "entity": entity, "record_id": record_id, "reason": scrubber.text(reason.strip()),
            "asked_by": scrubber.text(asked_by.strip()), "counts": counts,
        })  # fmt: skip
        if uow.database.sqlite:
            uow.connection.exec_driver_sql("PRAGMA secure_delete=OFF")
        progress.update(4, _STEPS)
    return erasure_id, counts, tables


def _unlink(uow: UnitOfWork, plan: ErasurePlan) -> None:
    """Records that stay name the person no more; the history says so with the person's number only."""
    for reference, ids in plan.found.links.values():
        going = plan.goes.get(reference.table.name, {})
        staying = [one for one in ids if one not in going and one not in plan.found.ids]
        if reference.field is None:
            for part in forget.parts(staying):
                uow.update_where(reference.table.name, {reference.column.name: None}, reference.table.c.id.in_(part))
            continue
        key = reference.field.name.removeprefix("custom.")
        for one in staying:
            table = reference.table
            kept = dict(uow.connection.execute(sa.select(table.c.custom).where(table.c.id == one)).scalar() or {})
            kept.pop(key, None)
            uow.update(table.name, one, {"custom": kept or None})


def _delete(uow: UnitOfWork, plan: ErasurePlan, scrubber: Scrubber) -> list[str]:
    """Delete everything that goes and clean what stays, without a trace in the history. Returns the tables touched."""
    database, connection = uow.database, uow.connection
    own = uow.schema.table(plan.found.entity)
    others = {"import_batch", "saved_view"}
    names = {own.name, *plan.goes, *plan.found.around, *others}
    tables = forget.cascading(uow.schema, names)
    with forget.unlogged(uow, tables):
        order = {table.name: number for number, table in enumerate(database.schema.data_tables)}
        for name in sorted(plan.goes, key=lambda one: -order.get(one, 0)):
            uow.delete(name, plan.goes[name])
        uow.delete(own.name, [plan.found.record_id])
        for name, column in _DERIVED:
            derived = Base.metadata.tables[name]
            connection.execute(derived.delete().where(derived.c[column].in_(plan.found.ids)))
        blob = Base.metadata.tables["blob"]
        if plan.digests:
            uow.delete_where("blob", blob.c.sha256.in_(plan.digests))
        for name, rows in plan.found.around.items():
            staying = [one for one in rows if one not in plan.goes.get(name, {})]
            scrubber.rows(uow, Base.metadata.tables[name], staying)
            scrubber.history(uow, staying)
        for name in sorted(others):
            table = Base.metadata.tables[name]
            scrubber.rows(uow, table)
            scrubber.history(uow, list(connection.execute(sa.select(table.c.id)).scalars()))
    return [table.name for table in tables] + [name for name, _column in _DERIVED] + ["blob", "blob_part", "erasure"]


def wipe_again(database: Database) -> bool:
    """Try once more to take the bytes of erased people out of the files. Returns whether nothing is left."""
    try:
        return forget.wipe(database, ())
    except UserError:
        return False


def erasures(connection: sa.Connection) -> list[ErasureRow]:
    """Every erasure, the newest first, for the auditor."""
    table, user = Base.metadata.tables["erasure"], Base.metadata.tables["user_account"]
    rows = connection.execute(
        sa.select(table, user.c.name.label("who")).outerjoin(user, user.c.id == table.c.created_by)
        .order_by(table.c.created_at.desc(), table.c.id.desc())
    ).mappings()  # fmt: skip
    return [
        ErasureRow(row["id"], row["entity"], row["record_id"], row["reason"] or "", row["asked_by"] or "",
                   row["created_at"], row["who"] or "", row["counts"] or {})
        for row in rows
    ]  # fmt: skip


def backups_with(database: Database) -> list[tuple[str, datetime]]:
    """(file, made) of the known backups that still exist: they hold the person until they are rotated out."""
    return [(one.path, one.created) for one in catalogue.known_backups(database) if one.exists]
