"""What change sets are called, in the language in use: titles are stored untranslated, with what stands in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.records.retention import TITLE


def title_text(title: str, params: Any) -> str:
    """A stored title in the language in use."""
    if isinstance(params, str):
        params = json.loads(params)
    values = dict(params or {})
    if "of" in values:  # the title of an undo holds the title of what it undoes
        inner_title, inner_params = values.pop("of")
        values["title"] = title_text(inner_title, inner_params)
    text = translate(title)
    try:
        if title in COUNTED:
            return COUNTED[title](values)
        return text.format(**values) if values else text
    except (KeyError, IndexError):
        return text


def _made_smaller(values: Mapping[str, Any]) -> str:
    """What one run let go of the history; of what nothing went is not spoken."""
    parts = []
    if changes := int(values["changes"]):
        parts.append(ngettext("{n} old change", "{n} old changes", changes).format(n=format_integer(changes)))
    if records := int(values["records"]):
        parts.append(ngettext("{n} deleted record", "{n} deleted records", records).format(n=format_integer(records)))
    if not parts:
        return _("Made the history smaller")
    return _("Made the history smaller: let go of {what}").format(what=", ".join(parts))


COUNTED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {TITLE: _made_smaller}
"""Titles with more than one number in them, each of which has its own singular and plural."""
