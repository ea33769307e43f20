"""A whole archive opens without the program, holds everything, and comes back from it to the last value."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from crm_desktop import doctor
from crm_desktop.archive import making, names
from crm_desktop.archive.making import make_archive
from crm_desktop.backup import proving, restoring, snapshot, whole_zip
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import set_language
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.core.refusals import NotAllowed
from crm_desktop.db import migrate
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.demo.make import make_demo
from crm_desktop.records import attach_service, files_service
from crm_desktop.records import service as records
from tests.helpers.locked import LockedOffice
from tests.helpers.odd_office import make_odd
from tests.helpers.offices import OpenFilled, sample_office

EVA = Actor(None, "Eva")
ODD_NAME = 'Acme: "Nord" <Süd>|?* \u202egnp'
NASTY = "<script>alert(\"x\")</script> & 'q'"


def whole(database: Database) -> str:
    """Every value, the history and the stored files."""
    with database.read() as connection:
        return logical_dump(connection, database.schema, history=True)


def contents(path: Path) -> dict[str, bytes]:
    """The members of an archive, read by a common reader of zips, which checks their sums."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def add_person(database: Database, name: str, **values: Any) -> int:
    with write(database, "Person", actor=EVA) as uow:
        return int(records.create_record(uow, "contact", {"name": name, **values}))


@pytest.fixture
def archive(filled_office: OpenFilled, tmp_path: Path) -> Path:
    """An archive of the sample office."""
    database, _made = filled_office(sample_office(20))
    return make_archive(database, tmp_path / "all.zip").path


def test_what_comes_back_is_identical(database: Database, tmp_path: Path, empty_postgres_url: str) -> None:
    """From a file or a server, to a file and to a server: records, history, files, settings."""
    make_demo(database, 5)
    make_odd(database)
    before = whole(database)
    made = make_archive(database, tmp_path / "all.zip")
    assert made.problems == () and made.lost == () and made.records > 20
    for target in (tmp_path / "again.crm", empty_postgres_url):
        restoring.restore_backup(made.path, target, database.schema)
        again = Database(target, database.schema)
        try:
            assert whole(again) == before
            with again.read() as connection:
                for row in connection.exec_driver_sql("SELECT id FROM attachment").scalars().all():
                    files_service.attachment_content(connection, row)  # compared with its hash
        finally:
            again.close()


def test_the_manifest_names_every_file_with_its_hash(archive: Path, schema: Schema) -> None:
    found = contents(archive)
    manifest = json.loads(found.pop("manifest.json"))
    assert manifest["files"] == {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in found.items()
    }
    assert found["office.crm"].startswith(b"SQLite format 3\0")
    assert manifest["counts"]["contact"] >= 20
    assert proving.verify_backup(archive, schema).proven


