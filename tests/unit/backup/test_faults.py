"""Whatever is wrong with a backup file, it is named, nothing wrong is restored, and nobody sees a trace."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from crm_desktop.backup import container, faults
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.restoring import open_backup, restore_backup
from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Progress
from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service as records


@pytest.fixture
def made(sqlite_database: Database, tmp_path: Path) -> Path:
    """A backup without a password."""
    with write(sqlite_database, "People") as uow:
        records.create_record(uow, "contact", {"name": "Íris"})
    return Path(make_backup(sqlite_database, tmp_path / "kept", prove=False).path)


def kind_of(path: Path, schema: Schema, password: str | None = None) -> str:
    scratch = path.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    with pytest.raises(faults.BackupFault) as caught:
        open_backup(path, scratch, schema, password=password)
    assert path.name in str(caught.value) or caught.value.kind == faults.SPACE
    assert not list(scratch.iterdir()), "nothing of it stays behind"
    return caught.value.kind


def test_each_fault_has_its_name(made: Path, sqlite_database: Database, schema: Schema) -> None:
    whole, folder = made.read_bytes(), made.parent
    sealed = Path(make_backup(sqlite_database, folder, password="x", prove=False).path)
    assert kind_of(sealed, schema) == faults.PASSWORD
    assert kind_of(sealed, schema, "y") == faults.PASSWORD
    for name, content, expected in (
        ("cut.crmbackup", whole[: len(whole) // 2], faults.DAMAGED),
        ("begun.crmbackup", whole[:5], faults.DAMAGED),
        ("empty.crmbackup", b"", faults.DAMAGED),
        ("magic.crmbackup", b"CRNBACKUP1\n" + whole[11:], faults.DAMAGED),
        ("longer.crmbackup", whole + b"x", faults.DAMAGED),
        ("written.partial", whole, faults.UNFINISHED),
        ("photo.crmbackup", b"\xff\xd8\xff\xe0" + b"x" * 100, faults.FOREIGN),
        ("office.crmbackup", b"SQLite format 3\x00" + b"x" * 100, faults.FOREIGN),
        ("dump.crmbackup", b"PGDMP" + b"x" * 100, faults.FOREIGN),
        ("zip.crmbackup", b"PK\x03\x04" + b"x" * 100, faults.FOREIGN),
    ):
        (folder / name).write_bytes(content)
        assert kind_of(folder / name, schema) == expected, name
    assert kind_of(folder / "gone.crmbackup", schema) == faults.UNREADABLE


def test_an_interrupted_one_is_known_by_its_header(made: Path, schema: Schema) -> None:
    header = container.read_header(made)
    made.write_bytes(made.read_bytes().replace(header.sha256.encode(), b"0" * 64))
    assert kind_of(made, schema) == faults.UNFINISHED


def test_of_a_newer_program(made: Path, schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "standing", lambda _revision, _schema: "newer")
    assert kind_of(made, schema) == faults.NEWER


def test_without_space(made: Path, schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(made.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage._replace(free=1000))
    assert kind_of(made, schema) == faults.SPACE


def test_one_of_an_earlier_program_has_no_seal(made: Path, schema: Schema, tmp_path: Path) -> None:
    whole = made.read_bytes()
    header = container.read_header(made)
    header.checks.pop(container.SEAL)
    text = container._header_text(header)
    start = 15 + int.from_bytes(whole[11:15], "big")
    made.write_bytes(container.MAGIC + len(text).to_bytes(4, "big") + text + whole[start:])
    (tmp_path / "old").mkdir()
    open_backup(made, tmp_path / "old", schema).close()


@pytest.mark.parametrize("password", [None, "x"])
def test_random_damage_never_restores_anything_else(
    sqlite_database: Database, tmp_path: Path, schema: Schema, password: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flipped bits, lost and repeated pieces, anywhere: a fault with a name, or what was backed up."""
    monkeypatch.setattr(container, "_COST", 2**4)  # the strength of the key is not what is tried here
    with write(sqlite_database, "People") as uow:
        records.create_record(uow, "contact", {"name": "Íris"})
    made = Path(make_backup(sqlite_database, tmp_path / "kept", password=password, prove=False).path)
    whole, luck = made.read_bytes(), random.Random(7)
    plain = tmp_path / "plain.crm"
    container.extract(made, plain, password, Progress())
    expected, header = plain.read_bytes(), container.read_header(made)
    begin = 15 + int.from_bytes(whole[11:15], "big")
    places = [luck.randrange(begin) for _ in range(120)] + [luck.randrange(len(whole)) for _ in range(80)]
    passed = 0
    for number, at in enumerate(places):
        bad = bytearray(whole)
        if number % 4 == 3:
            bad = bad[:at] + bad[at + luck.randrange(1, 40) :]
        elif number % 4 == 2:
            bad = bad[: at + 1]
        else:
            bad[at] ^= 1 << luck.randrange(8)
        made.write_bytes(bad)
        try:
            told = container.extract(made, plain, password, Progress())
        except faults.BackupFault as fault:
            assert fault.kind != faults.SPACE and made.name in str(fault)
        else:
            passed += 1
            assert plain.read_bytes() == expected and told == header
    assert passed < 10


def test_damaged_ones_are_not_restored_to_a_new_file_either(made: Path, schema: Schema, tmp_path: Path) -> None:
    content = bytearray(made.read_bytes())
    content[-200] ^= 4
    made.write_bytes(content)
    with pytest.raises(UserError):
        restore_backup(made, tmp_path / "new.crm", schema)
    assert not list(tmp_path.glob("new.crm*"))


def test_what_opens_is_what_was_there(made: Path, sqlite_database: Database, schema: Schema, tmp_path: Path) -> None:
    scratch = tmp_path / "look"
    scratch.mkdir()
    backup = open_backup(made, scratch, schema)
    with backup.read_all() as then, sqlite_database.read_all() as now:
        assert logical_dump(then, schema) == logical_dump(now, schema)
    backup.close()
