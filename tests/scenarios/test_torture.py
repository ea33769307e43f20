"""A program that is killed in the middle of its work loses nothing; some kills of ``tests.helpers.torture``."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.thorough import THOROUGH

ROOT = Path(__file__).resolve().parents[2]


KINDS = ("save", "import", "merge", "backup", "migration")
KILLS = 40 if THOROUGH else 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_killed_programs_lose_nothing(engine: str, kind: str) -> None:
    """Hundreds of kills of every kind are run by hand: ``python -m tests.helpers.torture --kills 100``."""
    command = [sys.executable, "-m", "tests.helpers.torture", "--engine", engine, "--kinds", kind]
    seed = str(random.SystemRandom().randrange(10**6) if THOROUGH else 1)
    command += ["--kills", str(KILLS), "--seed", seed]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"seed {seed}\n{done.stdout}{done.stderr}"
    assert int(re.findall(r"landed (\d+)", done.stdout)[0]) >= KILLS
