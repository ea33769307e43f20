"""Before a large import the office is backed up; it is asked where that is needless or cannot be done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_desktop.backup import catalogue
from crm_desktop.backup.schedule import Plan
from crm_desktop.core.errors import UserError
from ui import features
from ui.backup import plan
from ui.importing import backing_up


@pytest.fixture
def large(desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A desk where a few rows count as many, with a rehearsed import."""
    monkeypatch.setattr(backing_up, "ROWS", 3)
    features.prepare(desk.office)
    plan.keep(desk.office.database, Plan(enabled=False))
    path = tmp_path / "people.csv"
    path.write_text("Name;E-mail\nAna Prado;a@x.example\nRui Sá;r@x.example\nIvo Luz;i@x.example\n", encoding="utf-8")
    desk.open(path)
    desk.go_to("rehearsal")
    return desk


def backups(desk: Any) -> list[str]:
    return [one.why for one in catalogue.known_backups(desk.office.database)]


def test_a_large_import_is_backed_up_first_and_a_second_one_asks(large: Any, tmp_path: Path) -> None:
    large.go_on()
    assert large.page.current.key == "result" and large.count("contact") == 3 and backups(large) == ["import"]
    other = tmp_path / "more.csv"
    other.write_text("Name\nEva Mar\nNoé Rio\nLia Sol\n", encoding="utf-8")
    large.open(other)
    large.go_to("rehearsal")
    backing_up.dialogs.answers.give("skip")
    large.go_on()
    assert large.count("contact") == 6 and backups(large) == ["import"]


def test_where_none_can_be_made_it_is_asked_and_nothing_was_written(large: Any) -> None:
    def full(_kind: str, _database: Any, _name: str) -> Any:
        def make(_progress: Any) -> None:
            raise UserError("The disk is full.")

        return make

    large.office.back_up_before = full
    backing_up.dialogs.answers.give("stay")
    large.go_on()
    assert large.page.current.key == "rehearsal" and large.count("contact") == 0
    backing_up.dialogs.answers.give("without")
    large.go_on()
    assert large.count("contact") == 3 and backups(large) == []
