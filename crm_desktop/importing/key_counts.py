"""What the chosen keys would find, counted before anything is rehearsed: how many rows are here, by which key, and what is odd."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import NOBODY, UnitOfWork
from crm_desktop.importing import readers
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.complete import Completer
from crm_desktop.importing.links import Links
from crm_desktop.importing.matching import Matcher
from crm_desktop.importing.own_files import own_targets
from crm_desktop.importing.own_rows import OwnRows, is_ours
from crm_desktop.importing.parse_rows import RowParser
from crm_desktop.importing.plan import AS_NEW, BOTH, LEAVE, SKIP, UPDATE, ColumnPlan, ImportPlan
from crm_desktop.importing.row_keys import of_row
from crm_desktop.importing.targets import EXTERNAL_ID, targets_of
from crm_desktop.records import custom

COUNTED = 20_000
"""So many rows are looked at; what they say holds for the others."""
_LISTED = 50
"""So many repeated values are listed for each key."""
_NAME_PARTS = ("first_name", "last_name", "prefix", "suffix")
_NO_ID = 1 << 62
"""Ids from here on are of records that a count makes: none."""


@dataclass(frozen=True)
class KeyCounts:
    """What the keys of a plan say about the first rows of its file.

    Attributes:
        rows: how many rows were looked at; ``whole`` says that they are all of them.
        here: how many rows are records that are here, by the key that told.
        deleted: how many are records that were deleted lately.
        again: how many rows are the same as an earlier row of the file.
        conflicts: how many rows have keys of several records, and nothing says which is meant.
        new: the others.
        empty: how many rows have nothing in a key.
        repeated: values of a key that several rows have, with how many.
    """

    rows: int = 0
    whole: bool = True
    here: Mapping[str, int] = field(default_factory=dict)
    deleted: int = 0
    again: int = 0
    conflicts: int = 0
    new: int = 0
    empty: Mapping[str, int] = field(default_factory=dict)
    repeated: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)


def count_keys(database: Database, connection: sa.Connection, path: Path, plan: ImportPlan) -> KeyCounts:
    """Look the rows of a file up by the keys of a plan. Reads only.

    Raises:
        UserError: the file cannot be read.
    """
    uow = UnitOfWork(database, connection, 0, NOBODY, bulk=False)
    entity = database.schema.entity(plan.entity)
    own = custom.fields_of(database, plan.entity, connection)
    targets = targets_of(database.schema, entity, own)
    if is_ours(plan):
        targets += own_targets(database.schema, entity, own)
    fields = {one.name: one for one in targets}
    looked = _only_keys(plan, entity, fields)
    rows = list(islice(readers.read(path, plan.source), COUNTED + 1))
    batch = Batch([number for number, _cells in rows[:COUNTED]], [cells for _number, cells in rows[:COUNTED]])
    links = Links(uow, entity, False, {}, plan.program)
    RowParser(looked, fields, links, entity.title_field, OwnRows(uow, entity)).parse(batch)
    Completer(looked, entity, fields).complete(batch)
    empty_rows = len(batch.rejected)
    matcher = Matcher(uow, entity, fields, looked, {}, _NO_ID)
    here: Counter[str] = Counter()
    deleted = again = new = 0
    for position, match in enumerate(matcher.match(batch)):
        if match is None:
            new += position not in batch.rejected
        elif match.record_id is not None:
            here[match.field] += 1
        elif match.why is not None:
            deleted += 1
        else:
            again += 1
    chosen = [key for key in matcher.keys if key.name in plan.keys or key.name == EXTERNAL_ID]
    empty, repeated = {}, {}
    for key in chosen:
        values = [of_row(batch, position, key) for position in range(batch.size)]
        empty[key.name] = sum(1 for some in values if not some)
        counted = Counter(value.partition("\n")[0] for some in values for value in some)
        repeated[key.name] = tuple((text, n) for text, n in counted.most_common(_LISTED) if n > 1)
    return KeyCounts(
        batch.size, len(rows) <= COUNTED, dict(here), deleted, again, len(batch.rejected) - empty_rows, new, empty, repeated
    )  # fmt: skip


def _only_keys(plan: ImportPlan, entity: Entity, fields: Mapping[str, Field]) -> ImportPlan:
    """The plan with nothing but what records are recognised by. Links are left out: finding them is work of its own."""
    wanted = {*plan.keys, *plan.apart, *plan.whole, EXTERNAL_ID, entity.title_field, *_NAME_PARTS, "country"}
    columns = tuple(
        one
        if one.target in wanted and one.target in fields and not fields[one.target].target
        else ColumnPlan(one.column, one.header)
        for one in plan.columns
    )
    return plan.with_(
        columns=columns,
        defaults={},
        mode=BOTH if plan.mode in (BOTH, UPDATE) else SKIP,
        deleted=AS_NEW if plan.deleted == AS_NEW else LEAVE,
        keep_bad_cells=False,
    )
