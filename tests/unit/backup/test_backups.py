"""Backups hold exactly one moment, are proven by a real restore, and nothing damaged passes for whole."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import struct
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from crm_desktop.backup import alike, container, making, overview, proving, restoring, snapshot
from crm_desktop.backup.catalogue import known_backups
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import files_service
from crm_desktop.records import service as records

EVA = Actor(None, "Eva")


def add_people(database: Database, *names: str) -> None:
    with write(database, "People", actor=EVA) as uow:
        for name in names:
            person = records.create_record(uow, "contact", {"name": name})
            files_service.attach_bytes(uow, "contact", person, "plan.bin", name.encode() * 100)


def whole(database: Database) -> str:
    with database.read() as connection:
        return logical_dump(connection, database.schema, history=True)


def chunks_of(path: Path) -> tuple[int, list[bytes]]:
    """Where the chunks of a backup begin, and the chunks, read as the layout is written down."""
    with path.open("rb") as file:
        assert file.read(11) == b"CRMBACKUP1\n"
        file.seek(struct.unpack(">I", file.read(4))[0], os.SEEK_CUR)
        start, pieces = file.tell(), []
        while length := struct.unpack(">I", file.read(4))[0]:
            pieces.append(file.read(length))
        assert file.read() == b""
    return start, pieces


def unpacked(content: bytes, start: int) -> bytes | None:
    """What the chunks of a backup without password unpack to; None where they do not."""
    packed, at = b"", start
    try:
        while length := struct.unpack(">I", content[at : at + 4])[0]:
            packed += content[at + 4 : at + 4 + length]
            at += 4 + length
        return zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    except (struct.error, zstandard.ZstdError):
        return None


@pytest.mark.parametrize("password", [None, "Geheim 7 ☂"])
def test_what_is_restored_is_what_was_there(database: Database, tmp_path: Path, password: str | None) -> None:
    add_people(database, "Íris", "Otávio")
    before = whole(database)
    info = making.make_backup(database, tmp_path / "kept", password=password)
    assert info.proven and info.encrypted is bool(password)
    assert [one.path for one in known_backups(database)] == [info.path]
    restoring.restore_backup(info.path, tmp_path / "restored.crm", database.schema, password=password)
    restored = Database(tmp_path / "restored.crm", database.schema)
    assert whole(restored) == before
    restored.close()
    found = proving.verify_backup(info.path, database.schema, password=password)
    assert found.proven and found.rows == sum(container.read_header(Path(info.path)).counts.values())


def test_the_header_names_the_hash_of_the_file_inside(sqlite_database: Database, tmp_path: Path) -> None:
    add_people(sqlite_database, "Íris")
    made = Path(making.make_backup(sqlite_database, tmp_path).path)
    header = container.read_header(made)
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(b"".join(chunks_of(made)[1]))
    assert (header.size, header.sha256) == (len(plain), hashlib.sha256(plain).hexdigest())
    sealed = Path(making.make_backup(sqlite_database, tmp_path, password="x").path)
    inside = container.extract(sealed, tmp_path / "inside.crm", "x", Progress())
    assert inside.sha256 == hashlib.sha256((tmp_path / "inside.crm").read_bytes()).hexdigest()


@pytest.mark.parametrize("password", [None, "x"])
def test_damage_anywhere_is_found(sqlite_database: Database, tmp_path: Path, password: str | None) -> None:
    add_people(sqlite_database, "Íris")
    made = Path(making.make_backup(sqlite_database, tmp_path / "kept", password=password).path)
    content, (start, _chunks) = made.read_bytes(), chunks_of(made)
    hashed = content.index(container.read_header(made).sha256.encode())
    places = [hashed, start + 1, start + 20, (start + len(content)) // 2, len(content) - 12]
    damaged = [content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in places]
    damaged += [content[:end] for end in (5, 13, start - 1, start + 2, len(content) // 2, len(content) - 3)]
    for bad in damaged:
        made.write_bytes(bad)
        if password is None and unpacked(bad, start) == unpacked(content, start) and bad[:start] == content[:start]:
            continue  # another way to write the same bytes, as a copy from elsewhere in a run of zeros: nothing is lost
        with pytest.raises(UserError):
            proving.verify_backup(made, sqlite_database.schema, password=password)


def test_a_backup_holds_one_moment_while_others_write(sqlite_database: Database, tmp_path: Path) -> None:
    with write(sqlite_database, "Big files", actor=EVA) as uow:
        person = records.create_record(uow, "contact", {"name": "Íris"})
        for number in range(40):  # more than one step of the copy
            files_service.attach_bytes(uow, "contact", person, f"{number}.bin", os.urandom(1_000_000))
    before, others = whole(sqlite_database), Others(sqlite_database)
    info = making.make_backup(sqlite_database, tmp_path / "kept", progress=others)
    assert others.wrote == 2 and whole(sqlite_database) != before
    with restoring.browse_backup(info.path, sqlite_database.schema) as kept:
        assert whole(kept) == before


class Others(Progress):
    """Adds a person in the middle of the copy of the pages, twice."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database, self.wrote = database, 0

    def update(self, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
        super().update(done, total, message)
        if done is not None and total is not None and 0 < done < total and self.wrote < 2:
            self.wrote += 1
            add_people(self.database, f"Otávio {self.wrote}")


class CancelledAfter(Progress):
    """Cancelled by its user after some reports."""

    def __init__(self, reports: int) -> None:
        super().__init__()
        self.reports = reports

    def update(self, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
        self.reports -= 1
        if self.reports < 0:
            self.cancel()
        super().update(done, total, message)


@pytest.mark.parametrize("password", [None, "x"])
def test_cancelled_at_any_moment_it_leaves_nothing(
    sqlite_database: Database, tmp_path: Path, password: str | None
) -> None:
    add_people(sqlite_database, "Íris")
    folder, reports = tmp_path / "kept", 0
    while True:
        try:
            making.make_backup(sqlite_database, folder, password=password, progress=CancelledAfter(reports))
        except Cancelled:
            assert not any(folder.iterdir()) and known_backups(sqlite_database) == []
            reports += 1
        else:
            break
    assert reports > 4
    assert [one.suffix for one in folder.iterdir()] == [".crmbackup"]


def without_a_row(plain: Path) -> None:
    with closing(sqlite3.connect(plain)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("DELETE FROM attachment")
        connection.commit()


def without_a_page(plain: Path) -> None:
    with closing(sqlite3.connect(plain)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'contact'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with plain.open("r+b") as file:
        file.seek((page - 1) * size + 3)
        file.write(b"\x00\x00")  # the page says that it holds no rows


def with_another_name(plain: Path) -> None:
    with closing(sqlite3.connect(plain)) as connection:
        connection.execute("UPDATE contact SET name = 'Iris' WHERE name = 'Íris'")
        connection.commit()


def with_another_file(plain: Path) -> None:
    with closing(sqlite3.connect(plain)) as connection:
        connection.execute("UPDATE blob SET content = zeroblob(7)")
        connection.commit()


@pytest.fixture(params=[without_a_row, without_a_page, with_another_file, with_another_name])
def spoilt(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scratch copy that is not what was in the database, though every byte of it gets into the backup."""
    settle = snapshot.settle

    def settle_and_spoil(plain: Path) -> None:
        settle(plain)
        request.param(plain)

    monkeypatch.setattr(snapshot, "settle", settle_and_spoil)


@pytest.mark.usefixtures("spoilt")
def test_a_backup_that_is_not_the_database_is_not_proven(sqlite_database: Database, tmp_path: Path) -> None:
    add_people(sqlite_database, "Íris")
    with pytest.raises(UserError, match="could not be proven"):
        making.make_backup(sqlite_database, tmp_path / "kept")
    assert [one.suffix for one in (tmp_path / "kept").iterdir()] == [".unproven"]
    assert known_backups(sqlite_database) == []


@pytest.mark.parametrize("column", ["name", "updated_by", "version"])
def test_every_value_of_the_copy_is_compared_with_the_database_itself(
    sqlite_database: Database, tmp_path: Path, column: str
) -> None:
    add_people(sqlite_database, "Íris", "Otávio")
    copy = tmp_path / "copy.crm"
    with sqlite_database.read_all() as connection, closing(sqlite3.connect(copy)) as target:
        connection.connection.driver_connection.backup(target)  # type: ignore[union-attr]
    snapshot.settle(copy)
    with closing(sqlite3.connect(f"file:{sqlite_database.path}", uri=True)) as raw, alike.attached(raw, copy):
        assert alike.differing(raw, ("contact", "change"), lambda: None) == []
    with closing(sqlite3.connect(copy)) as changed:
        changed.execute("DROP TRIGGER IF EXISTS history_update_contact")
        changed.execute(f"UPDATE contact SET {column} = 7 WHERE id = (SELECT max(id) FROM contact)")
        changed.commit()
    with closing(sqlite3.connect(f"file:{sqlite_database.path}", uri=True)) as raw, alike.attached(raw, copy):
        found = alike.differing(raw, ("contact",), lambda: None)
    assert "contact" in found


def test_a_table_that_is_built_otherwise_or_missing_is_named(sqlite_database: Database, tmp_path: Path) -> None:
    copy = tmp_path / "copy.crm"
    with sqlite_database.read_all() as connection, closing(sqlite3.connect(copy)) as target:
        connection.connection.driver_connection.backup(target)  # type: ignore[union-attr]
    snapshot.settle(copy)
    with closing(sqlite3.connect(copy)) as changed:
        changed.execute("DROP TABLE tag")
    with closing(sqlite3.connect(f"file:{sqlite_database.path}", uri=True)) as raw, alike.attached(raw, copy):
        assert alike.differing(raw, ("tag", "contact"), lambda: None) == ["sqlite_master", "tag"]


def test_backups_of_one_second_have_their_own_names(sqlite_database: Database, tmp_path: Path) -> None:
    """By hand to two folders, or by two computers to one share: nobody writes into the other's file."""
    clock.set_clock(lambda: datetime(2026, 3, 11, 12, tzinfo=UTC))
    try:
        with ThreadPoolExecutor(4) as threads:
            made = list(threads.map(lambda n: making.make_backup(sqlite_database, tmp_path / str(n % 2)), range(4)))
    finally:
        clock.set_clock(None)
    assert len({Path(one.path).name for one in made}) == 4 and all(one.proven for one in made)
    assert sorted(path.suffix for path in tmp_path.rglob("*.*")).count(".crmbackup") == 4
    assert not list(tmp_path.rglob("*.partial"))
    shown = overview.read_overview(sqlite_database).rows
    assert len(shown) == 4 and {row.places for row in shown} == {(str(tmp_path / "0"),), (str(tmp_path / "1"),)}
