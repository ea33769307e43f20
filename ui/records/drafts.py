"""Unsaved text, kept in a file so that a crash loses nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from crm_desktop.core import paths

_MOST = 200


def _file() -> Path:
    return paths.data_folder() / "drafts.json"


def _read() -> dict[str, Any]:
    try:
        kept = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(drafts: dict[str, Any]) -> None:
    while len(drafts) > _MOST:
        del drafts[next(iter(drafts))]
    part = _file().with_suffix(".part")
    try:
        part.write_text(json.dumps(drafts, ensure_ascii=False), encoding="utf-8")
        os.replace(part, _file())
    except OSError:
        # Without room on the disk the text stays on the screen only.
        part.unlink(missing_ok=True)


def draft_key(database: str, *parts: object) -> str:
    """The name of a draft: the office and what the text is for."""
    return "|".join([database, *(str(part) for part in parts)])


_erased: set[str] = set()
"""Ids of records that were erased since the start: a card that still shows one must not keep its text again."""


def _is_erased(key: str) -> bool:
    return not _erased.isdisjoint(key.split("|"))


def load_draft(key: str) -> Any:
    """What was kept under a name, or None."""
    return _read().get(key)


def keep_draft(key: str, value: Any) -> None:
    """Keep a small JSON value under a name; an empty one forgets it."""
    drafts = _read()
    value = None if _is_erased(key) else value
    if drafts.get(key) == value:
        return
    drafts.pop(key, None)
    if value:
        drafts[key] = value
    _write(drafts)


def carry_drafts(old: str, new: str) -> None:
    """The office is called otherwise now, or lives elsewhere: its drafts go along."""
    if old != new:
        start = f"{old}|"
        _write({new + key[len(old) :] if key.startswith(start) else key: value for key, value in _read().items()})


def forget_drafts_of(record_id: int) -> None:
    """Everything that was kept about a record is to go: it was erased."""
    _erased.add(str(record_id))
    drafts = _read()
    left = {key: value for key, value in drafts.items() if not _is_erased(key)}
    if left != drafts:
        _write(left)


def forget_draft(key: str) -> None:
    """The text was saved or thrown away."""
    keep_draft(key, None)
