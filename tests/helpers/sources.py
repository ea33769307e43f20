"""The program's own source files, for the tests that read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("crm_desktop", "ui")


@dataclass(frozen=True)
class Import:
    """One imported module, e.g. ``crm_desktop.core.clock`` or ``sqlalchemy``, and where the import stands."""

    module: str
    line: int
    in_function: bool
    for_types_only: bool
    relative: bool = False


@dataclass(frozen=True)
class Source:
    """A file of the program, parsed."""

    path: Path
    module: str
    text: str
    tree: ast.Module
    imports: tuple[Import, ...] = field(default=())

    @property
    def name(self) -> str:
        """The path as people write it."""
        return self.path.relative_to(ROOT).as_posix()


@cache
def sources() -> tuple[Source, ...]:
    """Every module of the program."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    known = {module_name(path) for path in paths}
    found = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text, str(path))
        found.append(Source(path, module_name(path), text, tree, tuple(_imports(tree, known))))
    return tuple(found)


def module_name(path: Path) -> str:
    """The dotted name of a file below the root."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.Module, known: set[str]) -> Iterator[Import]:
    for node, in_function, for_types_only in _walk(tree, False, False):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, in_function, for_types_only)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield Import(node.module or ".", node.lineno, in_function, for_types_only, relative=True)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                module = submodule if submodule in known else node.module
                yield Import(module, node.lineno, in_function, for_types_only)


def _walk(node: ast.AST, in_function: bool, for_types_only: bool) -> Iterator[tuple[ast.AST, bool, bool]]:
    """The statements below a node: expressions hold no imports."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            continue
        inside = in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        types = for_types_only or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test))
        yield child, inside, types
        yield from _walk(child, inside, types)
