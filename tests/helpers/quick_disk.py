"""Where the tests keep their files: in memory where there is room, for they make and drop thousands of databases."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")
ROOM = 3_000_000_000
"""What a run on two processes leaves free at its peak, several times over."""


def keep_files_in_memory() -> None:
    """Let the temporary files of this process and of those it starts lie in memory; a ``TMPDIR`` of yours stays."""
    if os.environ.get("TMPDIR") or not os.access(MEMORY, os.W_OK | os.X_OK):
        return
    if min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available) >= ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # where it was asked for before
