"""What the settings of a whole office are called, and how their values read: in the changes, beside an undo, in a backup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_desktop.core import formats
from crm_desktop.core.i18n import _, translate


def plain_words(value: Any) -> str:
    """A value that is a text, a number, yes or no, or some of them."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return formats.format_integer(value)
    if isinstance(value, list | tuple):
        return ", ".join(plain_words(one) for one in value)
    if isinstance(value, Mapping):
        return " · ".join(f"{key}: {plain_words(one)}" for key, one in value.items() if one not in (None, ""))
    return "" if value is None else str(value)


def instant_words(value: Any) -> str:
    """A moment that is kept as "2026-03-12T09:48:00.000Z", in the zone of this computer."""
    try:
        return formats.format_datetime(datetime.fromisoformat(str(value).replace("Z", "+00:00")))
    except ValueError:
        return str(value)


@dataclass(frozen=True)
class NamedSetting:
    """A setting of the whole office.

    Attributes:
        key: as it is kept; one that ends with a dot stands for all that begin with it.
        label: what people call it, a source text.
        words: a value as people read it; gets no None.
    """

    key: str
    label: str
    words: Callable[[Any], str] = plain_words


def find_setting(settings: Iterable[NamedSetting], key: str) -> NamedSetting | None:
    """The setting of a key; None for one of a newer program."""
    return next(
        (one for one in settings if one.key == key or (one.key.endswith(".") and key.startswith(one.key))), None
    )


def title_of(settings: Iterable[NamedSetting], key: str) -> str:
    """What a setting is called, in the language in use; its key where this program does not know it."""
    found = find_setting(settings, key)
    return translate(found.label) if found is not None else key


def words_of(settings: Iterable[NamedSetting], key: str, value: Any) -> str:
    """A value of a setting as people read it, whatever somebody else's program wrote there."""
    found = find_setting(settings, key)
    if value is None:
        return ""
    try:
        return found.words(value) if found is not None else plain_words(value)
    except (TypeError, ValueError, KeyError, AttributeError, LookupError):
        return plain_words(value)
