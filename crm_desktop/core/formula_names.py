"""The names of fields in formulas: as they are stored, and as people read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from crm_desktop.core.fields import Field
from crm_desktop.core.formula_words import FormulaError, words_of
from crm_desktop.core.i18n import translate
from crm_desktop.core.text import fold


def fields_in(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, name) of everything in brackets, texts in quotes left out."""
    for word in words_of(text):
        if word.kind == "field":
            yield word.start, word.end, word.text


def with_names(text: str, fields: Mapping[str, Field]) -> str:
    """The formula as it is stored: fields by their names, so that labels and languages may change."""
    return _replaced(text, lambda name: found.name if (found := find_field(name, fields)) else name)


def with_labels(text: str, fields: Mapping[str, Field]) -> str:
    """The formula as people read it: fields by their labels, where no two have the same."""
    labels: dict[str, int] = {}
    for one in fields.values():
        labels[fold(label_of(one))] = labels.get(fold(label_of(one)), 0) + 1

    def label(name: str) -> str:
        one = fields.get(name)
        if one is None or labels[fold(label_of(one))] > 1 or set("[]") & set(label_of(one)):
            return name
        return label_of(one)

    return _replaced(text, label)


def _replaced(text: str, change: Callable[[str], str]) -> str:
    try:
        places = list(fields_in(text))
    except FormulaError:
        return text
    for start, end, name in reversed(places):
        text = f"{text[:start]}[{change(name.strip())}]{text[end:]}"
    return text


def label_of(one: Field) -> str:
    """The label of a field in the language in use."""
    return one.label if one.custom else translate(one.label)


def find_field(name: str, fields: Mapping[str, Field]) -> Field | None:
    """The field with this name, or this label; names win."""
    text = name.strip()
    for candidate in (text, f"custom.{text}", f"{text}_id"):
        if candidate in fields:
            return fields[candidate]
    wanted = fold(text)
    own = [one for one in fields.values() if wanted in (fold(label_of(one)), fold(one.label))]
    return fields[min(own, key=lambda one: (not one.custom, one.hidden)).name] if own else None
