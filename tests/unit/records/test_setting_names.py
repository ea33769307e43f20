"""Every setting of the office has a name and a value that people can read, wherever a change of it is told."""

from __future__ import annotations

import ast
import importlib
from datetime import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crm_desktop import features
from crm_desktop.backup import schedule
from crm_desktop.backup.schedule import Plan
from crm_desktop.core import i18n
from crm_desktop.core.office_settings import find_setting, title_of, words_of
from crm_desktop.db import journal
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import changes, custom, history, office_service, retention, undo_plan, undo_words
from crm_desktop.records.office_service import save_settings

ROOT = Path(__file__).resolve().parents[3]
EVA = Actor(None, "Eva")
KNOWN_BY_HAND = {
    "crm_desktop/records/retention.py": retention._values(retention.Policy()),
    "crm_desktop/records/compaction.py": (retention.LAST, journal.EDITS_BEGIN, journal.DELETIONS_BEGIN),
    "ui/settings/office_tab.py": (office_service.NAME, office_service.ADDRESS, office_service.COUNTRY, office_service.CURRENCY),
}  # fmt: skip
"""What modules save that put their settings together before; a new one says here which they are."""


def saved_keys() -> dict[str, str]:
    """Every key that the program saves, and the module that does."""
    found: dict[str, str] = {}
    for folder in ("crm_desktop", "ui"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text, name = path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
            if "save_settings(" not in text:
                continue
            for call in ast.walk(ast.parse(text)):
                called = getattr(call, "func", None)
                if isinstance(call, ast.Call) and "save_settings" in (
                    getattr(called, "id", ""),
                    getattr(called, "attr", ""),
                ):
                    given = call.args[1]
                    if isinstance(given, ast.Dict):
                        module = importlib.import_module(name[:-3].replace("/", "."))
                        found |= {key_of(one, module): name for one in given.keys}
                    else:
                        assert name in KNOWN_BY_HAND, f"{name} saves settings: which?"
                        found |= dict.fromkeys(KNOWN_BY_HAND[name], name)
    return found


def key_of(node: ast.expr | None, module: ModuleType) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.Name):
        return str(getattr(module, node.id))
    assert isinstance(node, ast.Call)
    return custom.retired_setting("contact")


def test_every_setting_that_the_program_saves_has_a_name() -> None:
    keys = saved_keys()
    assert len(keys) > 12
    for key, module in keys.items():
        assert find_setting(features.SETTINGS, key) is not None, f"{key} of {module} has no name"
    assert len({one.label for one in features.SETTINGS}) == len(features.SETTINGS)


def test_what_the_sample_office_sets_has_names(sqlite_database: Database) -> None:
    from crm_desktop.demo.make import make_demo  # lazy: the sample office

    make_demo(sqlite_database, contacts=20)
    with sqlite_database.read() as connection:
        kept = office_service.read_settings(connection)
    assert [key for key in kept if title_of(features.SETTINGS, key) == key] == []
    assert all(words_of(features.SETTINGS, key, value) for key, value in kept.items())


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("country", "BR", "Brazil"), ("history.deleted_days", 30, "30 days"), ("history.deleted_days", 0, "For ever"),
        ("history.years", 1, "1 year"), ("history.then", "everything", "Let all of it go"), ("history.weekly", True, "yes"),
        ("duplicates.schedule", "two_weeks", "Every two weeks"), ("fields.retired.deal", ["a", "b"], "a, b"),
        ("case_deadlines", {"high": {"respond": 4, "resolve": None}}, "High: answered within 4 h, solved within –"),
        ("moved", {"to": "postgresql://ana@server/crm", "at": "2026-03-01T12:00:00.000Z"}, "server/crm, "),
        ("restored", {"made": "2026-03-01T12:00:00.000Z", "by": "Ana"}, ", by Ana"),
        ("backup_plan", schedule.to_json(Plan(True, times=(time(7, 30),), places=("", "/usb"))), "Every day at 7:30"),
        ("backup_plan", "?", "?"), ("history.then", 7, "7"), ("moved", {}, ""), ("of.a.newer.program", {"a": [1]}, "a: 1"),
    ],
)  # fmt: skip
def test_values_read_as_people_say_them(key: str, value: Any, words: str) -> None:
    assert words in words_of(features.SETTINGS, key, value)


def test_changes_name_the_setting_and_its_values(database: Database) -> None:
    for plan in (Plan(True, times=(time(9),)), Plan(False)):
        with write(database, "Plan", actor=EVA) as uow:
            schedule.save_plan(uow, plan)
    with database.read() as connection:
        first = undo_plan.plan_undo(database, connection, history.recent(connection)[1].id)
        words = undo_words.obstacles(database, connection, first)
    assert [one.title for one in words] == ["Plan of the backups"]
    with write(database, "Away", actor=EVA) as uow:
        save_settings(uow, {schedule.KEY: None})
    with database.read() as connection:
        away, off, on = history.recent(connection)[:3]
        told = {one.id: changes.change_rows(database, connection, one.id)[0] for one in (away, off, on)}
    assert {one.title for one in told.values()} == {"Plan of the backups"}
    value = told[off.id].fields[0]
    assert value.old.startswith("Every day at 9:00") and value.new == "No backups are made by themselves."
    assert told[away.id].fields[0].old == "No backups are made by themselves."


def test_the_name_follows_the_language(database: Database) -> None:
    with write(database, "Plan", actor=EVA) as uow:
        schedule.save_plan(uow, Plan(True))
    i18n.set_language("pt_BR")
    try:
        with database.read() as connection:
            row = changes.change_rows(database, connection, history.recent(connection)[0].id)[0]
    finally:
        i18n.set_language("en")
    assert row.title not in ("", schedule.KEY, "Plan of the backups")
