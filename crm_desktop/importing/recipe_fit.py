"""Which file a recipe knows: the mark of a table's layout, and a plan fitted to where the columns of another file stand."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.core.values import all_translations
from crm_desktop.importing import lexicon
from crm_desktop.importing.plan import ColumnPlan, ImportPlan
from crm_desktop.importing.table import CSV, TEXT_KINDS, XLSX, ColumnGuess, FileGuess, SheetGuess

_REJECTS = (N_("Row"), N_("Reason"))
_NAMELESS = N_("Column {n}")


@dataclass(frozen=True)
class Fitted:
    """A plan as it stands for another file, and what is different there.

    Attributes:
        plan: one column for each of the file, in their order; what the recipe does not know is left out.
        new: names of columns that the recipe does not know.
        missing: names of columns that the recipe knows and the file does not have.
        needed: those of ``missing`` that went to a field.
        other_kind: the recipe was made for another kind of file: a workbook instead of a text.
    """

    plan: ImportPlan
    new: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    other_kind: bool = False

    @property
    def exact(self) -> bool:
        """Whether the file has the columns of the recipe, all and no more."""
        return not (self.new or self.missing or self.other_kind)


def kind_mark(kind: str) -> str:
    """Texts are alike, and so are workbooks."""
    return "text" if kind in TEXT_KINDS else kind if kind in ("vcard", "ics") else "sheet"


def own_columns(sheet: SheetGuess) -> Sequence[ColumnGuess]:
    """The columns of the file itself: without those that are worked out, and without those of rejected rows."""
    columns = sheet.columns[: len(sheet.columns) - len(sheet.added)]
    return columns[:-2] if holds_rejects(columns) else columns


def holds_rejects(columns: Sequence[ColumnGuess]) -> bool:
    """Whether a table is one of rejected rows, whose last columns tell the row and the reason in any language."""
    last = [fold(column.original.strip()) for column in columns[-2:]]
    known = [{fold(text) for text in all_translations(word)} for word in _REJECTS]
    return len(columns) > 2 and all(text in words for text, words in zip(last, known, strict=True))


def keys_of(columns: Sequence[ColumnGuess]) -> list[str]:
    """What tells the columns of a table apart, whatever their order: the words of their names, or their places."""
    return _different(_words(one.header) if one.original else f"#{one.index}" for one in columns)


def keys_of_plan(columns: Sequence[ColumnPlan]) -> list[str]:
    """The same of a plan that does not tell: by the names it gives them."""
    return _different(_key_of_header(one.header) for one in columns)


def _words(header: str) -> str:
    return " ".join(lexicon.header_words(header)) or fold(header.strip())


def _key_of_header(header: str) -> str:
    for text in all_translations(_NAMELESS):
        found = re.fullmatch(re.escape(text).replace(re.escape("{n}"), r"(\d+)"), header.strip())
        if found:
            return f"#{int(found[1]) - 1}"
    return _words(header)


def _different(keys: Iterable[str]) -> list[str]:
    found: list[str] = []
    for key in keys:
        number, candidate = 1, key
        while candidate in found:
            number += 1
            candidate = f"{key} ~{number}"
        found.append(candidate)
    return found


def mark_of(kind: str, keys: Iterable[str]) -> str:
    """The mark of a layout: the set of the columns' names and the kind of file."""
    text = json.dumps([kind_mark(kind), *sorted(keys)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def marks_of(file: FileGuess, sheet: SheetGuess) -> tuple[str, ...]:
    """The marks by which a table may be known. Rejected rows are a workbook, whatever they were before."""
    keys = keys_of(own_columns(sheet))
    whole = sheet.columns[: len(sheet.columns) - len(sheet.added)]
    kinds = (file.kind, CSV, XLSX, "vcard", "ics") if holds_rejects(whole) else (file.kind,)
    return tuple(dict.fromkeys(mark_of(kind, keys) for kind in kinds))


def fit(plan: ImportPlan, keys: Sequence[str], file: FileGuess, sheet: SheetGuess) -> Fitted:
    """The plan for another file.

    Args:
        plan: its own columns first, then those that are worked out.
        keys: of its own columns; see :func:`keys_of`.
        file: as it was looked at, with the added columns where there are any.
    """
    there = own_columns(sheet)
    places = dict(zip(keys_of(there), there, strict=True))
    known = dict(zip(keys, plan.columns[: len(keys)], strict=True))
    added = sheet.columns[len(sheet.columns) - len(sheet.added) :]
    extra = {fold(one.header): one for one in plan.columns[len(keys) :]}
    moved = {known[key].column: places[key].index for key in known if key in places}
    moved |= {extra[fold(one.header)].column: one.index for one in added if fold(one.header) in extra}
    pairs = [(column, known.get(key)) for key, column in places.items()]
    pairs += [(one, None) for one in sheet.columns[len(there) : len(sheet.columns) - len(added)]]
    pairs += [(one, extra.get(fold(one.header))) for one in added]
    columns = tuple(
        ColumnPlan(column.index, column.header) if old is None
        else replace(old, column=column.index, header=column.header, pair=moved.get(old.pair, -1))
        for column, old in pairs
    )  # fmt: skip
    renamed = renames(plan, keys, sheet)
    missing = [one for key, one in known.items() if key not in places]
    return Fitted(
        plan.with_(
            columns=columns, source=file.options(file.sheets.index(sheet)), rows=sheet.rows,
            defaults={name: _renamed(value, renamed) for name, value in plan.defaults.items()},
        ),
        new=tuple(column.header for key, column in places.items() if key not in known),
        missing=tuple(one.header for one in missing),
        needed=tuple(one.header for one in missing if one.target),
        other_kind=kind_mark(file.kind) != kind_mark(plan.source.kind),
    )  # fmt: skip


def renames(plan: ImportPlan, keys: Sequence[str], sheet: SheetGuess) -> dict[str, str]:
    """What the columns of a plan are called in another file, by their own headers."""
    there = own_columns(sheet)
    places = dict(zip(keys_of(there), there, strict=True))
    own = zip(keys, plan.columns[: len(keys)], strict=True)
    return {one.header: places[key].header for key, one in own if key in places}


def _renamed(value: object, renamed: Mapping[str, str]) -> object:
    """A value for new records with the columns that it names called as in the other file."""
    if not isinstance(value, str) or "{" not in value:
        return value
    return re.sub(r"\{([^{}]+)\}", lambda found: "{" + renamed.get(found[1], found[1]) + "}", value)
