"""Files are stored once, streamed in parts, get revisions and marks, and are checked; on both engines."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_desktop.backup.making import make_backup
from crm_desktop.backup.proving import verify_backup
from crm_desktop.backup.restoring import restore_backup
from crm_desktop.core.errors import FieldError, RecordGone, UserError
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.core.refusals import NotAllowed
from crm_desktop.db.base import Base
from crm_desktop.db.copy import copy_database
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.doctor import check, clean_files
from crm_desktop.records import blobs, files_check, files_service, finder, history, service
from crm_desktop.security.access import access_of
from crm_desktop.security.service import create_user

LARGE = 3 * blobs.PART + 17


@pytest.fixture
def person(database: Database) -> int:
    with write(database, "Add") as uow:
        return service.create_record(uow, "contact", {"name": "Lúcia Prado"})


def user(database: Database, name: str) -> Actor:
    with write(database, "Add") as uow:
        identity = uow.insert("user", {"name": name, "login": name.lower(), "role": "sales"})
    return Actor(identity, name)


def attach(database: Database, person: int, path: Path, comment: str = "", actor: Actor | None = None) -> int:
    with write(database, "Attach", actor=actor or Actor()) as uow:
        return files_service.attach_file(uow, "contact", person, path, comment=comment)


def contents(database: Database, attachment_id: int, revision: int | None = None) -> bytes:
    with database.read() as connection:
        return files_service.attachment_content(connection, attachment_id, revision)[1]


def stored(database: Database) -> tuple[int, int]:
    with database.read() as connection:
        return tuple(  # type: ignore[return-value]
            connection.execute(sa.select(sa.func.count()).select_from(Base.metadata.tables[name])).scalar_one()
            for name in ("blob", "blob_part")
        )


@pytest.mark.parametrize("size", [0, 1, blobs.PART, blobs.PART + 1, LARGE])
def test_what_comes_out_is_what_went_in(database: Database, person: int, tmp_path: Path, size: int) -> None:
    path, out = tmp_path / "plan.bin", tmp_path / "out.bin"
    path.write_bytes(os.urandom(size))
    attachment = attach(database, person, path)
    with database.read() as connection:
        files_service.save_content(connection, attachment, out)
    assert out.read_bytes() == path.read_bytes() == contents(database, attachment)
    assert [one.name for one in tmp_path.glob("*.partial")] == []


def test_the_same_content_is_stored_once(database: Database, person: int, tmp_path: Path) -> None:
    for name in ("a.bin", "b.bin"):
        (tmp_path / name).write_bytes(b"x" * LARGE)
        attach(database, person, tmp_path / name)
    assert stored(database) == (1, 4)


def test_a_file_that_changes_between_measuring_and_storing_is_refused(
    database: Database, person: int, tmp_path: Path
) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"one")
    found = blobs.measure(path)
    path.write_bytes(b"two")
    with pytest.raises(UserError, match="changed while it was read"), write(database, "Attach") as uow:
        files_service.attach_measured(uow, "contact", person, found)
    assert stored(database) == (0, 0)


def test_a_file_that_grows_while_it_is_measured_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"x" * LARGE)

    def grow(_count: int) -> None:
        with path.open("ab") as more:
            more.write(b"y")

    with pytest.raises(UserError, match="changed while it was read"):
        blobs.measure(path, grow)


def test_folders_and_huge_files_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder"):
        blobs.measure(tmp_path)
    huge = tmp_path / "film.mp4"
    with huge.open("wb") as file:
        file.truncate(blobs.MAX_FILE + 1)
    with pytest.raises(UserError, match="larger than 512 MB"):
        blobs.measure(huge)


def test_large_files_take_little_memory(database: Database, person: int, tmp_path: Path) -> None:
    path = tmp_path / "film.bin"
    path.write_bytes(os.urandom(24 * blobs.PART))
    tracemalloc.start()
    attachment = attach(database, person, path)
    with database.read() as connection:
        files_service.save_content(connection, attachment, tmp_path / "out.bin")
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * blobs.PART


def test_revisions_say_who_and_why_and_come_back(database: Database, person: int, tmp_path: Path) -> None:
    renata, path = user(database, "Renata"), tmp_path / "offer.txt"
    path.write_text("first")
    attachment = attach(database, person, path)
    path.write_text("second")
    assert attach(database, person, path, "New price", renata) == attachment
    assert attach(database, person, path, "Again", renata) == attachment  # the same content makes no revision
    with database.read() as connection:
        newest, oldest = files_service.revisions_of(connection, attachment)
        row = files_service.attachments_of(connection, person)[0]
    assert (newest.revision, newest.comment, newest.by, newest.newest) == (2, "New price", "Renata", True)
    assert (oldest.revision, oldest.comment, oldest.newest) == (1, "", False)
    assert (row.revision, row.changed_by, row.comment) == (2, "Renata", "New price")
    with write(database, "Restore") as uow:
        assert files_service.restore_revision(uow, attachment, 1, comment="Revision 1 again") == 3
        number = uow.change_set_id
    assert contents(database, attachment) == b"first"
    assert contents(database, attachment, 2) == b"second"
    history.undo(database, number, Actor())
    assert contents(database, attachment) == b"second"
    with write(database, "Comment") as uow:
        files_service.comment_revision(uow, attachment, 2, " Better price ")
    with database.read() as connection:
        assert files_service.get_file(connection, attachment).comment == "Better price"


def test_a_file_is_renamed_but_not_to_a_name_in_use(database: Database, person: int, tmp_path: Path) -> None:
    ids = []
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
        ids.append(attach(database, person, tmp_path / name))
    with write(database, "Rename") as uow:
        files_service.rename_file(uow, ids[0], " offer.pdf ")
        for wrong in ("", "a/b.txt", "B.TXT"):
            with pytest.raises(FieldError):
                files_service.rename_file(uow, ids[0], wrong)
    with database.read() as connection:
        row = files_service.get_file(connection, ids[0])
    assert (row.name, row.media_type) == ("offer.pdf", "application/pdf")


def test_a_mark_is_seen_taken_over_and_goes_with_the_copy(database: Database, person: int, tmp_path: Path) -> None:
    renata, otto = user(database, "Renata"), user(database, "Otto")
    path = tmp_path / "offer.txt"
    path.write_text("first")
    attachment = attach(database, person, path)
    for actor in (otto, renata):
        with write(database, "Edit", actor=actor) as uow:
            files_service.check_out(uow, attachment)
    with database.read() as connection:
        row = files_service.get_file(connection, attachment)
    assert row.editor == "Renata"
    assert row.editing_since is not None
    path.write_text("mine")
    with write(database, "Bring back", actor=otto) as uow:
        assert files_service.check_in(uow, attachment, blobs.measure(path)) == 2
    with database.read() as connection:  # Renata took it over: her mark stays
        assert files_service.get_file(connection, attachment).editor == "Renata"
    path.write_text("hers")
    with write(database, "Bring back", actor=renata) as uow:
        assert files_service.check_in(uow, attachment, blobs.measure(path), comment="Checked") == 3
    with database.read() as connection:
        row = files_service.get_file(connection, attachment)
    assert (row.editor, row.editing_since, row.revision) == ("", None, 3)


def test_a_deleted_file_is_gone_and_undo_brings_its_content_back(
    database: Database, person: int, tmp_path: Path
) -> None:
    path = tmp_path / "plan.bin"
    path.write_bytes(b"x" * LARGE)
    attachment = attach(database, person, path)
    with write(database, "Delete") as uow:
        files_service.delete_attachment(uow, attachment)
        number = uow.change_set_id
    with pytest.raises(RecordGone):
        contents(database, attachment)
    with database.read() as connection:
        assert blobs.unused(connection) == (1, LARGE)
    history.undo(database, number, Actor())
    assert contents(database, attachment) == b"x" * LARGE
    with write(database, "Clean") as uow:
        assert blobs.delete_unused(uow) == (0, 0)
        files_service.delete_attachment(uow, attachment)
        assert blobs.delete_unused(uow) == (1, LARGE)
    assert stored(database) == (0, 0)


@pytest.mark.parametrize("how", ["changed", "part lost", "missing"])
def test_the_doctor_names_the_file_and_its_record(database: Database, person: int, tmp_path: Path, how: str) -> None:
    path = tmp_path / "planta baixa.bin"
    path.write_bytes(b"x" * LARGE)
    attach(database, person, path)
    (tmp_path / "good.txt").write_text("good")
    attach(database, person, tmp_path / "good.txt")
    blank = "x'00'" if database.sqlite else r"'\x00'::bytea"
    broken = {
        "changed": f"UPDATE blob_part SET content = {blank} WHERE number = 2",
        "part lost": "DELETE FROM blob_part WHERE number = 1",
        "missing": f"DELETE FROM blob WHERE size = {LARGE}",
    }
    with database.begin() as connection:
        connection.exec_driver_sql(broken[how])
    found = {one.check: one for one in check(database)}["files"]
    assert not found.ok
    assert "planta baixa.bin of Lúcia Prado, revision 1" in found.detail
    assert "good.txt" not in found.detail
    with database.read() as connection:
        checked = files_check.check_files(database, connection)
    assert [(one.name, one.missing, one.record_id) for one in checked.damaged] == [
        ("planta baixa.bin", how == "missing", person)
    ]


def test_checking_files_can_be_stopped(database: Database, person: int, tmp_path: Path) -> None:
    (tmp_path / "plan.bin").write_bytes(b"x" * LARGE)
    attach(database, person, tmp_path / "plan.bin")
    progress = Progress(lambda state: progress.cancel() if state.done else None, interval=0)
    with database.read() as connection, pytest.raises(Cancelled):
        files_check.check_files(database, connection, progress)


def test_copy_and_backup_keep_the_parts(database: Database, person: int, tmp_path: Path) -> None:
    path = tmp_path / "plan.bin"
    path.write_bytes(os.urandom(LARGE))
    attachment = attach(database, person, path)
    copy = Database(tmp_path / "copy.crm", database.schema)
    copy_database(database, copy)
    assert contents(copy, attachment) == path.read_bytes()
    copy.close()
    info = make_backup(database, tmp_path / "backups")
    assert verify_backup(info.path, database.schema).proven
    restore_backup(info.path, tmp_path / "restored.crm", database.schema)
    restored = Database(tmp_path / "restored.crm", database.schema)
    assert contents(restored, attachment) == path.read_bytes()
    restored.close()


def test_a_damaged_content_is_never_handed_out(database: Database, person: int, tmp_path: Path) -> None:
    (tmp_path / "plan.bin").write_bytes(b"x" * LARGE)
    attachment = attach(database, person, tmp_path / "plan.bin")
    with database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM blob_part WHERE number = 1")
    out = tmp_path / "out.bin"
    with database.read() as connection, pytest.raises(UserError, match="missing or damaged"):
        files_service.save_content(connection, attachment, out)
    assert not out.exists()


def test_a_folder_that_cannot_be_written_is_said_so(database: Database, person: int, tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text("x")
    attachment = attach(database, person, tmp_path / "plan.txt")
    with database.read() as connection, pytest.raises(UserError, match="cannot be written"):
        files_service.save_content(connection, attachment, tmp_path / "nowhere" / "plan.txt")
    if Path("/dev/full").exists():  # a disk without room
        target = tmp_path / "full.txt"
        target.with_name(f".full.txt.{os.getpid()}.partial").symlink_to("/dev/full")
        with database.read() as connection, pytest.raises(UserError, match="disk is full"):
            files_service.save_content(connection, attachment, target)


def test_contents_of_deleted_files_go_only_when_asked(database: Database, person: int, tmp_path: Path) -> None:
    (tmp_path / "plan.bin").write_bytes(b"x" * LARGE)
    attachment = attach(database, person, tmp_path / "plan.bin")
    with write(database, "Delete") as uow:
        files_service.delete_attachment(uow, attachment)
    check(database)
    with write(database, "People") as uow:
        saul = create_user(uow, "Saul", role="sales")
    with database.read() as connection:
        seller = access_of(connection, database.schema, saul)
    everything, database.access = database.access, seller
    with pytest.raises(NotAllowed, match="Only owners and administrators"):
        clean_files(database)
    database.access = everything
    assert stored(database) == (1, 4)
    assert clean_files(database) == (1, LARGE)
    assert stored(database) == (0, 0)
    assert clean_files(database) == (0, 0)


def test_files_of_the_office_are_found_by_name_with_their_record(
    database: Database, person: int, tmp_path: Path
) -> None:
    for name in ("Orçamento final.txt", "planta.txt"):
        (tmp_path / name).write_text(name)
        attach(database, person, tmp_path / name)
    with database.read() as connection:
        everything = files_service.find_files(database, connection)
        found = files_service.find_files(database, connection, "orcam")
        hits = finder.find(database, connection, "planta")
    assert (everything.count, len(everything.files)) == (2, 2)
    assert [(one.file.name, one.record) for one in found.files] == [("Orçamento final.txt", "Lúcia Prado")]
    assert [(hit.entity, hit.title, hit.subtitle) for hit in hits] == [("attachment", "planta.txt", "Lúcia Prado")]
