"""Where the header of a table is, what its columns are called, and which rows at the end are not data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm_desktop.core.i18n import N_, _
from crm_desktop.core.text import fold
from crm_desktop.importing import cells, lexicon
from crm_desktop.importing.table import ErrorCell, Evidence, Row

_LOOK_AT = 30
"""A header is looked for in this many rows with something in them."""
_TEXT = frozenset({cells.CODE, cells.WORDS, cells.PROSE, cells.BOOL})
_HEADER_YEAR = re.compile(r"^(?:19|20)\d\d$")
_COMPARE = 150
"""A header is held against so many rows below it."""
_MAX_FOOTER = 20
_SURE, _PERHAPS = 2, 1


@dataclass(frozen=True)
class HeaderGuess:
    """Where the header is: 0-based row of the file (None: there is none), how many rows, and the first row of data."""

    row: int | None
    rows: int
    first_data_row: int
    confidence: float
    evidence: Evidence
    repeated: tuple[int, ...] = ()


def text_of(value: Any) -> str:
    """A cell as one line of text."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(str(value).split())


def unique_headers(names: Sequence[str], positions: Sequence[int] | None = None) -> list[str]:
    """Names without blanks or repetitions (capitals do not tell apart): "Column 5", "Website (2)"."""
    found: list[str] = []
    taken: set[str] = set()
    wanted = {fold(name.strip()) for name in names if name.strip()}
    for index, name in enumerate(names):
        position = positions[index] if positions else index
        base = " ".join(name.replace("﻿", "").split()) or _("Column {n}").format(n=position + 1)
        candidate, number = base, 1
        while fold(candidate) in taken or (number > 1 and fold(candidate) in wanted):
            number += 1
            candidate = f"{base} ({number})"
        taken.add(fold(candidate))
        found.append(candidate)
    return found


def join_lines(lines: Sequence[Sequence[Any]], width: int) -> list[str]:
    """One name per column from one or more header rows; a group label above reaches over the blanks at its right."""
    names = [""] * width
    for number, line in enumerate(lines):
        current = ""
        texts = [text_of(line[i]) if i < len(line) else "" for i in range(width)]
        below = lines[number + 1] if number + 1 < len(lines) else None
        for column in range(width):
            text = texts[column]
            if text:
                current = text
            elif below is not None and column < len(below) and text_of(below[column]):
                text = current
            if text and fold(text) not in fold(names[column]):
                names[column] = f"{names[column]} {text}".strip()
    return names


def find_header(head: Sequence[Row], sample: Sequence[Sequence[Any]]) -> HeaderGuess:
    """Look for the header among the first rows.

    Args:
        head: the first rows of the file with their 1-based numbers, blank ones too.
        sample: cells of rows from all over the table.
    """
    rows = [(number - 1, values) for number, values in head if _filled(values)]
    if not rows:
        return HeaderGuess(None, 0, 0, 0.0, Evidence(N_("There are no rows")))
    width = max(len(values) for _n, values in rows)
    usual = _usual_fill([values for _n, values in rows[1:]] or [rows[0][1]], sample)
    best, best_score, best_known = 0, -9.0, 0.0
    full_above = 0
    for position, (_number, values) in enumerate(rows[:_LOOK_AT]):
        if _filled(values) < max(1, 0.5 * usual):
            continue
        if full_above >= 4:
            break
        body = [row for _n, row in rows[position + 1 :]] + list(sample)
        score, known = _score(values, body, width, usual)
        # titles above a header are sparse; a full row above means that we are among the data
        score -= 0.4 * full_above + 0.01 * min(position, 12)
        full_above += _filled(values) >= 0.75 * usual and not _same_as_next(rows, position)
        if _same_as_next(rows, position):
            score += 0.5
        if score > best_score + 1e-9:
            best, best_score, best_known = position, score, known
    if best_score < 0.25:
        return _headerless(rows, usual, best_score)
    return _with_header(rows, best, best_score, best_known, sample)


