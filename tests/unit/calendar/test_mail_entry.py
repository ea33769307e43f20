"""An e-mail becomes an entry with the people it went between, once; on both engines."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_desktop.calendar.mail_entry import Entered, enter_letter
from crm_desktop.core.errors import UserError
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.mail.read import read_letter
from crm_desktop.records import blobs, files_service, history, service


@pytest.fixture
def people(database: Database) -> dict[str, int]:
    with write(database, "Add") as uow:
        renata = uow.insert(
            "user", {"name": "Renata", "login": "renata", "role": "sales", "email": "Renata@office.example"}
        )
        return {
            "renata": renata,
            "lucia": service.create_record(uow, "contact", {"name": "Lúcia", "email": "Lucia.Prado@prado.example"}),
            "otto": service.create_record(uow, "contact", {"name": "Otto", "email": "otto@example.org"}),
            "company": service.create_record(uow, "company", {"name": "Prado Ltda"}),
        }  # fmt: skip


def letter_file(folder: Path, name: str, *, sender: str, to: str, message_id: str = "", enclosure: bytes = b"") -> Path:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, "Orçamento"
    message["Date"] = "Fri, 20 Nov 2026 14:05:00 -0300"
    if message_id:
        message["Message-ID"] = f"<{message_id}>"
    message.set_content("Segue o orçamento.")
    if enclosure:
        message.add_attachment(enclosure, maintype="application", subtype="pdf", filename="invoice.pdf")
    path = folder / name
    path.write_bytes(message.as_bytes())
    return path


def enter(database: Database, path: Path, record: tuple[str, int] | None = None) -> Entered:
    with write(database, "E-mail") as uow:
        return enter_letter(uow, read_letter(path), blobs.measure(path), record=record)


def activity(database: Database, identity: int) -> dict[str, object]:
    table = Base.metadata.tables["activity"]
    with database.read() as connection:
        return dict(connection.execute(sa.select(table).where(table.c.id == identity)).mappings().one())


def test_it_is_linked_to_the_record_and_to_the_contacts_in_it(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    path = letter_file(tmp_path, "a.eml", sender="Lúcia <lucia.prado@PRADO.example>", to="renata@office.example, otto@example.org",
                       enclosure=b"%PDF-1")  # fmt: skip
    entered = enter(database, path, ("company", people["company"]))
    assert set(entered.links) == {
        ("company", people["company"]), ("contact", people["lucia"]), ("contact", people["otto"])
    }  # fmt: skip
    row = activity(database, entered.activity_id)
    assert (row["kind"], row["status"], row["direction"], row["subject"]) == ("email", "done", "in", "Orçamento")
    assert row["done_at"] == datetime(2026, 11, 20, 17, 5, tzinfo=UTC)
    assert row["owner_id"] == people["renata"]
    assert "Lúcia <lucia.prado@PRADO.example>" in str(row["description"])
    assert str(row["description"]).endswith("Segue o orçamento.")
    with database.read() as connection:
        files = {one.name: one for one in files_service.attachments_of(connection, people["company"])}
        assert files_service.attachment_content(connection, files["a.eml"].id)[1] == path.read_bytes()
    assert set(files) == {"a.eml", "invoice.pdf"}
    assert files["invoice.pdf"].comment == "From the e-mail “Orçamento” of 2026-11-20"


def test_what_one_of_us_sent_is_outgoing(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    path = letter_file(tmp_path, "a.eml", sender="renata@office.example", to="otto@example.org")
    assert activity(database, enter(database, path).activity_id)["direction"] == "out"


@pytest.mark.parametrize("message_id", ["one@mail.example", ""])
def test_the_same_email_is_entered_once_and_linked_again(
    database: Database, people: dict[str, int], tmp_path: Path, message_id: str
) -> None:
    path = letter_file(tmp_path, "a.eml", sender="otto@example.org", to="x@y.example", message_id=message_id)
    first = enter(database, path)
    again = enter(database, path, ("company", people["company"]))
    assert (again.activity_id, again.new) == (first.activity_id, False)
    link = Base.metadata.tables["activity_link"]
    with database.read() as connection:
        linked = connection.execute(
            sa.select(link.c.record_id).where(link.c.activity_id == first.activity_id)
        ).scalars()
        assert sorted(linked) == sorted([people["otto"], people["company"]])


def test_two_invoices_of_one_name_are_two_files(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    for number in (1, 2):
        path = letter_file(tmp_path, f"{number}.eml", sender="otto@example.org", to="x@y.example",
                           message_id=f"{number}@x.example", enclosure=b"%PDF " + bytes([number]))  # fmt: skip
        enter(database, path)
    with database.read() as connection:
        rows = files_service.attachments_of(connection, people["otto"])
    assert sorted((row.name, row.revision) for row in rows) == [
        ("1.eml", 1), ("2.eml", 1), ("invoice (2).pdf", 1), ("invoice.pdf", 1)
    ]  # fmt: skip


def test_undo_takes_everything_back(database: Database, people: dict[str, int], tmp_path: Path) -> None:
    path = letter_file(tmp_path, "a.eml", sender="otto@example.org", to="x@y.example", enclosure=b"%PDF")
    with write(database, "E-mail") as uow:
        enter_letter(uow, read_letter(path), blobs.measure(path))
        number = uow.change_set_id
    history.undo(database, number, Actor())
    with database.read() as connection:
        assert files_service.attachments_of(connection, people["otto"]) == []
        for name in ("activity", "activity_link"):
            assert connection.execute(sa.select(sa.func.count()).select_from(Base.metadata.tables[name])).scalar() == 0


def test_without_a_record_or_a_contact_it_says_what_to_do(
    database: Database, people: dict[str, int], tmp_path: Path
) -> None:
    path = letter_file(tmp_path, "a.eml", sender="nobody@nowhere.example", to="x@y.example")
    with pytest.raises(UserError, match="Drop it on a record"):
        enter(database, path)
