"""Rows inside a table that are no records: headings of sections and totals between them."""

from __future__ import annotations

from collections.abc import Sequence

from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.importing import cells, lexicon
from crm_desktop.importing.table import Evidence, Row

SECTIONS = N_("{n} rows are headings or totals inside the table and are passed over: {texts}")
_SHOWN = 4
_LONGEST = 60


def find_sections(rows: Sequence[Row], first_data_row: int, footer: int) -> tuple[list[int], list[str]]:
    """The 0-based positions of such rows, and their texts.

    Args:
        rows: every row of the file with its number, blank ones too.
        first_data_row: where the records begin.
        footer: how many filled rows at the end are known to be none.
    """
    body = [(number, values) for number, values in rows if number > first_data_row and _filled(values)]
    body = body[: len(body) - footer] if footer else body
    if len(body) < 4:
        return [], []
    counts = sorted(len(_filled(values)) for _n, values in body)
    usual = counts[len(counts) // 2]
    if usual < 3:
        return [], []
    headings = _headings(body, usual)
    totals = [position for position, (_n, values) in enumerate(body) if _is_total(values, usual)]
    found = sorted({*headings, *totals})
    if len(found) > 0.34 * len(body):
        return [], []
    return [body[position][0] - 1 for position in found], [_text(body[position][1]) for position in found]


def evidence(texts: Sequence[str]) -> Evidence:
    """What to say about rows that are passed over."""
    shown = ", ".join(texts[:_SHOWN]) + (", …" if len(texts) > _SHOWN else "")
    return Evidence(SECTIONS, {"n": len(texts), "texts": shown})


def _headings(body: Sequence[Row], usual: int) -> list[int]:
    """Rows with one text only, written unlike the others of its column, with whole rows below."""
    alone = [position for position, (_n, values) in enumerate(body) if len(_filled(values)) == 1]
    columns = {_filled(body[position][1])[0] for position in alone}
    if not alone or len(columns) != 1:
        return []
    (column,) = columns
    others = [
        str(values[column]) for position, (_n, values) in enumerate(body)
        if position not in alone and column < len(values) and isinstance(values[column], str)
    ]  # fmt: skip
    loud = sum(text.isupper() for text in others) > 0.2 * max(1, len(others))
    found = []
    for position in alone:
        text = str(body[position][1][column]).strip()
        below = body[position + 1][1] if position + 1 < len(body) else []
        whole = len(_filled(below)) >= 0.6 * usual
        marked = text.endswith(":") or text.isupper() and not loud and len(text) > 3
        if (
            whole
            and marked
            and len(text) <= _LONGEST
            and cells.classify_text(text) in (cells.WORDS, cells.CODE, cells.PROSE)
        ):
            found.append(position)
    return found if len(found) == len(alone) else []


def _is_total(values: Sequence[object], usual: int) -> bool:
    places = _filled(values)
    first = values[places[0]]
    if not isinstance(first, str) or len(places) >= usual or not lexicon.TOTAL.match(fold(first)):
        return False
    return len(places) > 1 and all(cells.classify(values[place]) == cells.NUMBER for place in places[1:])


def _filled(values: Sequence[object]) -> list[int]:
    return [place for place, value in enumerate(values) if value is not None and value != ""]


def _text(values: Sequence[object]) -> str:
    return " ".join(str(values[place]) for place in _filled(values))[:_LONGEST]