def _headerless(rows: list[tuple[int, list[Any]]], usual: float, score: float) -> HeaderGuess:
    first = next((n for n, values in rows[:_LOOK_AT] if _filled(values) >= max(1, 0.5 * usual)), rows[0][0])
    evidence = Evidence(N_("The first row looks like the rows below it: the columns have no names"))
    return HeaderGuess(None, 0, first, round(min(0.97, 0.6 + max(0.0, 0.25 - score) / 2), 2), evidence)


def _with_header(
    rows: list[tuple[int, list[Any]]], best: int, score: float, known: float, sample: Sequence[Sequence[Any]]
) -> HeaderGuess:
    number, values = rows[best]
    start, count, last = number, 1, best
    repeated = []
    while last + 1 < len(rows) and _texts(rows[last + 1][1]) == _texts(values):
        last += 1
        repeated.append(rows[last][0])
    if (
        not repeated
        and best > 0
        and rows[best - 1][0] == number - 1
        and _is_group_row(rows[best - 1][1], values, best - 1)
    ):
        start, count = number - 1, 2
    elif not repeated and last + 1 < len(rows) and rows[last + 1][0] == number + 1:
        body = [row for _n, row in rows[last + 2 :]] + list(sample)
        if _is_continuation(values, rows[last + 1][1], body):
            count, last = 2, last + 1
    first = rows[last][0] + 1
    if known >= 0.5:
        evidence = Evidence(N_("Row {n} holds well-known column names"), {"n": number + 1})
    else:
        evidence = Evidence(N_("Row {n} differs from the rows below it"), {"n": number + 1})
    return HeaderGuess(start, count, first, round(min(0.99, 0.45 + score / 3), 2), evidence, tuple(repeated))


def _filled(values: Sequence[Any]) -> int:
    return sum(1 for value in values if value is not None and value != "")


def _texts(values: Sequence[Any]) -> list[str]:
    found = [text_of(value) for value in values]
    while found and not found[-1]:
        found.pop()
    return found


def _usual_fill(rows: Sequence[Sequence[Any]], sample: Sequence[Sequence[Any]]) -> float:
    """How many cells the rows of the table usually have filled."""
    counts = sorted(_filled(values) for values in [*rows, *sample] if _filled(values))
    return counts[int(len(counts) * 0.6)] if counts else 1.0


def _same_as_next(rows: list[tuple[int, list[Any]]], position: int) -> bool:
    values = rows[position][1]
    return position + 1 < len(rows) and len(values) > 1 and _texts(values) == _texts(rows[position + 1][1])


def _score(values: Sequence[Any], body: Sequence[Sequence[Any]], width: int, usual: float) -> tuple[float, float]:
    """How much a row looks like a header (about 0.25 is in doubt), and the share of well-known names."""
    names = [(i, text_of(v), cells.classify(v)) for i, v in enumerate(values) if v is not None and v != ""]
    count = len(names)
    textual = sum(1 for _i, text, kind in names if _may_be_name(text, kind)) / count
    known = sum(lexicon.known_share(text) for _i, text, kind in names if kind in _TEXT) / count
    folded = [fold(text) for _i, text, _k in names]
    unique = len(set(folded)) / count
    long = sum(1 for _i, text, _k in names if len(text) > 60) / count
    contrast, repeats = _contrast(names, body)
    fill = min(1.0, count / usual)
    score = 1.3 * known + 1.1 * contrast - 1.2 * repeats + 0.5 * (unique - 1) + 0.35 * (fill - 0.6)
    score += 0.35 * (textual - 0.6) - 2.2 * max(0.0, 0.85 - textual) - 0.6 * long
    if count == 1 and width > 1 and usual > 1.5:
        score -= 0.6
    if not body:
        score += 0.1
    return score, known


def _may_be_name(text: str, kind: int) -> bool:
    return (
        kind in _TEXT
        or kind == cells.NUMBER
        and bool(_HEADER_YEAR.match(text))
        or kind == cells.URL
        and "@" not in text
    )


