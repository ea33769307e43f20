"""What a killed program was writing goes when the next one starts; what a running one writes stays."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop.core import scratch

ROOT = Path(__file__).resolve().parents[3]
WRITES = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    from crm_desktop.core import scratch
    scratch.use_own_folder()
    with scratch.unfinished(Path(sys.argv[1])):
        Path(sys.argv[1]).write_text("half")
        os._exit(9)
    """
)


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    yield scratch.use_own_folder()
    scratch.give_back()


def write_and_die(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", WRITES, str(path)], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 9 and path.exists()


def test_half_a_file_goes_with_the_next_start(own_folder: Path, tmp_path: Path) -> None:
    half, other = tmp_path / "whole.zip.partial", tmp_path / "other.zip.partial"
    other.write_text("somebody else's")
    write_and_die(half)
    assert scratch.sweep() == 1
    assert not half.exists() and other.exists()


def test_what_somebody_writes_again_just_now_stays(own_folder: Path, tmp_path: Path) -> None:
    half = tmp_path / "whole.zip.partial"
    write_and_die(half)
    with scratch.unfinished(half):
        half.write_text("again")
        scratch.sweep()
        assert half.read_text() == "again"


def test_what_was_finished_is_forgotten(own_folder: Path, tmp_path: Path) -> None:
    with scratch.unfinished(tmp_path / "a.part"):
        assert list(own_folder.glob("unfinished-*"))
    assert not list(own_folder.glob("unfinished-*"))
