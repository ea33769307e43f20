"""What every file keeps to: a size to read, a docstring, colours in one place, nothing generated."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.sources import ROOT, Source, sources

MOST_LINES = 500
TOKENS = "ui/theme/tokens.py"
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b|\b(?:rgb|hsl|hsv)a?\(\s*\d")
COLOUR_NEAR = re.compile(rf"{COLOUR.pattern}|QColor|GlobalColor")
DOCSTRING = re.compile(r'(?:#.*\n)*r?"""\s*[^\s"]')
"""How a file begins that says what it is."""
GENERATED = re.compile(
    r"""
      \.(mo|pot|pyc|pyo|qm|so|pyd|dll|crm|sqlite|sqlite3|db|log|egg-info)$
    | (^|/)(build|dist|\.venv|__pycache__|\.mypy_cache|\.ruff_cache|\.pytest_cache|\.hypothesis)/
    | (^|/)(ui_\w+|\w+_rc)\.py$
    """,
    re.VERBOSE,
)
KEPT_DATABASES = ("tests/", "resources/demo/")
"""Where a database file may be kept on purpose, e.g. one of each release that must still open."""


def _python_files() -> list[Path]:
    folders = ("crm_desktop", "ui", "installer", "tests", "benchmarks")
    return [ROOT / "main.py", *(path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))]


def _report(problems: list[str]) -> None:
    if problems:
        pytest.fail("\n".join(["", *problems]), pytrace=False)


def test_files_are_short_enough_to_read() -> None:
    """A longer file has a second room in it."""
    # a migration is as long as its schema
    paths = [path for path in _python_files() if path.parent.name != "versions"]
    counted = {path: path.read_text(encoding="utf-8").count("\n") for path in paths}
    _report([f"{name}: {lines} lines" for name, lines in counted.items() if lines > MOST_LINES])


def test_every_module_says_what_it_is() -> None:
    """The first line of a file is a docstring."""
    problems = []
    for path in _python_files():
        if not DOCSTRING.match(path.read_text(encoding="utf-8")):
            problems.append(f"{path.relative_to(ROOT)}: no docstring")
    _report(problems)


def test_no_generated_files_in_git() -> None:
    """What a command makes is not kept."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    names = [name for name in listed.split("\0") if GENERATED.search(name)]
    _report([name for name in names if not (name.endswith((".crm", ".sqlite")) and name.startswith(KEPT_DATABASES))])


def test_colours_come_from_the_tokens() -> None:
    """One place decides what the program looks like in light and dark."""
    problems = []
    for source in sources():
        # most files are done by a look at their text
        if source.module.startswith("ui") and source.name != TOKENS and COLOUR_NEAR.search(source.text):
            problems += [f"{source.name}:{line}: colour literal {text}" for line, text in _colours(source)]
    _report(problems)


def _colours(source: Source) -> Iterator[tuple[int, str]]:
    docstrings = {id(node.body[0].value) for node in ast.walk(source.tree) if _has_docstring(node)}  # type: ignore[attr-defined]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            found = COLOUR.search(node.value)
            if found:
                yield node.lineno, found.group()
        elif isinstance(node, ast.Call) and _last_name(node.func) == "QColor":
            if node.args and all(isinstance(argument, ast.Constant) for argument in node.args):
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Attribute) and _last_name(node.value) == "GlobalColor":
            if node.attr != "transparent":
                yield node.lineno, ast.unparse(node)


def _last_name(node: ast.AST) -> str:
    """What follows the last dot."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _has_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and bool(
        ast.get_docstring(node, clean=False)
    )
