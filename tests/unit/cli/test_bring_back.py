"""Bringing back from a backup by the command line: shown first, done when asked, taken back by its number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crm_desktop import app, cli, features
from crm_desktop.backup.making import make_backup
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import service as records


@pytest.fixture
def office(tmp_path: Path) -> tuple[Path, str, int]:
    """A file whose one person was deleted after the backup; the file, the backup, and the id."""
    path = tmp_path / "office.crm"
    database = app.open_database(path)
    with write(database, "First") as uow:
        person = records.create_record(uow, "contact", {"name": "Íris"})
    info = make_backup(database, tmp_path / "kept", prove=False)
    with write(database, "Delete", actor=Actor(None, "Rui")) as uow:
        records.delete_records(uow, "contact", [person])
    database.close()
    return path, info.path, person


def names(path: Path) -> list[str]:
    database = Database(path, features.schema())
    try:
        with database.read() as connection:
            return list(connection.exec_driver_sql("SELECT name FROM contact").scalars())
    finally:
        database.close()


def test_shown_then_done_then_taken_back(office: tuple[Path, str, int], capsys: pytest.CaptureFixture[str]) -> None:
    path, backup, person = office
    common = ["--database", str(path), "--json"]
    assert cli.main(["bring-back", backup, "--by", "Rui", "--deleted", *common]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["id"], one["was"], one["by"]) for one in found["records"]] == [(person, "deleted", ["Rui"])]
    assert names(path) == []
    assert cli.main(["bring-back", backup, "--record", f"contact:{person}", "--do", *common]) == 0
    done = json.loads(capsys.readouterr().out)["done"]
    assert names(path) == ["Íris"] and done["returned"]
    assert cli.main(["undo", str(done["change"]), *common]) == 0
    assert names(path) == []
    capsys.readouterr()
    assert cli.main(["bring-back", backup, "--everything", "--do", "--database", str(path)]) == 0
    assert "there again" in capsys.readouterr().out and names(path) == ["Íris"]


def test_over_the_file_and_back(office: tuple[Path, str, int], capsys: pytest.CaptureFixture[str]) -> None:
    path, backup, _person = office
    assert cli.main(["restore", backup, "--to", str(path), "--over", "--json"]) == 0
    copy = json.loads(capsys.readouterr().out)["copy"]
    assert names(path) == ["Íris"]
    assert cli.main(["restore", copy, "--to", str(path), "--over"]) == 0
    assert names(path) == []
    assert cli.main(["restore", backup, "--to", str(path)]) == 1
    assert "there already" in capsys.readouterr().err


def test_what_is_not_understood_is_said(office: tuple[Path, str, int], capsys: pytest.CaptureFixture[str]) -> None:
    path, backup, _person = office
    for arguments in (["--since", "yesterdayish"], ["--record", "nonsense"], ["--type", "nonsense"]):
        assert cli.main(["bring-back", backup, *arguments, "--database", str(path)]) == 1
        assert capsys.readouterr().err.strip()
