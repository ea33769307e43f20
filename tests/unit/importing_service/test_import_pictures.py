"""Photos of address books end up among the files of their contact, once."""

from __future__ import annotations

import base64
import gzip
import zipfile
from pathlib import Path

import sqlalchemy as sa

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.result import ImportResult
from crm_desktop.importing.run import run_import
from crm_desktop.records import blobs
from tests.helpers.importing_files import dbf
from tests.helpers.rows import rows_of

ACTOR = Actor(None, "Test")
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 3
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(100))


def imported(database: Database, path: Path, entity: str = "contact") -> ImportResult:
    plan = guess_plan(database, path, entity, country="BR").plan
    result = run_import(database, path, plan, ACTOR)
    assert result.balanced
    return result


def pictures(database: Database) -> list[bytes]:
    table = database.schema.table("attachment")
    with database.read() as connection:
        found = connection.execute(sa.select(table.c.sha256, table.c.name).order_by(table.c.id)).all()
        return [b"".join(blobs.read_parts(connection, digest)) for digest, _name in found]


def test_photos_of_cards(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.vcf"
    path.write_text(
        "BEGIN:VCARD\nVERSION:3.0\nFN:Ana Souza\nEMAIL:ana@x.example\nPHOTO;ENCODING=b;TYPE=JPEG:"
        + base64.b64encode(JPEG).decode()
        + "\nEND:VCARD\nBEGIN:VCARD\nVERSION:4.0\nFN:Bia Prado\nEMAIL:bia@x.example\nPHOTO:data:image/png;base64,"
        + base64.b64encode(PNG).decode()
        + "\nEND:VCARD\nBEGIN:VCARD\nVERSION:4.0\nFN:Caio Lima\nEND:VCARD\n"
    )
    assert imported(database, path).created == 3
    assert pictures(database) == [JPEG, PNG]
    again = imported(database, path)
    assert again.created == 0
    assert pictures(database) == [JPEG, PNG]


def test_photos_of_a_directory(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.ldif"
    photo = base64.b64encode(JPEG).decode()
    path.write_text(f"dn: cn=Ana,dc=x\ncn: Ana Souza\nmail: ana@x.example\njpegPhoto:: {photo}\n")
    assert imported(database, path).created == 1
    assert pictures(database) == [JPEG]


def test_a_table_of_an_archive_is_imported(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "tudo.zip"
    fields = [("NOME", "C", 20, 0), ("EMAIL", "C", 20, 0)]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("2024/CLIENTES.DBF", dbf(fields, [["Jo\u00e3o".encode("cp850"), b"joao@x.example"]]))
    assert imported(database, path).created == 1
    assert [row["name"] for row in rows_of(database, database.schema.entity("contact").table)] == ["João"]


def test_an_error_of_a_formula_in_a_text_file_is_told(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"Nome;E-mail;Cargo\nAna;ana@x.example;#N/D\nBia;bia@x.example;Chefe\n"))
    result = imported(database, path)
    assert (result.created, [str(one.value) for one in result.cell_problems]) == (2, ["#N/D"])
