"""Which lines of an outcome journal fit a question: their places, for lists that are read page by page."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Sequence
from typing import Any

from crm_desktop.core.text import fold
from crm_desktop.importing.cell_codes import unpack
from crm_desktop.importing.outcomes import CREATED, OUTCOMES, Ask, Journal

_SORTS = {"row": "line.number", "title": "line.title COLLATE NOCASE", "changes": "line.changes"}
_SCAN = 200_000


def select(
    journal: Journal, ask: Ask, *, limit: int = -1, check: Callable[[], None] = lambda: None
) -> array[int]:  # fmt: skip
    """The places of the lines that fit, in the order of the file or as asked.

    Args:
        limit: at most so many; -1 is all.
        check: called now and then; it may raise to stop.
    """
    where, parameters = _condition(ask)
    order = "line.part, line.id"
    if ask.sort in _SORTS:
        order = f"{_SORTS[ask.sort]} {'DESC' if ask.descending else 'ASC'}, {order}"
    found: array[int] = array("q")
    needle = fold(ask.text).strip()
    sql = f"SELECT line.id FROM line WHERE {where} ORDER BY {order}"
    if not needle:
        found.extend(row[0] for row in journal.rows(f"{sql} LIMIT ?", [*parameters, limit]))
        return found
    hits = _hits(journal, ask, needle, check)
    for (identity,) in journal.rows(sql, parameters):
        if identity in hits:
            found.append(identity)
            if len(found) == limit:
                break
    return found


def _condition(ask: Ask) -> tuple[str, list[Any]]:
    parts, parameters = ["1"], []  # type: tuple[list[str], list[Any]]
    if ask.part is not None:
        parts.append("line.part = ?")
        parameters.append(ask.part)
    if ask.outcomes and set(ask.outcomes) != set(OUTCOMES):
        parts.append(f"line.outcome IN ({','.join('?' * len(ask.outcomes))})")
        parameters += ask.outcomes
    if ask.field:
        parts.append("EXISTS (SELECT 1 FROM cell WHERE cell.line = line.id AND cell.field = ?)")
        parameters.append(ask.field)
    if ask.clears:
        parts.append("line.clears > 0")
    return " AND ".join(parts), parameters


def _hits(journal: Journal, ask: Ask, needle: str, check: Callable[[], None]) -> set[int]:
    """The places of lines that have a text in them, accents and capitals ignored: what is told, changed or new."""
    where, parameters = _condition(ask)
    hits: set[int] = set()
    last = 0
    while True:
        check()
        sql = (
            "SELECT id, title, header, value, reason, params, number FROM line "
            f"WHERE id > ? AND {where} ORDER BY id LIMIT {_SCAN}"
        )
        rows = journal.rows(sql, [last, *parameters])
        if not rows:
            break
        last = rows[-1][0]
        for identity, *texts, number in rows:
            if needle == str(number) or any(text and needle in fold(text) for text in texts):
                hits.add(identity)
    check()
    sql = f"SELECT cell.line, cell.old, cell.new FROM cell JOIN line ON line.id = cell.line WHERE {where}"
    for identity, *coded in journal.rows(sql, parameters):
        if identity not in hits and any(text and needle in fold(_plain(text)) for text in coded):
            hits.add(identity)
    if CREATED in ask.outcomes or not ask.outcomes:
        _search_cells(journal, needle, hits, check)
    return hits


def _plain(coded: str) -> str:
    """Text of a coded value; only what is quoted needs to be read."""
    return str(json.loads(coded)) if coded.startswith('"') else coded


def _search_cells(journal: Journal, needle: str, hits: set[int], check: Callable[[], None]) -> None:
    for (first,) in journal.rows("SELECT first FROM batch ORDER BY first"):
        check()
        raw = journal.rows("SELECT raw FROM batch WHERE first = ?", [first])
        rows: Sequence[Sequence[Any]] = list(zip(*unpack(raw[0][0]), strict=True)) if raw else ()
        if needle not in fold("\n".join(_text(row) for row in rows)):
            continue
        hits.update(first + place for place, row in enumerate(rows) if needle in fold(_text(row)))


def _text(row: Sequence[Any]) -> str:
    return "\t".join([str(cell) for cell in row if cell is not None])


def select_problems(journal: Journal, part: int, text: str = "") -> array[int]:
    """The places of the cells that do not fit, of those with a text where one is given."""
    needle = fold(text).strip()
    rows = journal.rows("SELECT id, header, value, reason, number FROM problem WHERE part = ? ORDER BY id", [part])
    return array(
        "q", [row[0] for row in rows if not needle or needle == str(row[4]) or any(needle in fold(t) for t in row[1:4])]
    )
