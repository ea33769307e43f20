"""Everything about a person: whatever table can belong to one is found in the schema, and appears."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_desktop import cli
from crm_desktop.contacts.consents import record_consent
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.types import Instant, JsonType, Units, WallTime
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.insight.belongings import collect
from crm_desktop.insight.dossier import read_dossier, write_dossier
from crm_desktop.records import files_service, service
from crm_desktop.records.references import references_to
from crm_desktop.sales.service import ensure_default_pipeline

NOW = datetime(2026, 3, 12, 12, tzinfo=UTC)


class Filler:
    """Makes a row for any table: every column filled, texts with a mark that is nowhere else."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.marks: dict[str, str] = {}

    def row(self, table: sa.Table, **given: Any) -> int:
        values: dict[str, Any] = {}
        mark = f"mark-{table.name}-{len(self.marks)}"
        for column in table.columns:
            if (
                column.name in ("id", "version", "updated_at", "updated_by", "created_by", "custom")
                or column.name in given
            ):
                continue
            if column.foreign_keys:
                if not column.nullable:
                    values[column.name] = self.any_of(next(iter(column.foreign_keys)).column.table)
                continue
            values[column.name] = self.value(column, mark)
        identity = self.uow.insert(table.name, values | given)
        self.marks[mark] = table.name
        return identity

    def value(self, column: sa.Column[Any], mark: str) -> Any:
        field = column.info.get("field")
        if field is not None and field.choices:
            return field.choices[0].key
        if column.name.endswith("entity"):
            return "contact"
        kinds: list[tuple[Any, Any]] = [
            (Instant, NOW), (WallTime, datetime(2026, 3, 12, 9)), (JsonType, {"note": mark}), (Units, 7),
            (sa.Date, date(2026, 3, 12)), (sa.Boolean, True), (sa.BigInteger, 3), (sa.Integer, 3),
        ]  # fmt: skip
        return next((value for kind, value in kinds if isinstance(column.type, kind)), mark)

    def any_of(self, table: sa.Table) -> int:
        found = self.uow.connection.execute(sa.select(table.c.id).limit(1)).scalar()
        return int(found) if found is not None else self.row(table)


@pytest.fixture
def ana(database: Database) -> int:
    with write(database, N_("New contact"), actor=Actor(None, "Helena", "test")) as uow:
        service.create_record(uow, "user", {"name": "Helena", "login": "h", "active": True})
        ensure_default_pipeline(uow)
        return service.create_record(uow, "contact", {
            "name": "Ana Prado", "email": "ana@prado.example", "country": "BR", "gender": "f", "city": "Lapa",
            "source": "website",
        })  # fmt: skip


def test_every_table_that_can_belong_to_a_person_appears(database: Database, ana: int) -> None:
    """A table that comes later is found here and must be in the dossier, or this fails."""
    with database.read() as connection:
        references = [one for one in references_to(database, connection, "contact") if one.field is None]
    wanted: dict[str, str] = {}
    with write(database, N_("Fill")) as uow:
        filler = Filler(uow)
        made: list[tuple[sa.Table, int]] = []
        for one in references:
            if one.column.info.get("follows"):
                continue
            made.append((one.table, filler.row(one.table, **{one.column.name: ana})))
        for parent, identity in list(made):  # what hangs on those: revisions, mentions, messages, lines
            for table in database.schema.data_tables:
                column = database.schema.parent_column(table)
                if column and any(key.column.table is parent for key in table.columns[column].foreign_keys):
                    filler.row(table, **{column: identity})
        note = filler.row(Base.metadata.tables["note"], record_id=ana)
        filler.row(Base.metadata.tables["note"], record_id=1, reply_to=note)
        wanted = dict(filler.marks)
    with database.read() as connection:
        dossier = read_dossier(database, connection, "contact", ana)
    assert len({one.table.name for one in references}) > 10
    text = {name: " ".join(v for entry in entries for _l, v in entry.parts)
            for part in (dossier.own, dossier.around) for name, entries in part.items()}  # fmt: skip
    textless = {"mention", "record_tag", "activity_link", "not_duplicate", "affiliation"}
    standalone = {table.name for table in database.schema.data_tables} - {t for t in wanted.values()}
    assert "case_message" in wanted.values() and "attachment_revision" in wanted.values() and standalone
    tables_of_person = {one.table.name for one in references} | {"mention", "attachment_revision", "case_message"}
    for name in sorted(tables_of_person - {"contact"}):
        assert name in text, f"{name} is not among what is held about a person"
    for mark, name in wanted.items():
        if name in tables_of_person and name not in textless and name not in ("contact", "company", "tag", "activity"):
            assert mark in text[name], f"a row of {name} is missing"