def _contrast(names: list[tuple[int, str, int]], body: Sequence[Sequence[Any]]) -> tuple[float, float]:
    """How differently typed the columns below are (-1..1), and the share of names that come again below as values."""
    rows = body[:_COMPARE]
    names = names[:200]
    if not rows:
        return 0.0, 0.0
    contrast = repeats = 0.0
    judged = 0
    whole = [text for _i, text, _k in names]
    for column, text, kind in names:
        values = [row[column] for row in rows if column < len(row) and row[column] is not None and row[column] != ""]
        if not values:
            continue
        judged += 1
        if text in {text_of(v) for v in values} and not _whole_row_repeats(column, text, whole, rows, names):
            repeats += 1
        kinds = Counter(cells.classify(v) for v in values)
        usual = kinds.most_common(1)[0][0]
        typed = sum(n for k, n in kinds.items() if k in cells.TYPED) / len(values)
        if 0.3 <= typed < 0.7 and kind in _TEXT:
            contrast += 0.5 * typed
        elif typed >= 0.7:
            contrast += 1.0 if kind in _TEXT and not _may_be_value(text, usual) else -1.2
        else:
            contrast += _text_contrast(text, kind, values)
    return (contrast / judged, repeats / judged) if judged else (0.0, 0.0)


def _may_be_value(text: str, usual: int) -> bool:
    """Whether a text in a typed column is only a way of writing "no value" or yes and no."""
    return cells.is_null_text(text) or usual == cells.BOOL and cells.classify_text(text) == cells.BOOL


def _whole_row_repeats(
    column: int, text: str, whole: list[str], rows: Sequence[Sequence[Any]], names: list[tuple[int, str, int]]
) -> bool:
    """A value that comes again only because the header itself does (page breaks of printed exports)."""
    again = [row for row in rows if column < len(row) and text_of(row[column]) == text]
    if len(whole) < 2 or not again:
        return False
    return all([text_of(row[i]) if i < len(row) else "" for i, _t, _k in names] == whole for row in again)


def _text_contrast(text: str, kind: int, values: Sequence[Any]) -> float:
    """A name above a column of texts differs in having no digits, or in being shorter or longer than all values."""
    texts = [text_of(v) for v in values]
    if kind not in _TEXT:
        return -0.6
    digits = sum(any(c.isdigit() for c in t) for t in texts) / len(texts)
    if digits > 0.8:
        return 0.35 if not any(c.isdigit() for c in text) else -0.3
    if len(texts) < 4:
        return 0.05
    lengths = [len(t) for t in texts]
    if len(text) < min(lengths) or len(text) > max(lengths):
        return 0.15
    upper = sum(t.isupper() for t in texts) / len(texts)
    if upper > 0.9 and not text.isupper() or upper < 0.1 and text.isupper():
        return 0.2
    return -0.1


def _is_group_row(above: Sequence[Any], header: Sequence[Any], rank: int) -> bool:
    """Labels over several columns, that tell apart names which the header below repeats, or stand alone on top."""
    labels = [(i, text_of(v)) for i, v in enumerate(above) if v is not None and v != ""]
    if not labels or any(len(text) > 40 or cells.classify(above[i]) not in _TEXT for i, text in labels):
        return False
    names = [fold(text_of(v)) for v in header]
    if len(labels) >= len([n for n in names if n]):
        return False
    doubled = {name for name, n in Counter(n for n in names if n).items() if n > 1}
    covers = [i for i, _t in labels if i < len(names)]
    if doubled:
        spread = [i for i, name in enumerate(names) if name in doubled]
        return len(covers) > 1 and max(covers) > min(spread)
    under_blank = [i for i in covers if not names[i]]
    return rank == 0 and len(covers) >= 2 and (len(under_blank) >= 1 and len(under_blank) == sum(not n for n in names))


def _is_continuation(header: Sequence[Any], below: Sequence[Any], body: Sequence[Sequence[Any]]) -> bool:
    """A second line of the names: only texts, above columns of numbers or dates, and words that headers have."""
    texts = [(i, text_of(v)) for i, v in enumerate(below) if v is not None and v != ""]
    if not texts or not body or any(cells.classify(below[i]) not in _TEXT for i, _t in texts):
        return False
    over_typed = 0
    for column, _text in texts:
        values = [
            row[column] for row in body[:200] if column < len(row) and row[column] is not None and row[column] != ""
        ]
        typed = sum(cells.classify(v) in cells.TYPED for v in values)
        over_typed += bool(values) and typed >= 0.8 * len(values)
    fills = sum(1 for i, _t in texts if i >= len(header) or header[i] is None or header[i] == "")
    units = sum(1 for _i, text in texts if re.match(r"^[(\[].{1,12}[)\]]$|^%$|^R?\$$", text))
    known = sum(lexicon.known_share(text) for _i, text in texts) / len(texts)
    if units == len(texts):
        return True
    return over_typed >= 1 and (known >= 0.7 or fills >= 0.5 * len(texts)) and (fills >= 1 or known >= 0.7)


