"""Bringing back from a backup by the command line: shown first, done when asked, taken back by its number."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crm_desktop import app, cli, cli_restore, doctor, features
from crm_desktop.backup.container import read_header
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.schedule import Plan, save_plan
from crm_desktop.core.errors import UserError
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


def break_pages(path: Path) -> None:
    """Overwrite a page of the contacts of a file."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA journal_mode=DELETE")
        size = raw.execute("PRAGMA page_size").fetchone()[0]
        root = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'contact'").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.parametrize("damage", ["pages", "all of it", "empty"])
def test_a_broken_file_is_kept_aside_where_that_is_asked(
    office: tuple[Path, str, int], capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    """Whether it opens, does not open at all, or is empty: the same choice as in the window."""
    path, backup, _person = office
    if damage == "pages":
        break_pages(path)
    else:
        path.write_bytes(b"nothing of an office" * 500 if damage == "all of it" else b"")
        path.with_name(path.name + "-wal").unlink(missing_ok=True)
    broken = b"\xff" * 512 if damage == "pages" else path.read_bytes()
    over = ["restore", backup, "--to", str(path), "--over"]
    assert cli.main(over) == 1
    assert "--keep-damaged" in capsys.readouterr().err and broken in path.read_bytes()
    assert cli.main([*over, "--keep-damaged", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["copy"] == "" and said["problems"] == [] and names(path) == ["Íris"]
    assert broken in Path(said["aside"]).read_bytes() and "damaged" in said["aside"]


def test_the_copy_is_said_to_have_no_password(
    office: tuple[Path, str, int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Where the plan wants one and this computer does not know it; a file with one makes it a protected copy."""
    path, backup, _person = office
    database = Database(path, features.schema())
    with write(database, "Plan") as uow:
        save_plan(uow, Plan(enabled=True, encrypted=True))
    database.close()
    over = ["restore", backup, "--to", str(path), "--over", "--json"]
    (tmp_path / "secret").write_text("correct horse\n")
    assert cli.main([*over, "--copy-password-file", str(tmp_path / "secret")]) == 0
    told = capsys.readouterr()
    assert read_header(Path(json.loads(told.out)["copy"])).encrypted and "no password" not in told.err
    database = Database(path, features.schema())
    with write(database, "Plan") as uow:
        save_plan(uow, Plan(enabled=True, encrypted=True))
    database.close()
    assert cli.main(over) == 0
    told = capsys.readouterr()
    assert not read_header(Path(json.loads(told.out)["copy"])).encrypted and "gets no password" in told.err


def test_a_new_file_is_looked_at(
    office: tuple[Path, str, int], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _path, backup, _person = office
    assert cli.main(["restore", backup, "--to", str(tmp_path / "new.crm")]) == 0
    assert "All checks found it in order." in capsys.readouterr().out and names(tmp_path / "new.crm") == ["Íris"]
    monkeypatch.setattr(doctor, "problems", lambda _database, _progress: ["3 deals are amiss."])
    assert cli.main(["restore", backup, "--to", str(tmp_path / "other.crm")]) == 1
    assert "3 deals are amiss." in capsys.readouterr().err and names(tmp_path / "other.crm") == ["Íris"]
    assert [one.name for one in tmp_path.iterdir() if ".partial" in one.name] == []


def test_what_is_not_understood_is_said(office: tuple[Path, str, int], capsys: pytest.CaptureFixture[str]) -> None:
    path, backup, _person = office
    for arguments in (["--since", "yesterdayish"], ["--record", "nonsense"], ["--type", "nonsense"]):
        assert cli.main(["bring-back", backup, *arguments, "--database", str(path)]) == 1
        assert capsys.readouterr().err.strip()


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "99999999999d", "999999999h"])
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(UserError, match="is no time"):
        cli_restore._moment(text)
