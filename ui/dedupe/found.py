"""What the worklist shows of records: read in the background, as texts beside each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from crm_desktop.core.entities import Entity
from crm_desktop.core.text import fold
from crm_desktop.dedupe import explain, settings, worklist
from crm_desktop.dedupe.worklist import Group, LastScan
from crm_desktop.records import queries
from crm_desktop.records.queries import RecordRow
from ui.records.shown import label_of, text_of

MOST_COLUMNS = 4
LINES = {
    "contact": (
        "company_id",
        "job_title",
        "email",
        "mobile",
        "phone",
        "birthday",
        "tax_id",
        "street",
        "city",
        "number",
    ),
    "company": ("legal_name", "tax_id", "email", "phone", "website", "street", "city", "kind", "number"),
}


@dataclass(frozen=True)
class Line:
    """One field of all records of a group, as texts."""

    label: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """A group as a card shows it: titles and lines of its first records, reasons as (text, speaks for it)."""

    group: Group
    titles: tuple[str, ...]
    ids: tuple[int, ...]
    lines: tuple[Line, ...]
    reasons: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Work:
    """The whole worklist of a record type, and the first cards of it."""

    groups: tuple[Group, ...]
    cards: tuple[Shown, ...]
    last: LastScan | None
    schedule: str
    same_from: int = 90


def read_work(
    database: Any, connection: Any, entity: str, least: int, most: int, cards: int, only: Collection[int] = ()
) -> Work:
    """Read the groups whose scores lie between two limits, and the details of the first ones.

    Args:
        only: the groups that hold one of these records; all where empty.
    """
    groups = worklist.groups(database, connection, entity, least=least, most=most)
    if only:
        wanted = set(only)
        groups = [one for one in groups if wanted.intersection(one.members)]
    shown = read_cards(database, connection, entity, groups[:cards])
    last, how_often = worklist.last_scan(connection, entity), settings.schedule(connection)
    return Work(tuple(groups), tuple(shown), last, how_often)


def read_cards(database: Any, connection: Any, entity: str, groups: Sequence[Group]) -> list[Shown]:
    """The details of some groups."""
    spec = database.schema.entity(entity)
    names = [name for name in LINES.get(entity, ()) if spec.has(name)]
    ids = sorted({one for group in groups for one in group.members[:MOST_COLUMNS]})
    rows = {
        row.id: row for row in queries.fetch_rows(database, connection, entity, ids, [spec.title_field, *names])
    }  # fmt: skip
    return [_shown(spec, group, rows, names) for group in groups]


def _shown(spec: Entity, group: Group, rows: dict[int, RecordRow], names: Sequence[str]) -> Shown:
    here = [rows[one] for one in group.members[:MOST_COLUMNS] if one in rows]
    lines = []
    for name in names:
        field = spec.field(name)
        texts = tuple(text_of(field, row.values.get(name)) if row.values.get(name) is not None else "" for row in here)
        if any(texts):
            lines.append(Line(label_of(field), texts))
    labels = {one.name: label_of(one) for one in spec.fields}
    best = max(group.pairs, key=lambda pair: pair.score)
    reasons = [(explain.reason_words(one, labels), explain.speaks_for(one)) for one in best.reasons]
    titles = tuple(str(row.values.get(spec.title_field) or "–") for row in here)
    return Shown(group, titles, tuple(row.id for row in here), tuple(lines), tuple(one for one in reasons if one[0]))


def common_parts(text: str, other: str) -> list[tuple[int, int]]:
    """Where a text is the same as another one, accents and case ignored: (start, length) of runs of two signs or more."""
    mine, theirs = fold(text), fold(other)
    if not mine or not theirs or len(mine) != len(text):
        return [(0, len(text))] if mine and mine == theirs else []
    blocks = SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks()
    return [(block.a, block.size) for block in blocks if block.size >= min(3, len(mine))]


def fullest(cards: Sequence[RecordRow]) -> int:
    """The record that says most; of equals the oldest. It stays when a group is merged without asking."""
    return max(cards, key=lambda row: (sum(value not in (None, "") for value in row.values.values()), -row.id)).id
