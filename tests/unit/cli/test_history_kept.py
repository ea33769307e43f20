"""The history on the command line: its size, what would go, letting it go after a backup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crm_desktop.core import clock
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.doctor import check
from crm_desktop.records import compaction, service
from tests.unit.cli.conftest import Run

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def old(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Somebody deleted a year ago."""
    monkeypatch.setattr(compaction, "_REST", 0.0)
    clock.set_clock(lambda: NOW - timedelta(days=365))
    with write(database, "Create") as uow:
        record = service.create_record(uow, "contact", {"name": "Gone Person", "email": "gone@example.com"})
    with write(database, "Delete") as uow:
        service.delete_records(uow, "contact", [record])
    clock.set_clock(lambda: NOW)
    yield database
    clock.set_clock(None)


def test_size_would_go_compact_and_give_back(old: Database, database_url: str, crm: Run, tmp_path: Path) -> None:
    crm_ = lambda *given: crm("history", "--database", database_url, *given)  # noqa: E731
    answer = crm_("--size", "--json")
    assert answer.code == 0, answer.err
    size = answer.json
    assert size["changes"] > 2 and size["policy"] == {
        "deleted_days": 90,
        "years": None,
        "then": "values",
        "weekly": False,
    }
    assert "restored for 90 days" in crm_("--size").out
    answer = crm_("--would-go", "--json")
    assert answer.code == 0, answer.err
    shown = answer.json
    assert shown["records"] == {"contact": 1} and shown["record_changes"] == size["changes"]
    assert "1 (Contacts)" in crm_("--would-go").out
    refused = crm_("--compact")
    assert refused.code != 0 and "--to" in refused.err
    answer = crm_("--compact", "--to", tmp_path / "kept", "--json")
    assert answer.code == 0, answer.err
    done = answer.json
    assert done["records"] == 1 and Path(done["backup"]).is_file()
    assert crm("verify", done["backup"]).code == 0
    again = crm_("--compact", "--to", tmp_path / "kept")
    assert again.code != 0 and "Nothing is old enough" in again.err
    assert crm_("--give-back", "--json").json["after"] > 0
    assert [one for one in check(old, full=True) if not one.ok] == []
