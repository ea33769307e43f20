"""The history: what happened to a record, recent change sets, and undo of any of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.core.refusals import without_power
from crm_desktop.db.database import Database
from crm_desktop.db.journal import NOT_PLAIN, PART, change, change_set, changes_of
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import from_json
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.records import undo_plan
from crm_desktop.records.restoring import nets_of
from crm_desktop.records.titles import title_text
from crm_desktop.records.undo_plan import UndoPlan, plan_undo
from crm_desktop.records.undo_run import Cell, carry_out

OUTSIDE = N_("Changed outside the program")
UNDONE, REDONE = N_("Undo: {title}"), N_("Redo: {title}")
BRING_BACK = frozenset({"restore", "undo", "redo", PART})
"""Kinds of change sets that insert only what was there before. An import does both: it brings back what it finds deleted."""


@dataclass(frozen=True)
class FieldChange:
    """One field before and after, as Python values; ``label`` is a source text (or the office's own)."""

    name: str
    label: str
    old: Any
    new: Any


@dataclass(frozen=True)
class ChangeEntry:
    """One row that was inserted, updated or deleted, with the change set it belongs to."""

    id: int
    change_set_id: int | None
    title: str
    kind: str
    at: datetime | None
    user_id: int | None
    user_name: str
    table: str
    record_id: int
    parent_id: int | None
    op: str
    fields: Sequence[FieldChange] = ()


@dataclass(frozen=True)
class Batch:
    """Change sets that were one step for the user: undone together, and one by one. ``title`` names them all."""

    id: int
    title: str


@dataclass(frozen=True)
class ChangeSetRow:
    """A change set as the page of changes lists it. ``title`` is in the user's language."""

    id: int
    title: str
    kind: str
    at: datetime
    user_id: int | None
    user_name: str
    undoes: int | None
    undone_by: int | None
    counts: Mapping[str, int] = field(default_factory=dict)
    """Rows by operation: {"I": 3, "U": 1}. Filled by :func:`change_set_details` only."""
    batch: Batch | None = None
    compacted_at: datetime | None = None
    """When some of it was let go from the history: it can no longer be undone."""
    of: str = ""
    """The title of what it undid, where it is an undo."""
    left: int = 0
    """How many rows it left as they were, where it is an undo: later edits stood in the way."""

    @property
    def takes_back(self) -> bool:
        """Whether it took something back: undoing it does that again."""
        return self.kind == "undo" and bool(self.of)

    @property
    def can_be_undone(self) -> bool:
        """Whether undo may be offered: it was neither undone nor compacted, and is no erasure."""
        return self.undone_by is None and self.compacted_at is None and self.kind not in ("erase", "purge")


def came_back(kind: str, row_id: int, change_set_id: int | None) -> bool:
    """Whether a row that a change set inserted had been there before: it came back, and was not made.

    Args:
        kind: of the change set.
    """
    older = change_set_id is not None and row_id < change_set_id  # ids are given out in time
    return kind in BRING_BACK or kind == "import" and older


def recent(
    connection: sa.Connection, *, limit: int = 50, before: int | None = None, user_id: int | None = None,
    kinds: Sequence[str] = (),
) -> list[ChangeSetRow]:  # fmt: skip
    """The newest change sets first.

    Args:
        before: only those older than this change set (the next page).
        user_id: only those of one user.
        kinds: only these kinds ("edit", "import", "bulk", "merge", "undo").
    """
    statement = sa.select(change_set).order_by(change_set.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(change_set.c.id < before)
    if user_id is not None:
        statement = statement.where(change_set.c.user_id == user_id)
    if kinds:
        statement = statement.where(change_set.c.kind.in_(kinds))
        if "edit" not in kinds:
            statement = statement.where(NOT_PLAIN)
    return [row_of(row) for row in connection.execute(statement).mappings()]


def row_of(row: sa.RowMapping, counts: Mapping[str, int] | None = None) -> ChangeSetRow:
    """A change set from its row of the table."""
    return ChangeSetRow(
        row["id"], title_text(row["title"], row["params"]), row["kind"], row["at"], row["user_id"],
        row["user_name"] or "", row["undoes"], row["undone_by"], counts or {}, _batch(row["params"]),
        row["compacted_at"], _of(row["params"]), left_by(row["params"]),
    )  # fmt: skip


def _of(params: Any) -> str:
    """The title of what an undo took back; "" of anything else."""
    found = (_params(params) or {}).get("of")
    return title_text(*found) if found else ""


def left_by(params: Any) -> int:
    """How many rows an undo left as they were, from its parameters."""
    return int((_params(params) or {}).get("left", 0))


def batch_params(batch_id: int, title: str, /, **params: Any) -> dict[str, Any]:
    """What every change set of a batch carries among its parameters under "batch".

    Args:
        batch_id: an id older than the first of the change sets.
        title: of all of them together, a source text with its placeholders.
    """
    return {"id": batch_id, "title": title, "params": params}


def _batch(params: Any) -> Batch | None:
    """The batch that a change set is of, or that it undoes a part of."""
    known = _params(params) or {}
    while "of" in known:
        known = known["of"][1] or {}
    found = known.get("batch")
    return Batch(found["id"], title_text(found["title"], found["params"])) if found else None


def batch_ids(connection: sa.Connection, row: ChangeSetRow) -> list[int]:
    """The change sets that stand of the batch of one, of its kind, the newest first; the one alone where it is of none."""
    if row.batch is None:
        return [row.id]
    statement = sa.select(change_set.c.id, change_set.c.params).where(
        change_set.c.id > row.batch.id, change_set.c.kind == row.kind, change_set.c.undone_by.is_(None),
        change_set.c.compacted_at.is_(None),
    )  # fmt: skip
    found = connection.execute(statement.order_by(change_set.c.id.desc())).all()
    return [one.id for one in found if (batch := _batch(one.params)) is not None and batch.id == row.batch.id]


def change_set_details(connection: sa.Connection, change_set_id: int) -> ChangeSetRow:
    """One change set with its counts.

    Raises:
        UserError: there is none with this number.
    """
    row = connection.execute(sa.select(change_set).where(change_set.c.id == change_set_id)).mappings().first()
    if row is None:
        raise UserError(N_("There is no change {number} in the history."), number=change_set_id)
    counts = connection.execute(
        sa.select(change.c.op, sa.func.count()).where(changes_of(connection, change_set_id)).group_by(change.c.op)
    )
    return row_of(row, {op: number for op, number in counts})


def last_undoable(connection: sa.Connection, *, user_id: int | None, since: int = 0) -> ChangeSetRow | None:
    """The newest change set of a user that Undo would take back: it stands, and took back no other one itself.

    Args:
        since: only change sets after this one (what this window did).
    """
    statement = (
        sa.select(change_set)
        .where(
            change_set.c.id > since,
            change_set.c.undone_by.is_(None),
            change_set.c.compacted_at.is_(None),
            change_set.c.kind.not_in(("system", "erase", "purge")),
            sa.not_(change_set.c.kind.in_(("undo", "redo")) & (change_set.c.title == UNDONE)),
        )
        .order_by(change_set.c.id.desc())
        .limit(1)
    )
    statement = statement.where(change_set.c.user_id.is_(None) if user_id is None else change_set.c.user_id == user_id)
    row = connection.execute(statement).mappings().first()
    return None if row is None else row_of(row)


def last_redoable(connection: sa.Connection, *, user_id: int | None, since: int = 0) -> ChangeSetRow | None:
    """The newest undo of a user that Redo would take back; None once the user changed something after it."""
    statement = sa.select(change_set).where(change_set.c.id > since).order_by(change_set.c.id.desc()).limit(200)
    statement = statement.where(change_set.c.user_id.is_(None) if user_id is None else change_set.c.user_id == user_id)
    for row in connection.execute(statement).mappings():
        if row["kind"] not in ("undo", "redo") or row["title"] not in (UNDONE, REDONE):
            return None  # one with a title of its own, as taking a merge apart, is something that the user did
        if row["title"] == UNDONE and row["undone_by"] is None:
            return row_of(row) if row["compacted_at"] is None else None
    return None


def record_history(
    database: Database, connection: sa.Connection, entity: str, record_id: int, *, limit: int = 50,
    before: int | None = None, fields: Sequence[Any] = (),
) -> list[ChangeEntry]:  # fmt: skip
    """What happened to a record and its child rows, newest first.

    Args:
        before: only changes older than this change id (the next page).
        fields: the fields of the record type, custom ones included, for labels; the declared ones where empty.
    """
    spec = database.schema.entity(entity)
    labels = {one.name: one.label for one in (fields or spec.fields)}
    older = change.c.id < before if before is not None else sa.true()
    # two indexed branches instead of an OR, which SQLite would answer by a scan
    own = sa.select(change.c.id).where(change.c.record_id == record_id, older).order_by(change.c.id.desc()).limit(limit)
    hung = (
        sa.select(change.c.id).where(change.c.parent_id == record_id, older).order_by(change.c.id.desc()).limit(limit)
    )
    ids = sa.union(sa.select(own.subquery().c.id), sa.select(hung.subquery().c.id))
    statement = (
        sa.select(change, change_set.c.title, change_set.c.params, change_set.c.kind, change_set.c.user_id,
                  change_set.c.user_name.label("set_user"), change_set.c.at.label("set_at"))
        .outerjoin(change_set, change_set.c.id == change.c.change_set_id)
        .where(change.c.id.in_(ids)).order_by(change.c.id.desc()).limit(limit)
    )  # fmt: skip
    return [_entry(database.schema, row, labels) for row in connection.execute(statement).mappings()]


def _entry(schema: Schema, row: sa.RowMapping, labels: Mapping[str, str]) -> ChangeEntry:
    title = title_text(row["title"], row["params"]) if row["title"] else translate(OUTSIDE)
    return ChangeEntry(
        row["id"], row["change_set_id"], title, row["kind"] or "outside", row["set_at"] or row["at"], row["user_id"],
        row["set_user"] or row["user_name"] or "", row["table_name"], row["record_id"], row["parent_id"], row["op"],
        field_changes(schema, row["table_name"], row["op"], row["data"], labels),
    )  # fmt: skip


def field_changes(schema: Schema, table_name: str, op: str, data: Any, labels: Mapping[str, str]) -> list[FieldChange]:
    """The fields of a change as Python values; the custom column is taken apart into its fields."""
    if op != "U" or not data:
        return []
    table = undo_plan.table_named(schema, table_name)
    spec = schema.by_table.get(table_name)
    own = {one.name: one.label for one in spec.fields} if spec else {}
    result = []
    for name, (old, new) in data.items():
        if name == "custom":
            before, after = old or {}, new or {}
            for key in sorted(set(before) | set(after)):
                if before.get(key) != after.get(key):
                    full = f"custom.{key}"
                    result.append(FieldChange(full, labels.get(full, key), before.get(key), after.get(key)))
            continue
        if name in ("sort_name",) or table is None or name not in table.columns:
            continue
        kind = table.columns[name].type
        result.append(
            FieldChange(name, labels.get(name) or own.get(name, name), from_json(kind, old), from_json(kind, new))
        )
    return result


def undo(
    database: Database, change_set_id: int, actor: Actor, *, choice: str = "safe", progress: Progress | None = None,
    put_back: Collection[Cell] = (), title: tuple[str, Mapping[str, Any]] | None = None,
    also: Callable[[UnitOfWork, UndoPlan], None] | None = None, only: Collection[tuple[str, int]] | None = None,
) -> UndoPlan:  # fmt: skip
    """Undo a change set, in a change set of its own, which can be undone in turn (redo).

    Args:
        choice: "safe" takes back what no later edit stands in the way of; "all" also what was edited later;
            "refuse" does nothing where anything stands in the way.
        put_back: with "safe", what was edited later and goes back anyway.
        title: what the history calls it, a source text and its parameters; "Undo: …" where None.
        also: done in the same unit of work after it.
        only: just these (table, row) of it, with what hangs on them; the rest can be undone later.

    Returns:
        The plan that was carried out: what was taken back, what was left and why.

    Raises:
        UserError: nothing of it can be undone, it was undone already, or ``choice`` is "refuse" and later edits
            stand in the way.
    """
    progress = progress or Progress()
    with database.read() as connection:
        details = change_set_details(connection, change_set_id)
        row = connection.execute(
            sa.select(change_set.c.title, change_set.c.params).where(change_set.c.id == change_set_id)
        ).one()
        total = sum(details.counts.values())
    if details.user_id != actor.user_id and not database.access.can("history"):
        raise without_power("history")
    _refuse_spent(details)
    if title is not None:
        words, params = title
    else:
        of = (_params(row.params) or {}).get("of")
        chained = details.kind in ("undo", "redo") and of
        words = REDONE if chained and row.title == UNDONE else UNDONE
        params = {"of": of if chained else [row.title, row.params]}
    kind = "redo" if details.kind == "undo" else "undo"
    if only is not None:
        words, params, kind = N_("Undo a part of: {title}"), {"of": [row.title, row.params]}, PART
    with write(database, words, actor=actor, kind=kind, bulk=total > 2000, params=params, undoes=change_set_id) as uow:
        _refuse_spent(_held(uow.connection, change_set_id))  # a colleague may have been quicker, or the years
        found = plan(database, uow.connection, change_set_id, only)
        _refuse_under_merges(found, details.title)
        if choice == "refuse" and found.blocked:
            words = N_("“{title}” cannot be undone whole: {count} records were changed later.")
            if found.blocked_count == 1:
                words = N_("“{title}” cannot be undone whole: a record was changed later.")
            raise UserError(words, title=details.title, count=found.blocked_count)
        root = _root(uow.connection, change_set_id)
        with uow.unasked() if _kind(uow.connection, root) == "merge" else nullcontext():  # with what others own
            done = carry_out(uow, found, force=choice == "all", progress=progress, put_back=put_back)
        if not done:
            raise UserError(
                N_("Nothing of “{title}” can be undone: everything was changed or removed later."), title=details.title
            )
        if also is not None:
            with uow.unasked():
                also(uow, found)
        if uow.connection.execute(sa.select(change.c.id).where(uow.mine).limit(1)).first() is None:
            raise UserError(  # an undo that does nothing leaves no change set, and would mark it for ever
                N_("Nothing of “{title}” is left to undo: later edits put everything back already."),
                title=details.title,
            )
        if only is not None:
            return found
        for one in (change_set_id, *found.parts):  # what was taken back by parts is taken back with the rest
            _mark(uow, one, uow.change_set_id)
        uow.connection.execute(  # and comes again with it
            change_set.update()
            .values(undone_by=None)
            .where(NOT_PLAIN, change_set.c.undone_by == change_set_id, change_set.c.kind == PART)
        )
        if root != change_set_id:
            _mark(uow, root, uow.change_set_id if kind == "undo" else None)
        stays = _left(uow.connection, details) + (found.blocked_count if choice == "safe" else 0)
        if stays and not put_back:
            uow.retitle(words, **params, left=stays)
    return found


def _left(connection: sa.Connection, details: ChangeSetRow) -> int:
    """What stayed of a change at its first undo stays, too, where it is undone again after a redo."""
    if details.kind != "redo":
        return 0
    first = sa.select(change_set.c.params).where(change_set.c.id == details.undoes)
    return left_by(connection.execute(first).scalar())


def _refuse_spent(details: ChangeSetRow) -> None:
    """Refuse to undo what was undone already, or what the history no longer holds.

    Raises:
        UserError: it is so.
    """
    if details.kind == "erase":
        raise UserError(N_("Erasing a person cannot be undone: nothing of it is kept."))
    if details.kind == "purge":
        raise UserError(N_("What was deleted for good cannot come back: nothing of it is kept."))
    if details.undone_by is not None:
        raise UserError(N_("“{title}” has been undone already."), title=details.title)
    if details.compacted_at is not None:
        raise compacted(details)


def _held(connection: sa.Connection, change_set_id: int) -> ChangeSetRow:
    """A change set as it is now; until the transaction ends nobody else undoes it, or lets go of it."""
    held = change_set.update().where(change_set.c.id == change_set_id).values(undone_by=change_set.c.undone_by)
    connection.execute(held)
    row = connection.execute(sa.select(change_set).where(change_set.c.id == change_set_id)).mappings().first()
    if row is None:
        raise UserError(N_("There is no change {number} in the history."), number=change_set_id)
    return row_of(row)


def plan(
    database: Database, connection: sa.Connection, change_set_id: int, only: Collection[tuple[str, int]] | None = None
) -> UndoPlan:
    """What undoing a change set would do now, or just some (table, row) of it. Reads only."""
    if only is None:
        return plan_undo(database, connection, change_set_id)

    def pointing(table: str, ids: Sequence[int]) -> Sequence[undo_plan.NetChange]:
        spec = database.schema.by_table.get(table)
        return nets_of(database.schema, connection, spec, change_set_id, ids) if spec is not None else ()

    return undo_plan.plan_part(database, connection, change_set_id, only, pointing)


def compacted(details: ChangeSetRow) -> UserError:
    """The error for a change set of which the history no longer holds everything."""
    assert details.compacted_at is not None
    return UserError(
        N_("“{title}” can no longer be undone: on {date} the history let go of it, as the office has set."),
        title=details.title, date=formats.format_date(details.compacted_at.astimezone(clock.local_zone()).date()),
    )  # fmt: skip


def undo_batch(
    database: Database, row: ChangeSetRow, actor: Actor, *, progress: Progress | None = None
) -> list[UndoPlan]:
    """Undo every change set of a batch that still stands, the newest first; what was edited later stays.

    Returns:
        The plans that were carried out. Those that later merges stand in the way of are left out.

    Raises:
        UserError: none of them can be undone.
    """
    progress = progress or Progress()
    with database.read() as connection:
        ids = batch_ids(connection, row)
    done: list[UndoPlan] = []
    refused: UserError | None = None
    for number, identity in enumerate(ids):
        progress.update(number, len(ids))
        try:
            done.append(undo(database, identity, actor))
        except UserError as error:
            refused = refused or error
    if refused is not None and not done:
        raise refused
    return done


def _params(params: Any) -> dict[str, Any] | None:
    return json.loads(params) if isinstance(params, str) else params


def _refuse_under_merges(plan: UndoPlan, title: str) -> None:
    """A merge that others went on from cannot be taken apart under them."""
    if plan.first_apart:
        _identity, later, params = plan.first_apart[0]
        raise UserError(
            N_("First take apart what was merged later: “{later}”. Then “{title}” can be undone."),
            later=title_text(later, params), title=title,
        )  # fmt: skip
    if plan.base_gone:
        raise UserError(N_("The merged record was deleted later. Restore it from “Recently deleted” first."))


def _mark(uow: UnitOfWork, change_set_id: int, undone_by: int | None) -> None:
    uow.connection.execute(change_set.update().where(change_set.c.id == change_set_id).values(undone_by=undone_by))


def _kind(connection: sa.Connection, change_set_id: int) -> str:
    return str(connection.execute(sa.select(change_set.c.kind).where(change_set.c.id == change_set_id)).scalar())


def _root(connection: sa.Connection, change_set_id: int) -> int:
    """The change set at the beginning of a chain of undo and redo."""
    while True:
        asked = sa.select(change_set.c.undoes, change_set.c.kind).where(change_set.c.id == change_set_id)
        found = connection.execute(asked).first()
        if found is None or found.undoes is None or found.kind == PART:
            return change_set_id
        change_set_id = found.undoes
