"""Bringing records back from a backup, in one change set that Undo takes back like any other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from crm_desktop.backup.bring_plan import BringPlan, Lost, plan_bringing
from crm_desktop.backup.compare import CREATED, Comparison, Difference
from crm_desktop.backup.compare_rows import Pair, RowChange
from crm_desktop.core import formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.core.refusals import require
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.id_sets import there
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.records import blobs
from crm_desktop.records.undo_run import carry_out

_BULK_FROM = 2000

Cell = tuple[str, int, str]
"""(table, row, column); the column is empty where the whole row is meant."""


@dataclass(frozen=True)
class Brought:
    """What was done.

    Attributes:
        change_set: what Undo takes back; None where nothing had to be done.
        returned, reverted, removed: rows that are there again, that have their values again, that went.
        lost: what could not come back, and links that stay empty.
        kept: rows that stay as they are because other records need them.
        records: what became of whole records since (see ``compare.OPS``) to how many of them were brought back; empty
            where only rows are known.
    """

    change_set: int | None
    returned: int
    reverted: int
    removed: int
    lost: tuple[Lost, ...]
    kept: int
    records: Mapping[str, int] = field(default_factory=dict)


def may_bring_back(database: Database) -> None:
    """Refuse who may not bring back from backups.

    Raises:
        NotAllowed: it takes the power "backup".
        UserError: the server enforces rights, so that only who leads the office reaches every row.
    """
    if database.read_only:  # before the rights: of what can only be read, nobody has the right to change anything
        raise UserError(N_("This database is open for reading only. Open the original to change something."))
    require(database.access, "backup")
    if database.locked and not database.access.everything:
        raise UserError(
            N_("On this server only an owner or administrator brings records back from a backup. Ask one of them.")
        )


def rows_of(
    differences: Iterable[Difference], *, created: bool = False, without: Collection[Cell] = ()
) -> list[RowChange]:
    """The rows that bringing records back means.

    Args:
        created: also take away what is new since the backup: records, and what was added to changed ones.
        without: (table, row, column) that stay as they are.
    """
    left = set(without)
    result = []
    for one in differences:
        if one.erased or (one.op == CREATED and not created):
            continue
        for row in one.rows:
            if (row.table, row.row_id, "") in left or (row.op == "I" and not created):
                continue
            columns = tuple(name for name in row.columns if (row.table, row.row_id, name) not in left)
            if row.op != "U" or columns:
                result.append(row._replace(columns=columns))
    return result


def foresee(backup: Database, database: Database, rows: Sequence[RowChange]) -> BringPlan:
    """What bringing rows back would do now. Reads only."""
    with backup.read_all() as then, database.read_all() as now:
        return plan_bringing(Pair(backup, then, database, now), rows)


def bring_back(
    backup: Database, database: Database, actor: Actor, rows: Sequence[RowChange], made: datetime, *,
    progress: Progress | None = None, title: str = "",
) -> Brought:  # fmt: skip
    """Give rows the state that they have in a backup, in one change set.

    Args:
        made: when the backup was made, for the title in the history.
        title: the record that it is about, where it is one.

    Raises:
        NotAllowed, UserError: see :func:`may_bring_back`; or nothing of it can be brought back.
        Cancelled: the user stopped it; nothing was changed.
    """
    may_bring_back(database)
    progress = progress or Progress()
    words = (
        N_("Brought back “{title}” from the backup of {when}")
        if title
        else N_("Brought back from the backup of {when}")
    )
    params = {"when": formats.format_datetime(made, "medium")} | ({"title": title} if title else {})
    with (
        backup.read_all() as then,
        write(database, words, actor=actor, kind="restore", bulk=len(rows) > _BULK_FROM, params=params) as uow,
        uow.unasked(),
    ):
        progress.update(message=translate(N_("Bringing back")))
        plan = plan_bringing(Pair(backup, then, database, uow.connection), rows)
        _bring_contents(uow, then, plan.digests, progress)
        done = carry_out(uow, plan.undo, force=False, progress=progress)
        missing = _missing(uow, plan)
        if not done and (plan.lost or plan.undo.blocked or missing):
            raise UserError(N_("Nothing of it can be brought back: what it belongs to is gone. Choose that, too."))
        return Brought(
            uow.change_set_id if done else None, plan.count("D") - missing, plan.count("U"), plan.count("I"),
            tuple(plan.lost), len(plan.undo.blocked) + missing,
        )  # fmt: skip


def _missing(uow: UnitOfWork, plan: BringPlan) -> int:
    """How many rows did not come back, because a unique value of theirs belongs to another row now."""
    wanted: dict[str, set[int]] = {}
    for net in plan.undo.nets:
        if net.op == "D":
            wanted.setdefault(net.table, set()).add(net.record_id)
    missing = 0
    for name, ids in wanted.items():
        missing += len(ids - there(uow.connection, Base.metadata.tables[name], ids))
    return missing


def _bring_contents(uow: UnitOfWork, then: sa.Connection, digests: Collection[str], progress: Progress) -> None:
    """Bring the contents of files along that the present database let go."""
    blob = Base.metadata.tables["blob"]
    for digest in sorted(digests):
        progress.check()
        size = then.execute(sa.select(blob.c.size).where(blob.c.sha256 == digest)).scalar()
        if size is not None:
            blobs.store_parts(uow, digest, int(size), blobs.read_parts(then, digest))


def whole_record(comparison: Comparison, entity: str, record_id: int) -> Difference | None:
    """What differs of one record; None where it is as it was."""
    return next((one for one in comparison.differences if one.key == (entity, record_id)), None)