def test_fields_consents_and_history_in_words(database: Database, ana: int) -> None:
    with write(database, N_("Consent"), actor=Actor(None, "Helena", "test")) as uow:
        record_consent(uow, ana, "marketing", "email", "given", source="Fair", wording="I agree.")
        service.update_record(uow, "contact", ana, {"name": "Ana Prado Reis"})
    with database.read() as connection:
        dossier = read_dossier(database, connection, "contact", ana)
    fields = {field.name: text for field, _value, text in dossier.fields}
    assert (fields["email"], fields["gender"], fields["city"]) == ("ana@prado.example", "Female", "Lapa")
    (consent,) = dossier.own["consent"]
    assert ("Text shown", "I agree.") in consent.parts and ("State", "Given") in consent.parts
    assert any(("Name", "Ana Prado", "Ana Prado Reis") in one.fields and one.by == "Helena" for one in dossier.history)
    assert (dossier.origin["how"], dossier.origin["by"], dossier.origin["source"]) == (
        "New contact",
        "Helena",
        "website",
    )


def test_deleted_notes_and_merged_people_are_part_of_it(database: Database, ana: int) -> None:
    with write(database, N_("Note")) as uow:
        note = uow.insert("note", {"entity": "contact", "record_id": ana, "body": "Secret of Ana"})
    with write(database, N_("Delete")) as uow:
        uow.delete("note", [note])
        uow.insert("merge_log", {"entity": "contact", "winner_id": ana, "loser_id": 77, "loser_title": "Aninha"})
    with database.read() as connection:
        dossier = read_dossier(database, connection, "contact", ana)
        assert collect(database, connection, "contact", ana).ids == {ana, 77}
    assert any("Secret of Ana" in old for one in dossier.history for _l, old, _n in one.fields)
    assert "Aninha" in str(dossier.own["merge_log"])


def test_pdf_json_and_archive(database: Database, ana: int, tmp_path: Path) -> None:
    with write(database, N_("File")) as uow:
        files_service.attach_bytes(uow, "contact", ana, "contract.txt", b"signed by Ana")
        deal = service.create_record(uow, "deal", {"name": "Oven", "contact_id": ana})
    pdf = write_dossier(database, "contact", ana, tmp_path / "ana.pdf", author="Helena", office="Trigo")
    assert pdf.read_bytes().startswith(b"%PDF")
    data = json.loads(write_dossier(database, "contact", ana, tmp_path / "ana.json").read_text(encoding="utf-8"))
    assert (data["format"], data["person"]["title"]) == ("crm-desktop/person", "Ana Prado")
    assert data["around"]["deal"]["rows"][0]["id"] == deal
    assert data["own"]["attachment"]["rows"][0]["name"] == "contract.txt"
    archive = zipfile.ZipFile(write_dossier(database, "contact", ana, tmp_path / "ana.zip"))
    names = archive.namelist()
    assert {"person.pdf", "person.json"} < set(names)
    (file,) = [name for name in names if name.startswith("files/")]
    assert archive.read(file) == b"signed by Ana"
    with pytest.raises(UserError, match="not a kind"):
        write_dossier(database, "contact", ana, tmp_path / "ana.doc")
    assert not list(tmp_path.glob("*.part"))


def test_the_command_writes_it(
    database: Database, ana: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not database.sqlite:
        pytest.skip("the command opens both alike")
    target = tmp_path / "ana.json"
    assert cli.main(["person-data", str(ana), "--to", str(target), "--database", str(database.path), "--json"]) == 0
    assert json.loads(target.read_text(encoding="utf-8"))["person"]["id"] == ana
    assert cli.main(["person-data", "5", "--to", str(target), "--database", str(database.path)]) == 1