def test_damage_is_named(archive: Path, tmp_path: Path, schema: Schema) -> None:
    """Flipped bits, missing members and cut-off files, each with a sentence that names it."""
    content = archive.read_bytes()
    with zipfile.ZipFile(archive) as opened:
        infos = {one.filename: one for one in opened.infolist()}
    page = next(name for name in infos if name.startswith("customers/") and name.count("-") and name.endswith(".html"))
    bad = tmp_path / "bad.zip"
    for member in (page, "history/changes.jsonl", "office.crm"):
        one = infos[member]
        at = one.header_offset + 30 + len(member.encode()) + 20 + one.compress_size // 2
        bad.write_bytes(content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :])
        found = whole_zip.check_archive(bad)
        assert found.damaged == (member,) and member in found.problems[0]
        assert found.office_whole is (member != "office.crm")
        if member == "office.crm":
            with pytest.raises(UserError, match=r"office\.crm"):
                restoring.restore_backup(bad, tmp_path / "never.crm", schema)
    for end in (len(content) - 5, len(content) // 2, 5000):
        bad.write_bytes(content[:end])
        for work in (
            whole_zip.check_archive,
            lambda path: restoring.restore_backup(path, tmp_path / "never.crm", schema),
        ):
            with pytest.raises(UserError, match=r"bad\.zip is damaged or was not copied to its end"):
                work(bad)
    for left_out in (page, "office.crm", "manifest.json"):
        _packed_again(archive, bad, without=left_out)
        if left_out == "manifest.json":
            with pytest.raises(UserError, match=r"manifest\.json"):
                whole_zip.check_archive(bad)
            continue
        found = whole_zip.check_archive(bad)
        assert found.missing == (left_out,) and left_out in found.problems[0]
    assert not (tmp_path / "never.crm").exists()


def _packed_again(source: Path, target: Path, *, without: str = "") -> None:
    """The archive as another program packs it: in another order, deflated anew."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            if name != without:
                new.writestr(name, old.read(name))


def test_what_somebody_unpacked_and_packed_again_comes_back(archive: Path, tmp_path: Path, schema: Schema) -> None:
    again = tmp_path / "again.zip"
    _packed_again(archive, again)
    found = whole_zip.check_archive(again)
    assert found.whole and found.added == ()
    restored = restoring.restore_backup(again, tmp_path / "again.crm", schema, examine=doctor.problems)
    assert restored.counts["contact"] >= 20 and restored.problems == ()


def _by_hand(target: Path, office: bytes, **said: Any) -> Path:
    """An archive as another program would write it from what the guide says."""
    digest = hashlib.sha256(office).hexdigest()
    head = {
        "format": "crm-desktop-archive", "version": 1, "created": "2026-03-12T09:48:00.000Z", "database": "office.crm",
        "program": "0.1.0", "revision": "0005", "language": "en", "parts": [], "lost": [], "counts": {}, "checks": {},
        "office": {"sha256": digest, "size": len(office)},
    } | said  # fmt: skip
    text = json.dumps(head, indent=1)[:-2] + ',\n "files": {\n'
    text += f'  "office.crm": {{"size": {len(office)}, "sha256": "{digest}"}}\n }}\n}}\n'
    with zipfile.ZipFile(target, "w") as new:
        new.writestr("office.crm", office)
        new.writestr("manifest.json", text)
    return target


def test_an_archive_of_an_older_program_is_migrated(tmp_path: Path, schema: Schema) -> None:
    old = Database(tmp_path / "old.crm", schema)
    migrate.migrate_to(old, "0005")
    with old.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO contact (id, version, created_at, name, sort_name, lifecycle, do_not_contact) "
            "VALUES (7, 1, '2026-03-12T09:48:00.000Z', 'Íris', 'iris', 'lead', 0)"
        )
    old.close()
    snapshot.settle(tmp_path / "old.crm")
    made = _by_hand(tmp_path / "old.zip", (tmp_path / "old.crm").read_bytes())
    assert whole_zip.check_archive(made).whole
    restoring.restore_backup(made, tmp_path / "new.crm", schema)
    new = Database(tmp_path / "new.crm", schema)
    assert migrate.state(new) == "current"
    with new.read() as connection:
        assert connection.exec_driver_sql("SELECT name FROM contact").scalars().all() == ["Íris"]
    new.close()


def test_what_cannot_be_used_is_named(tmp_path: Path, schema: Schema) -> None:
    """Of a newer program, by its form or by its schema; and a zip of something else."""
    for number, said in enumerate(({"version": 2}, {"revision": "9999"})):
        newer = _by_hand(tmp_path / f"newer{number}.zip", b"office", **said)
        with pytest.raises(UserError, match="newer version of this program"):
            restoring.restore_backup(newer, tmp_path / "never.crm", schema)
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as new:
        new.writestr("letter.txt", "Dear all")
    with pytest.raises(UserError, match="not a backup"):
        restoring.restore_backup(other, tmp_path / "never.crm", schema)
    assert not (tmp_path / "never.crm").exists()


def test_files_have_names_that_every_system_takes(sqlite_database: Database, tmp_path: Path) -> None:
    person = add_person(sqlite_database, ODD_NAME)
    device = add_person(sqlite_database, "CON")
    with write(sqlite_database, "Case", actor=EVA) as uow:
        firm = records.create_record(uow, "company", {"name": "Firma " * 30})
        case = records.create_record(uow, "case", {"subject": "Lang " * 40, "company_id": firm})
        files_service.attach_bytes(uow, "case", case, "y" * 200 + ".pdf", b"below")
    given = ["aux.txt", "plan.pdf", "PLAN.pdf", "a/b.txt", "x" * 300 + ".docx", "trailing. ", "مرحبا.txt", "😀.png"]
    with write(sqlite_database, "Files", actor=EVA) as uow:
        for number, name in enumerate(given):
            files_service.attach_bytes(uow, "contact", person, name, b"content %d" % number)
        files_service.attach_bytes(uow, "contact", device, "nul", b"device")
    made = make_archive(sqlite_database, tmp_path / "all.zip")
    found = contents(made.path)
    stored = {name: content for name, content in found.items() if name.startswith("files/")}
    assert sorted(stored.values()) == sorted(
        [b"content %d" % number for number in range(len(given))] + [b"device", b"below"]
    )
    assert len({name.casefold() for name in stored}) == len(stored)
    for name in found:
        for part in name.split("/"):
            assert not set(part) & set('<>:"\\|?*\u202e') and part == part.strip(" ") and not part.endswith("."), part
            assert part.split(".")[0].casefold() not in ("con", "aux", "nul", "prn") and len(part.encode()) < 250
        assert len(name) < 180
    page = found[f"customers/{names.page_name(ODD_NAME, person)}"].decode()
    assert page.count('href="../files/') == len(given)


def test_pages_tell_everything_and_run_nothing(sqlite_database: Database, tmp_path: Path) -> None:
    with write(sqlite_database, "Office", actor=EVA) as uow:
        company = records.create_record(uow, "company", {"name": f"Casa {NASTY}"})
        person = records.create_record(
            uow, "contact", {"name": "Íris", "company_id": company, "job_title": NASTY},
            children={"points": [{"kind": "email", "value": "iris@casa.example"}, {"kind": "web", "value": "javascript:alert(1)"}]},
        )  # fmt: skip
        attach_service.add_note(uow, "contact", person, "Primeira linha\n" + "muito longo " * 500 + NASTY)
    set_language("pt_BR")
    try:
        found = contents(make_archive(sqlite_database, tmp_path / "all.zip").path)
    finally:
        set_language("en")
    page = found[f"customers/{names.page_name('Íris', person)}"].decode()
    assert '<html lang="pt-BR">' in page and "mailto:iris" in page and "muito longo" in page
    for name, content in found.items():
        if name.endswith(".html"):
            text = content.decode()
            assert "<script>alert" not in text and 'href="javascript' not in text, name
            assert "http://" not in text and "https://" not in text, name
    assert names.link_to(names.page_name("Casa " + NASTY, company)) in page
    search = found["customers/index/6972.js"].decode()
    assert search.startswith('crmNames("ir",[') and "\\u00cdris" in search


def test_secrets_stay_out_of_what_is_readable(filled_office: OpenFilled, tmp_path: Path) -> None:
    database, _made = filled_office(sample_office(5))
    secret = "$argon2id$v=19$m=65536$THE-HASH"
    with database.begin() as connection:
        user = connection.exec_driver_sql("SELECT id FROM user_account LIMIT 1").scalar_one()
        connection.execute(
            Base.metadata.tables["user_secret"].insert().values(
                id=1, version=1, user_id=user, password_hash=secret, must_change=False, failures=0
            )
        )  # fmt: skip
    found = contents(make_archive(database, tmp_path / "all.zip").path)
    assert secret.encode() in found.pop("office.crm")
    assert not [name for name, content in found.items() if b"THE-HASH" in content]
    assert "Argon2" in found["README.html"].decode()


def test_data_are_tables_and_json_that_their_schema_describes(archive: Path) -> None:
    found = contents(archive)
    rows = list(csv.reader(io.StringIO(found["data/contact.csv"].decode("utf-8-sig"))))
    people = json.loads(found["data/contact.json"])["records"]
    assert len(rows) - 1 == len(people) >= 20
    said = json.loads(found["schema/contact.schema.json"])["properties"]["records"]["items"]
    for person in people:
        assert set(said["required"]) <= set(person) <= set(said["properties"]), set(person) - set(said["properties"])
    changes = [json.loads(line) for line in found["history/changes.jsonl"].splitlines()]
    assert [one["id"] for one in changes] == sorted(one["id"] for one in changes) and changes[0]["table_name"]
    stages = json.loads(found["configuration/stage.json"])["rows"]
    assert {"name", "pipeline_id", "probability"} <= set(stages[0])
    assert {f"configuration/{one}.json" for one in ("custom_field", "form_layout", "pipeline", "role", "role_right", "team",
            "saved_view", "import_recipe", "office_setting", "number_series")} <= set(found)  # fmt: skip


def test_parts_can_be_left_out(sqlite_database: Database, tmp_path: Path) -> None:
    person = add_person(sqlite_database, "Íris")
    with write(sqlite_database, "File", actor=EVA) as uow:
        files_service.attach_bytes(uow, "contact", person, "plan.pdf", b"content")
    made = make_archive(sqlite_database, tmp_path / "small", with_pages=False, with_files=False)
    assert made.path.name == "small.zip"
    assert not [name for name in contents(made.path) if name.startswith(("customers/", "files/"))]
    only = contents(make_archive(sqlite_database, tmp_path / "pages", with_files=False).path)
    page = only[f"customers/{names.page_name('Íris', person)}"].decode()
    assert "plan.pdf" in page and "../files/" not in page


def test_a_large_office_has_pages_of_names(
    filled_office: OpenFilled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_desktop.archive.name_index.A_PAGE", 7)
    monkeypatch.setattr("crm_desktop.archive.name_index.ON_ONE", 30)
    database, _made = filled_office(sample_office(40))
    found = contents(make_archive(database, tmp_path / "all.zip", with_files=False).path)
    lists = [found[name].decode() for name in found if name.startswith("customers/index/0")]
    pages = [name for name in found if name.startswith("customers/") and name.count("/") == 1 and "-" in name]
    assert len(pages) > 40 and sum(text.count("<li>") for text in lists) == len(pages)
    for page in pages:
        assert any(f'"../{names.link_to(page.removeprefix("customers/"))}"' in text for text in lists)


class Stopping(Progress):
    """Is cancelled at its n-th report."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


@pytest.mark.parametrize("after", [0, 3, 30, 60])
def test_cancelling_leaves_nothing_behind(filled_office: OpenFilled, tmp_path: Path, after: int) -> None:
    database, _made = filled_office(sample_office(10))
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "all.zip").write_bytes(b"the one from before")
    with pytest.raises(Cancelled):
        make_archive(database, folder / "all.zip", progress=Stopping(after))
    assert [one.name for one in folder.iterdir()] == ["all.zip"]
    assert (folder / "all.zip").read_bytes() == b"the one from before"


