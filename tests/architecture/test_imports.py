"""Who may import whom: the table of docs/architecture, as a test."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.helpers.sources import PACKAGES, ROOT, Import, Source, sources

ENGINES = ("dedupe", "reporting", "importing", "exporting", "backup", "archive", "security", "automation", "mail")
FEATURES = ("contacts", "sales", "calendar", "cases", "marketing")
TOP_MODULES = (
    "features", "reports", "upgrading", "app", "reading", "office_server", "server_way_back", "moving", "doctor_history", "doctor_derived", "doctor",
    "doctor_repair", "selftest", "cli_sign_in",
    "cli_base", "cli_history", "cli_records", "cli_reports", "cli_data", "cli_import_words", "cli_import", "cli_export",
    "cli_backup", "cli_archive", "cli_care", "cli_restore",
    "cli_privacy", "cli_users", "cli_rights", "cli_server", "cli",
)  # fmt: skip
"""The single modules of crm_desktop, lowest first; each may import everything below it."""

QT = ("PySide6", "shiboken6", "qtawesome", "qtpy", "pyqtgraph", "pytestqt", "PyQt5", "PyQt6")
DATABASE = ("sqlalchemy", "alembic", "psycopg", "sqlite3")


def _core_layers() -> dict[str, set[str]]:
    """What each folder of crm_desktop may import from the others."""
    base = {"core", "db", "records"}
    allowed = {"core": set[str](), "db": {"core"}, "records": {"core", "db"}}
    allowed |= {engine: set(base) for engine in ENGINES}
    allowed["importing"] |= {"dedupe"}  # an import asks the office's strict rules
    allowed["exporting"] |= {"reporting"}  # address cards, and files that appear whole or not at all
    allowed["archive"] |= {"backup", "exporting", "reporting"}  # a backup that people read: both write it
    allowed["importing"] |= {"reporting"}  # a rehearsal is printed
    allowed["contacts"] = base | set(ENGINES)
    allowed |= {feature: base | set(ENGINES) | {"contacts"} for feature in FEATURES if feature != "contacts"}
    below = base | set(ENGINES) | set(FEATURES)
    allowed["insight"] = set(below)
    allowed["demo"] = set(below)
    below |= {"insight", "demo"}
    for module in TOP_MODULES:
        allowed[module] = set(below)
        below = below | {module}
    return allowed


CORE_LAYERS = _core_layers()

UI_LAYERS = {
    "theme": {"crm_desktop.core"},
    "framework": {"crm_desktop.core", "ui.theme"},
    "widgets": {"crm_desktop.core", "ui.theme", "ui.framework"},
    "records": {
        "crm_desktop.core",
        "crm_desktop.records",
        "crm_desktop.dedupe",
        "crm_desktop.reporting",
        "crm_desktop.exporting",
        "ui.theme",
        "ui.framework",
        "ui.widgets",
    },
}
"""What each lower folder of ui may import."""

UI_FEATURE = {"crm_desktop.core", "crm_desktop.records", "ui.theme", "ui.framework", "ui.widgets", "ui.records"}
"""What every feature folder of ui may import, besides its twin in crm_desktop."""

UI_ALSO = {"backup": {"crm_desktop.archive"}}
"""What a feature folder of ui may import of another part of crm_desktop."""

UI_READS_ACROSS = {"today", "search"}
"""Pages that show several features at once; they may read all of them."""

UI_TOP_MODULES = ("features", "main_window", "app", "shell")
"""What puts the window together: the rest of ``ui`` does not import it."""


def _layer(module: str) -> str:
    """The folder or top module of crm_desktop or ui, e.g. "crm_desktop.sales"; the package itself counts as its top."""
    return ".".join(module.split(".")[:2])


def _is_ours(module: str) -> bool:
    return module.split(".")[0] in PACKAGES


def _may_import(layer: str, target: str) -> bool:
    package, _, name = layer.partition(".")
    target_package, _, target_name = target.partition(".")
    if layer == target or not target_name:
        return True
    if package == "crm_desktop":
        return target_package == "crm_desktop" and target_name in CORE_LAYERS.get(name, set())
    if not name or name in UI_TOP_MODULES or name.startswith("main_window"):
        return True
    if name in UI_LAYERS:
        return target in UI_LAYERS[name]
    if name in UI_READS_ACROSS and target_package == "crm_desktop":
        return target_name in {"core", "records", "insight", *ENGINES, *FEATURES}
    return target in UI_FEATURE | UI_ALSO.get(name, set()) or target == f"crm_desktop.{name}"


def _report(problems: list[str]) -> None:
    if problems:
        pytest.fail("\n".join(["", *problems]), pytrace=False)


def _each_import() -> list[tuple[Source, Import]]:
    return [(source, found) for source in sources() for found in source.imports]


def test_every_folder_of_the_core_has_a_place_in_the_table() -> None:
    """A new folder must be given its layer before it can be used."""
    folders = {
        _layer(source.module).partition(".")[2] for source in sources() if source.module.startswith("crm_desktop.")
    }
    assert sorted(folders - set(CORE_LAYERS)) == []


def test_layers() -> None:
    """Each folder imports only what its line of the table names."""
    _report(
        [
            f"{source.name}:{found.line}: {_layer(source.module)} may not import {found.module}"
            for source, found in _each_import()
            if _is_ours(found.module) and not _may_import(_layer(source.module), _layer(found.module))
        ]
    )


def test_the_core_imports_no_toolkit() -> None:
    """crm_desktop runs without Qt."""
    _report(
        [
            f"{source.name}:{found.line}: imports {found.module}"
            for source, found in _each_import()
            if source.module.startswith("crm_desktop") and found.module.split(".")[0] in QT
        ]
    )


def test_the_window_imports_no_database() -> None:
    """ui sees rows and dataclasses, never SQL."""
    _report(
        [
            f"{source.name}:{found.line}: imports {found.module}"
            for source, found in _each_import()
            if source.module.startswith("ui") and found.module.split(".")[0] in DATABASE
        ]
    )


def test_imports_are_absolute() -> None:
    """The reader sees where a name comes from."""
    _report([f"{source.name}:{found.line}: relative import" for source, found in _each_import() if found.relative])


def test_imports_stand_at_the_top() -> None:
    """An import inside a function hides a dependency; a lazy one says why on its line or the line above."""
    problems = []
    for source, found in _each_import():
        lines = source.text.splitlines()
        near = lines[max(found.line - 2, 0) : found.line]
        if found.in_function and not any("# lazy:" in line for line in near):
            problems.append(f"{source.name}:{found.line}: imports {found.module} inside a function without '# lazy:'")
    _report(problems)


def test_no_cycles() -> None:
    """No module reaches itself by its imports, however long the way."""
    graph = {source.module: set[str]() for source in sources()}
    for source, found in _each_import():
        if found.module in graph and found.module != source.module and not found.for_types_only:
            graph[source.module].add(found.module)
    _report([" <-> ".join(sorted(group)) for group in _strongly_connected(graph) if len(group) > 1])


def test_packages_re_export_nothing() -> None:
    """An __init__ holds its docstring; a name has one address."""
    problems = []
    for source in sources():
        if source.path.name != "__init__.py" or "migrations" in source.module:
            continue
        extra = [node for node in source.tree.body[1:] if _is_code(node)]
        problems += [f"{source.name}:{node.lineno}: more than a docstring" for node in extra[:1]]
    _report(problems)


def _is_code(node: object) -> bool:
    """Whether a statement is more than ``from __future__ import annotations``."""
    return getattr(node, "module", "") != "__future__"


def test_third_party_imports_are_declared() -> None:
    """What the program imports is pinned in pyproject.toml; it must not come along by luck."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    declared = {_normal(re.split(r"[\[<>=~! ]", line)[0]) for group in groups for line in group}
    declared |= {"shiboken6"}  # half of PySide6
    owners = packages_distributions()
    problems = set()
    for source, found in _each_import():
        top = found.module.split(".")[0]
        if top in sys.stdlib_module_names or _is_ours(found.module) or found.relative:
            continue
        names = {_normal(owner) for owner in owners.get(top, [])}
        if not names & declared:
            problems.add(f"{source.name}:{found.line}: {top} is not among the dependencies of pyproject.toml")
    _report(sorted(problems))


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _strongly_connected(graph: dict[str, set[str]]) -> list[set[str]]:
    """The strongly connected components of a graph (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            found.append(set(stack[at:]))
            del stack[at:]

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found
