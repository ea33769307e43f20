"""Adding a record type takes one file, one line and one migration: everything else follows from its fields."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_toy_record_type_is_everywhere(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """In a process of its own, because a mapped class stays in the metadata for good."""
    fixture = "empty_sqlite_url" if engine == "sqlite" else "empty_postgres_url"
    target = request.getfixturevalue(fixture)
    done = subprocess.run(
        [sys.executable, str(HERE / "journey.py"), target, str(tmp_path)], cwd=ROOT, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == [
        "migrated", "form", "list", "search", "filter", "custom", "import", "export", "history", "undo", "doctor", "copy",
        "rights",
    ]  # fmt: skip