def test_a_full_disk_is_told_before(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("crm_desktop.backup.disk.shutil.disk_usage", lambda _folder: usage)
    with pytest.raises(UserError, match="not enough free space"):
        make_archive(sqlite_database, tmp_path / "all.zip")
    assert not list(tmp_path.glob("all*"))


def test_only_who_sees_everything_makes_one(locked_office: LockedOffice, tmp_path: Path) -> None:
    for key in ("sales", "readonly"):
        with pytest.raises(NotAllowed):
            make_archive(locked_office.open(key), tmp_path / "no.zip")
    owner = locked_office.open("owner")
    add_person(owner, "Íris")
    made = make_archive(owner, tmp_path / "all.zip")
    assert made.problems == () and not list(tmp_path.glob("no*"))
    restoring.restore_backup(made.path, tmp_path / "again.crm", owner.schema)
    again = Database(tmp_path / "again.crm", owner.schema)
    assert whole(again) == whole(owner)
    again.close()


def test_the_estimate_is_near(filled_office: OpenFilled, tmp_path: Path) -> None:
    database, _made = filled_office(sample_office(60))
    guess = making.estimate(database)
    made = make_archive(database, tmp_path / "all.zip")
    assert guess.customers == made.pages and guess.stored == made.files
    assert made.size / 4 < guess.size(pages=True, files=True) < made.size * 4


@pytest.mark.parametrize(
    ("text", "name"),
    [("Ana/Bia", "Ana Bia"), ("  a..  ", "a"), ("CON", "_CON"), ("com1.txt", "_com1.txt"), ("Ícaro ☂", "Ícaro ☂"),
     ("\u200fعلي", "علي"), ("a\nb\tc", "a b c"), ("", ""), ("...", "")],
)  # fmt: skip
def test_safe_names(text: str, name: str) -> None:
    assert names.safe_name(text) == name