def find_footer(tail: Sequence[Row], sample: Sequence[Sequence[Any]], header: HeaderGuess) -> tuple[int, list[str]]:
    """How many of the last rows with something in them are totals or notes, and their texts.

    Args:
        tail: the last rows of the table with their numbers, in order, blank ones too.
        sample: cells of rows from all over the table.
    """
    rows = [(number, values) for number, values in tail if number > header.first_data_row]
    filled = [(n, v) for n, v in rows if _filled(v)]
    if len(filled) < 2:
        return 0, []
    usual, floor = _fill_levels([v for _n, v in filled], sample)
    typed = _typed_columns(sample)
    count = 0
    for position in range(len(filled) - 1, max(0, len(filled) - 1 - _MAX_FOOTER), -1):
        number, values = filled[position]
        sign = _footer_sign(values, number - filled[position - 1][0] > 1, usual, floor, typed)
        if not sign:
            break
        # a sparse row alone may be a record of which little is known: it goes only with rows that are no records
        if sign == _SURE or count:
            count = len(filled) - position
    if count >= len(filled):
        return 0, []
    return count, [" ".join(_texts(values)).strip() for _n, values in filled[len(filled) - count :]]


def _fill_levels(tail: Sequence[Sequence[Any]], sample: Sequence[Sequence[Any]]) -> tuple[int, int]:
    """How many cells a usual row has, and a rather empty one; the trailing sparse rows are not counted."""
    counts = sorted(_filled(v) for v in [*sample, *tail] if _filled(v))
    usual = counts[len(counts) // 2]
    run = 0
    for values in reversed(tail):
        if _filled(values) > 0.4 * usual:
            break
        run += 1
    counts = counts[min(2 * run, len(counts) - 1) :]
    return usual, counts[len(counts) // 10]


def _typed_columns(sample: Sequence[Sequence[Any]]) -> set[int]:
    width = max((len(row) for row in sample), default=0)
    found = set()
    for column in range(width):
        values = [
            row[column] for row in sample[:300] if column < len(row) and row[column] is not None and row[column] != ""
        ]
        if len(values) >= 4 and sum(cells.classify(v) in cells.TYPED for v in values) >= 0.75 * len(values):
            found.add(column)
    return found


def _footer_sign(values: Sequence[Any], after_blank: bool, usual: int, floor: int, typed: set[int]) -> int:
    """Whether a row is surely no record, is perhaps none, or looks like one."""
    filled = [(i, v) for i, v in enumerate(values) if v is not None and v != ""]
    first = fold(text_of(filled[0][1])) if isinstance(filled[0][1], str) else ""
    sparse = len(filled) <= max(1, 0.4 * usual)
    if lexicon.TOTAL.match(first) and (sparse or len(filled) < usual or filled[0][0] in typed):
        rest = [v for _i, v in filled[1:]]
        return (
            _SURE
            if all(cells.classify(v) in (cells.NUMBER, cells.DATE) or isinstance(v, ErrorCell) for v in rest)
            else 0
        )
    if usual < 2 or not sparse:
        return 0
    if lexicon.NOTE.match(first):
        return _SURE
    if any(i in typed and _is_foreign(v) for i, v in filled):
        return _SURE
    if after_blank and len(filled) == 1 and usual >= 3:
        return _SURE
    return _PERHAPS if usual >= 3 and len(filled) <= 0.4 * usual and floor >= 0.7 * usual else 0


def _is_foreign(value: Any) -> bool:
    """A text where numbers or dates should be."""
    return isinstance(value, str) and cells.classify(value) in _TEXT and not cells.is_null_text(value)
