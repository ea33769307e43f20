"""How the program starts: what is a sub-command, and that it needs no Qt."""

from __future__ import annotations

import subprocess
import sys

import pytest

import main
from tests.helpers.sources import ROOT


@pytest.mark.parametrize("words", [["self-test"], ["backup", "--to", "x"], ["--help"], ["-h"], ["--version"]])
def test_a_word_is_a_command(words: list[str]) -> None:
    assert main.is_command(words)


@pytest.mark.parametrize("words", [[], ["office.crm"], ["/data/office.crm"], ["postgresql://host/crm"], ["--database"]])
def test_a_file_an_address_and_an_option_belong_to_the_window(words: list[str]) -> None:
    assert not main.is_command(words)


def test_commands_run_without_qt() -> None:
    """A server without a display, or without Qt, can be looked after."""
    code = "import sys, main; main.main(['--help']); sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "self-test" in result.stdout
