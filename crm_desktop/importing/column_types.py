"""What each column of a table holds: the values are asked first, the header settles what they leave open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from crm_desktop.core.i18n import N_
from crm_desktop.importing import cells, column_codes, column_words, lexicon
from crm_desktop.importing.cell_parts import parts_in
from crm_desktop.importing.column_values import Found, Values, native_kind, text_of_value
from crm_desktop.importing.table import ColumnGuess, ErrorCell, Evidence

_HINT_BONUS = 0.2
_MOST_CHOICES = 60
_GENERIC = frozenset({"text", "long_text", "integer", "decimal", "choice", "id", "bool", "mixed"})
_TEXTUAL = frozenset({"city", "state", "country", "postcode", "choice", "person", "company", "street", "long_text"})
_WORDY = frozenset(
    {"text", "long_text", "choice", "person", "company", "street", "city", "state", "id", "mixed", "phone"}
)
"""Kinds whose cells may hold several things."""
_TAX_COUNTRIES = {
    "cpf": "BR",
    "cnpj": "BR",
    "cpf_cnpj": "BR",
    "nif.es": "ES",
    "nif.pt": "PT",
    "cuit": "AR",
    "rfc": "MX",
}
_TESTS = (
    column_words.find_email,
    column_words.find_url,
    column_codes.find_tax_id,
    column_codes.find_phone,
    column_codes.find_postcode,
    column_codes.find_date,
    column_codes.find_time,
    column_codes.find_numbers,
    column_codes.find_bool,
    column_words.find_places,
    column_words.find_names,
    column_words.find_texts,
)


def guess_columns(
    headers: Sequence[str],
    rows: Sequence[Sequence[Any]],
    originals: Sequence[str] | None = None,
    default_order: str = "",
) -> list[ColumnGuess]:
    """Guess every column of a table.

    Args:
        headers: unique names.
        rows: a sample of data rows, as long as ``headers`` or shorter.
        originals: the headers as they are in the file, "" where there are none.
        default_order: "dmy" or "mdy" where no date of the file proves an order; by default what the language suggests.
    """
    originals = originals if originals is not None else headers
    guesses = [
        guess_column(index, header, [row[index] if index < len(row) else None for row in rows], originals[index])
        for index, header in enumerate(headers)
    ]
    guesses = _settle_regions(guesses)
    return _settle_orders(guesses, default_order or _language_order(headers, guesses))


def guess_column(index: int, header: str, values: Sequence[Any], original: str | None = None) -> ColumnGuess:
    """Guess one column from its header and a sample of its values."""
    original = header if original is None else original
    column, texts = _prepare(original, values)
    samples = _samples(values)
    base = ColumnGuess(
        index,
        header,
        "empty",
        original=original,
        filled=column.filled,
        distinct=len(texts),
        total=column.total,
        samples=samples,
    )
    if not column.filled:
        likely = tuple((kind, 0.3) for kind in column.hints[:3])
        return replace(base, confidence=1.0, evidence=(Evidence(N_("No values")),), alternatives=likely)
    if not column.texts and not column.native:
        return replace(
            base, kind="text", confidence=0.2, evidence=(Evidence(N_("Only errors or marks for “nothing”")),)
        )
    found = _rank(column)
    best = found[0]
    if len(texts) == 1 and column.filled >= 4:
        always = Evidence(N_("Always “{value}”"), {"value": next(iter(texts))[:40]})
        if best.kind in _GENERIC:
            found = [Found("constant", 0.9, [always], best.detail, best.extra), *found]
            best = found[0]
        else:
            best.evidence.append(always)
    evidence = list(best.evidence)
    if best.kind in column.hints:
        evidence.insert(0, Evidence(N_("Known column name")))
    errors = sum(isinstance(value, ErrorCell) for value in values)
    if errors:
        evidence.append(Evidence(N_("{n} cells are spreadsheet errors"), {"n": errors}))
    return replace(
        base,
        kind=best.kind,
        confidence=round(min(0.99, best.score), 2),
        evidence=tuple(evidence),
        detail=best.detail,
        date_order=best.extra.get("date_order"),
        decimal=best.extra.get("decimal"),
        two_digit_years=bool(best.extra.get("two_digit_years")),
        excel_serials=bool(best.extra.get("excel_serials")),
        currency=best.extra.get("currency", ""),
        alternatives=tuple((f.kind, round(min(0.99, f.score), 2)) for f in found[1:6]),
        choices=_choices(texts),
        parts=parts_in(list(column.pick(120))) if best.kind in _WORDY else "",
    )


def _prepare(header: str, values: Sequence[Any]) -> tuple[Values, Counter[str]]:
    texts: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    native: Counter[str] = Counter()
    filled = nulls = 0
    for value in values:
        if value is None or value == "":
            continue
        filled += 1
        if isinstance(value, ErrorCell):
            continue
        kind = native_kind(value)
        text = text_of_value(value)[:2000]
        if kind:
            native[kind] += 1
            shown[text] += 1
        elif cells.is_null_text(text):
            nulls += 1
        else:
            texts[text] += 1
            shown[text] += 1
    column = Values(dict(texts), lexicon.hints(header), dict(native), filled, len(values), nulls)
    return column, shown


def _rank(column: Values) -> list[Found]:
    """All findings, the best first; a hint of the header lifts those that agree with it."""
    found: list[Found] = []
    tests = _TESTS if column.texts else (column_codes.find_date, column_codes.find_time, column_codes.find_bool)
    for test in tests:
        found.extend(test(column))
    for item in found:
        if item.kind in column.hints or item.kind == "datetime" and "date" in column.hints:
            item.score += _HINT_BONUS * (1.0 if column.hints[0] in (item.kind, "date") else 0.6)
        elif item.kind in ("person", "company") and column.hints and column.hints[0] not in ("person", "company"):
            item.score *= 0.72
    for hint in column.hints[:2]:
        if column.texts and hint != "job" and all(item.kind != hint for item in found):
            found.append(
                Found(hint, 0.48 if hint in _TEXTUAL and hint == column.hints[0] and len(column.texts) < 200 else 0.2)
            )
    mixed = len(column.native) and column.texts and sum(column.native.values()) < 0.7 * column.filled
    best: dict[str, Found] = {}
    for item in sorted(found, key=lambda f: -f.score):
        best.setdefault(item.kind, item)
    ranked = list(best.values())
    if mixed and (not ranked or ranked[0].kind in ("text", "choice", "id")):
        ranked.insert(0, Found("mixed", 0.5, [Evidence(N_("Numbers, dates and texts are mixed"))]))
    return ranked or [Found("text", 0.3)]


def _samples(values: Sequence[Any]) -> tuple[Any, ...]:
    """Five different values from all over the column."""
    seen: dict[str, Any] = {}
    step = max(1, len(values) // 200)
    for value in [*values[:40], *values[::step]]:
        if value is None or value == "":
            continue
        seen.setdefault(text_of_value(value)[:80], value)
        if len(seen) >= 5:
            break
    return tuple(seen.values())


def _choices(texts: Counter[str]) -> tuple[tuple[str, int], ...]:
    if not 1 <= len(texts) <= _MOST_CHOICES or any(len(text) > 80 for text in texts):
        return ()
    return tuple(texts.most_common())


def _settle_regions(guesses: list[ColumnGuess]) -> list[ColumnGuess]:
    """Phone numbers that do not show their country take the one that tax numbers, states and other phones show."""
    votes: Counter[str] = Counter()
    for guess in guesses:
        if guess.kind == "tax_id" and guess.detail in _TAX_COUNTRIES:
            votes[_TAX_COUNTRIES[guess.detail]] += 3
        elif guess.kind in ("state", "postcode") and guess.detail:
            votes[guess.detail.upper()] += 1
        elif guess.kind == "phone" and len(guess.detail) == 2:
            votes[guess.detail] += 1
    if not votes:
        return guesses
    country = votes.most_common(1)[0][0]
    return [
        replace(guess, detail=country) if guess.kind == "phone" and not guess.detail else guess for guess in guesses
    ]


def _settle_orders(guesses: list[ColumnGuess], fallback: str) -> list[ColumnGuess]:
    """Dates that can be read both ways follow the other dates of the file, or else its language."""
    proven = Counter(g.date_order for g in guesses if g.date_order in ("dmy", "mdy"))
    order = proven.most_common(1)[0][0] if proven else fallback
    settled = []
    for guess in guesses:
        if guess.kind in ("date", "datetime") and guess.date_order is None:
            slashes = any(isinstance(s, str) and not s[:4].isdigit() for s in guess.samples)
            text = (
                N_("every date can be read both ways: taken as in the other columns")
                if proven
                else N_("every date can be read both ways: please check the order")
            )
            extra = (
                (Evidence(text),)
                if slashes and guess.detail not in ("names", "excel", "yyyymmdd", "unix", "unix_ms")
                else ()
            )
            cost = 0.0 if proven or not extra else 0.2
            guess = replace(
                guess,
                date_order=order,
                evidence=(*guess.evidence, *extra),
                confidence=round(guess.confidence - cost, 2),
            )
        settled.append(guess)
    return settled


def _language_order(headers: Sequence[str], guesses: Sequence[ColumnGuess]) -> str:
    """Month first only where a file in English looks North American."""
    found = [word for header in headers for word in lexicon.header_words(header)]
    english = sum(word in lexicon.ENGLISH for word in found)
    iberian = sum(word in lexicon.IBERIAN for word in found)
    american = any(g.kind == "state" and g.detail == "us" or g.kind == "postcode" and g.detail == "us" for g in guesses)
    american = american or any(
        g.kind in ("datetime", "time") and any(str(s).upper().endswith("M") for s in g.samples) for g in guesses
    )
    american = american or any(
        g.kind == "money" and any("$" in str(s) and "R$" not in str(s) for s in g.samples) for g in guesses
    )
    return "mdy" if english > iberian and american else "dmy"
