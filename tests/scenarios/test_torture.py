"""A program that is killed in the middle of its work loses nothing; a few kills of ``tests.helpers.torture``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")
@pytest.mark.parametrize(("engine", "kinds"), [("sqlite", "save,import,backup"), ("postgresql", "save,undo")])
def test_killed_programs_lose_nothing(engine: str, kinds: str) -> None:
    """Hundreds of kills are run by hand: ``python -m tests.helpers.torture --kills 100``."""
    command = [sys.executable, "-m", "tests.helpers.torture", "--engine", engine, "--kinds", kinds, "--kills", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("landed 2") == len(kinds.split(","))
