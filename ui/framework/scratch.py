"""Scratch files of this running program; they go when it ends, however it ends in order."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

_root: list[Path] = []


def scratch_folder(name: str = "files") -> Path:
    """A new empty folder that is removed when the program ends."""
    if not _root:
        _root.append(Path(tempfile.mkdtemp(prefix="crm-desktop-")))
        atexit.register(shutil.rmtree, _root[0], ignore_errors=True)
    _root[0].mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=_root[0]))
