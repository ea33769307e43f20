"""Unsaved text, kept on this computer so that neither a crash nor a lost connection loses any; each person has their own.

Each draft is a file of its own, written whole or not at all, so that keeping one costs the same however many there are.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crm_desktop.core import clock, paths
from ui.framework.office import Office

_SEPARATOR = "|"


@dataclass(frozen=True)
class Draft:
    """What was typed and is not saved.

    Attributes:
        key: where it belongs, see :func:`draft_key`.
        value: a small JSON value: the text, or what stands in the editors of a form.
        title: what people call the record it is for; "" where it has none yet.
        at: when it was last written in, as an ISO instant.
    """

    key: str
    value: Any
    title: str = ""
    at: str = ""

    @property
    def parts(self) -> list[str]:
        """What it is for: "form", "contact", "17"."""
        return self.key.split(_SEPARATOR)[1:]


class _Kept:
    """The drafts of a folder, read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drafts: dict[str, Draft] = {}
        for path in sorted(folder.glob("*.json")):
            with suppress(OSError, ValueError, KeyError, TypeError):
                given = json.loads(path.read_text(encoding="utf-8"))
                self.drafts[given["key"]] = Draft(given["key"], given["value"], given["title"], given["at"])

    def path(self, key: str) -> Path:
        """Where a draft is; its name says nothing about anybody."""
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def write(self, draft: Draft) -> None:
        """Keep a draft; readable by the owner of this account only."""
        self.drafts[draft.key] = draft
        path = self.path(draft.key)
        part = path.with_suffix(".part")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"key": draft.key, "value": draft.value, "title": draft.title, "at": draft.at}, file)
            os.replace(part, path)
        except OSError:  # without room on the disk the text stays on the screen only
            part.unlink(missing_ok=True)

    def remove(self, key: str) -> None:
        """Forget a draft."""
        if self.drafts.pop(key, None) is not None:
            with suppress(OSError):
                self.path(key).unlink(missing_ok=True)


_kept: _Kept | None = None
_erased: set[str] = set()
"""Ids of records that were erased since the start: a card that still shows one must not keep its text again."""


def _all() -> _Kept:
    global _kept
    folder = paths.data_folder() / "drafts"
    if _kept is None or _kept.folder != folder:
        _kept = _Kept(folder)
    return _kept


def draft_space(office: Office) -> str:
    """What tells this database and whoever is signed in from others on this computer."""
    return f"{office.database.place}#{office.user_id or 0}".replace(_SEPARATOR, "/")


def draft_key(office: Office, *parts: object) -> str:
    """The name of a draft: the office, who writes, and what the text is for."""
    return _SEPARATOR.join([draft_space(office), *(str(part) for part in parts)])


def given_parts(given: Mapping[str, Any]) -> list[str]:
    """What tells the draft of a new record from others of its type: the values that its form was opened with."""
    return [str(part) for name, value in sorted(given.items()) for part in (name, _plain(value))]


def given_json(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a form was opened with, to open it so again; those that are no JSON are left out."""
    kept = {name: list(one) if isinstance(one, tuple) else one for name, one in given.items()}
    return {name: one for name, one in kept.items() if isinstance(one, (str, int, float, bool, list))}


def given_values(draft: Draft) -> dict[str, Any]:
    """What :func:`given_json` made of the values that the form of a draft was opened with."""
    kept = draft.value.get("@given") if isinstance(draft.value, dict) else None
    return {name: _tupled(one) for name, one in kept.items()} if isinstance(kept, dict) else {}


def _tupled(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [_tupled(one) for one in value] if value and isinstance(value[0], list) else tuple(value)


def _plain(value: Any) -> Any:
    value = value[0] if isinstance(value, tuple) and value else value
    return str(value).replace(_SEPARATOR, "/")


def _is_erased(key: str) -> bool:
    return not _erased.isdisjoint(key.split(_SEPARATOR))


def load_draft(key: str) -> Any:
    """What was kept under a name, or None."""
    found = _all().drafts.get(key)
    return None if found is None else found.value


def keep_draft(key: str, value: Any, title: str = "") -> None:
    """Keep a small JSON value under a name; an empty one forgets it.

    Args:
        title: what people call the record it is for; the one known already where empty.
    """
    kept = _all()
    if not value or _is_erased(key):
        kept.remove(key)
        return
    before = kept.drafts.get(key)
    if before is None or before.value != value:
        name = title or (before.title if before is not None else "")
        kept.write(Draft(key, value, name, clock.now().isoformat()))


def carry_drafts(old: str, new: str) -> None:
    """The office lives elsewhere now: its drafts go along.

    Args:
        old, new: ``Database.place`` before and after; everybody keeps their id.
    """
    kept, start = _all(), f"{old}#".replace(_SEPARATOR, "/")
    for draft in [one for key, one in kept.drafts.items() if old != new and key.startswith(start)]:
        kept.remove(draft.key)
        kept.write(replace(draft, key=f"{new}#".replace(_SEPARATOR, "/") + draft.key[len(start) :]))


def forget_drafts_of(record_id: int) -> None:
    """Everything that was kept about a record, by whomever, is to go: it was erased."""
    _erased.add(str(record_id))
    kept = _all()
    for key in [key for key in kept.drafts if _is_erased(key)]:
        kept.remove(key)


def forget_draft(key: str) -> None:
    """The text was saved or thrown away."""
    _all().remove(key)


def drafts_of(office: Office) -> list[Draft]:
    """The drafts of whoever is signed in, the newest first."""
    start = draft_space(office) + _SEPARATOR
    return sorted((one for one in _all().drafts.values() if one.key.startswith(start)), key=lambda one: one.at)[::-1]


def draft_text(draft: Draft) -> str:
    """What was typed, as text to read and copy."""
    return "\n".join(_texts(draft.value))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, dict):
        return [text for name, one in value.items() if name != "@given" for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return []
