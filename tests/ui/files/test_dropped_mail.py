"""E-mails, contact cards and appointments dropped on cards and lists; what mail programs hand over on Windows."""

from __future__ import annotations

import struct
from email.message import EmailMessage
from pathlib import Path

import sqlalchemy as sa
from PySide6.QtCore import QMimeData
from PySide6.QtTest import QTest

from crm_desktop.db.base import Base
from crm_desktop.records import service
from tests.helpers.msg_files import msg_bytes
from tests.ui.files.conftest import Desk, drop_on, mime_of
from ui.framework import dialogs
from ui.records.drops import paths_of
from ui.records.files_page import FilesPage

CARD = """BEGIN:VCARD
VERSION:3.0
FN:Lúcia Prado
N:Prado;Lúcia;;;
EMAIL:lucia@prado.example
TEL;TYPE=CELL:+55 41 95550-0199
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Nina Torres
N:Torres;Nina;;;
EMAIL:nina@torres.example
END:VCARD
"""
VISIT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y
BEGIN:VEVENT
UID:visit-1@mail.example
DTSTART;TZID=America/Sao_Paulo:20261124T140000
DTEND;TZID=America/Sao_Paulo:20261124T150000
SUMMARY:Visita à obra
END:VEVENT
END:VCALENDAR
"""


def letter(folder: Path, sender: str, name: str = "mail.eml") -> Path:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "helena@office.example", "Orçamento"
    message["Message-ID"] = f"<{name}@x.example>"
    message.set_content("Segue o orçamento.")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="plan.pdf")
    path = folder / name
    path.write_bytes(message.as_bytes())
    return path


def rows(desk: Desk, name: str) -> list[dict[str, object]]:
    table = Base.metadata.tables[name]
    with desk.database.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).order_by(table.c.id)).mappings()]


def test_an_email_dropped_on_a_card_is_in_the_timeline_and_its_files_in_the_tab(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    assert drop_on(page.card, mime_of(letter(tmp_path, "Otto <otto@lins.example>")))
    desk.settle()
    (activity,) = rows(desk, "activity")
    assert (activity["kind"], activity["subject"], activity["direction"]) == ("email", "Orçamento", "in")
    assert {row["record_id"] for row in rows(desk, "activity_link")} == {desk.lucia, desk.otto}
    assert {row.name for row in desk.rows(desk.lucia)} == {"mail.eml", "plan.pdf"}
    drop_on(page.card, mime_of(tmp_path / "mail.eml"))
    desk.settle()
    assert len(rows(desk, "activity")) == 1
    desk.window.undo()
    desk.settle()
    assert not rows(desk, "activity") and not desk.rows(desk.lucia)


def test_an_email_of_outlook_dropped_on_the_list_finds_its_contact(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "Visita.msg"
    path.write_bytes(msg_bytes(subject="Visita", body="Olá", sender=("Otto", "otto@lins.example"),
                               to=[("Helena", "helena@office.example")]))  # fmt: skip
    page = desk.open()
    drop_on(page.table.viewport(), mime_of(path), (60, page.table.viewport().height() - 5))
    desk.settle()
    assert [row["record_id"] for row in rows(desk, "activity_link")] == [desk.otto]
    assert [row.name for row in desk.rows(desk.otto)] == ["Visita.msg"]


def test_a_damaged_email_may_come_as_a_file(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    (tmp_path / "broken.msg").write_bytes(b"nothing")
    dialogs.answers.give("yes")
    drop_on(page.card, mime_of(tmp_path / "broken.msg"))
    desk.settle()
    assert "no e-mail that can be read" in dialogs.answers.asked[-1].text
    assert [row.name for row in desk.rows()] == ["broken.msg"]


def test_a_stranger_on_the_list_says_what_to_do(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    dialogs.answers.give("ok")
    target = page.table.viewport()
    drop_on(target, mime_of(letter(tmp_path, "who@nowhere.example")), (60, target.height() - 5))
    desk.settle()
    assert "Drop it on a record" in dialogs.answers.asked[-1].text
    assert not rows(desk, "activity")


def test_contact_cards_tell_what_they_do_and_come_in_one_change(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    path = tmp_path / "people.vcf"
    path.write_text(CARD, encoding="utf-8")
    dialogs.answers.give("yes")
    drop_on(page.table.viewport(), mime_of(path), (60, page.table.viewport().height() - 5))
    desk.settle()
    asked = dialogs.answers.asked[-1]
    assert asked.title == "2 contacts in people.vcf"
    assert "1 is new, 1 is updated" in asked.text
    assert "Nina Torres" in asked.text
    assert len(rows(desk, "contact")) == 3
    desk.window.undo()
    desk.settle()
    assert len(rows(desk, "contact")) == 2


def test_a_card_dropped_on_a_company_works_there(desk: Desk, tmp_path: Path) -> None:
    company = desk.as_caio(lambda uow: service.create_record(uow, "company", {"name": "Torres Ltda"}))
    path = tmp_path / "nina.vcf"
    path.write_text(CARD[CARD.index("BEGIN", 10) :], encoding="utf-8")
    desk.window.open_page("companies", record_id=company)
    desk.settle()
    dialogs.answers.give("yes")
    drop_on(desk.window.current_page.card, mime_of(path))  # type: ignore[union-attr]
    desk.settle()
    nina = next(row for row in rows(desk, "contact") if row["name"] == "Nina Torres")
    assert nina["company_id"] == company


def test_an_appointment_dropped_on_a_card_belongs_to_it(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    path = tmp_path / "invite.ics"
    path.write_text(VISIT, encoding="utf-8")
    dialogs.answers.give("yes")
    drop_on(page.card, mime_of(path))
    desk.settle()
    (activity,) = rows(desk, "activity")
    assert activity["subject"] == "Visita à obra"
    assert [row["record_id"] for row in rows(desk, "activity_link")] == [desk.lucia]


def test_what_windows_mail_programs_hand_over(desk: Desk) -> None:
    data = QMimeData()
    entries = [("plan.pdf", b"%PDF-1.4"), ("a:b.eml", b"From: x@y.example\r\n\r\nhi"), ("storage.msg", b"")]
    raw = struct.pack("<I", len(entries))
    for name, _content in entries:
        raw += bytes(72) + name.encode("utf-16-le").ljust(520, b"\0")
    data.setData('application/x-qt-windows-mime;value="FileGroupDescriptorW"', raw)
    for number, (_name, content) in enumerate(entries):
        if content:
            data.setData(f'application/x-qt-windows-mime;value="FileContents";index={number}', content)
    found = {path.name: path.read_bytes() for path in paths_of(data)}
    assert found == {"plan.pdf": b"%PDF-1.4", "a_b.eml": b"From: x@y.example\r\n\r\nhi"}


def test_a_program_that_gives_only_a_promise_is_explained(desk: Desk) -> None:
    page = desk.open()
    data = QMimeData()
    data.setData("application/x-moz-file-promise", b"x")
    dialogs.answers.give("ok")
    assert drop_on(page.card, data)
    desk.settle()
    assert dialogs.answers.asked[-1].title == "The file itself did not come along"
    text = QMimeData()
    text.setText("words")
    assert not drop_on(page.card, text)


def test_all_files_are_found_by_name_checked_and_brought_to_their_record(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "Orçamento final.txt").write_text("x")
    (tmp_path / "plan.txt").write_text("y")
    desk.files(desk.otto).attach([tmp_path / "Orçamento final.txt", tmp_path / "plan.txt"])
    desk.settle()
    desk.window.open_page("files")
    desk.settle()
    page = desk.window.current_page
    assert isinstance(page, FilesPage)
    assert page.model.rowCount() == 2
    QTest.keyClicks(page.search, "orcam")
    QTest.qWait(200)
    desk.settle()
    assert page.current is not None
    assert (page.current.file.name, page.current.record) == ("Orçamento final.txt", "Otto Lins")
    dialogs.answers.give("ok")
    page.check()
    desk.settle()
    assert dialogs.answers.asked[-1].title == "Every file is whole"
    with desk.database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM blob")
    dialogs.answers.give("ok")
    page.check()
    desk.settle()
    assert dialogs.answers.asked[-1].title == "2 files are damaged or missing"
    assert "• plan.txt of Otto Lins, revision 1: missing" in dialogs.answers.asked[-1].text
    page.open_record()
    desk.settle()
    shown = desk.window.current_page
    assert shown.card.record_id == desk.otto  # type: ignore[union-attr]
    files = shown.card.files  # type: ignore[union-attr]
    assert files.isVisible()
    assert files.row(files.list.current_key()).name == "Orçamento final.txt"


def test_the_search_of_the_window_opens_the_record_at_the_file(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "planta baixa.txt").write_text("x")
    (tmp_path / "other.txt").write_text("y")
    desk.files(desk.otto).attach([tmp_path / "planta baixa.txt", tmp_path / "other.txt"])
    desk.settle()
    desk.open(desk.lucia)
    wanted = next(row.id for row in desk.rows(desk.otto) if row.name == "planta baixa.txt")
    desk.window.open_record("attachment", wanted)
    desk.settle()
    page = desk.window.current_page
    assert page.card.record_id == desk.otto  # type: ignore[union-attr]
    assert page.card.files.list.current_key() == wanted  # type: ignore[union-attr]
