"""vCards: what is written is what the specifications say, and our own import reads all of it back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.plan import AS_NEW
from crm_desktop.importing.readers import inspect, read
from crm_desktop.importing.run import run_import
from crm_desktop.records import attach_service, queries, service
from crm_desktop.reporting.cards import export_vcards
from crm_desktop.reporting.vcard import Card, Place, Point, card_text

POINTS = (
    ("phone", "+5541995550142", "mobile", True), ("phone", "+554132221000", "work", False),
    ("phone", "+554133334444", "home", False), ("email", "marina@trigolilas.example", "work", True),
    ("email", "marina@casa.example", "home", False), ("web", "https://trigolilas.example", "work", False),
)  # fmt: skip


def fill(database: Database) -> list[int]:
    """A person with everything, one with a name only, and the company."""
    with write(database, "Fill") as uow:
        company = service.create_record(uow, "company", {"name": "Panificadora; Trigo, Lilás", "city": "Curitiba"})
        whole = service.create_record(
            uow, "contact",
            {"name": "Marina Queirós", "first_name": "Marina", "last_name": "Queirós", "prefix": "Sra.",
             "company_id": company, "job_title": "Sócia", "department": "Compras", "birthday": "1981-04-23",
             "nickname": "Má", "notes": "Linha um\nlinha dois; com, vírgulas \\ e barra " + "é" * 60},
            children={
                "points": [dict(zip(("kind", "value", "label", "is_primary"), one, strict=True)) for one in POINTS],
                "addresses": [
                    {"label": "work", "street": "R. do Ipê, 210", "street2": "Sala 4", "city": "Curitiba",
                     "region": "PR", "postcode": "80010-000", "country": "BR", "is_primary": True},
                    {"label": "home", "street": "Av. Água Verde, 3", "city": "Curitiba", "region": "PR",
                     "postcode": "80620-200", "country": "BR"},
                ],
            },
        )  # fmt: skip
        attach_service.tag_records(uow, "contact", [whole], "cliente")
        attach_service.tag_records(uow, "contact", [whole], "padarias")
        bare = service.create_record(uow, "contact", {"name": "Zélia"})
    return [whole, bare, company]


def card(path: Path) -> dict[str, Any]:
    headers = inspect(path).best.headers
    _number, values = next(iter(read(path)))
    return {header: value for header, value in zip(headers, values, strict=True) if value is not None}


@pytest.mark.parametrize("version", ["4.0", "3.0"])
def test_our_reader_reads_everything_back(database: Database, tmp_path: Path, version: Any) -> None:
    whole, bare, _company = fill(database)
    path = tmp_path / "people.vcf"
    with database.read() as connection:
        assert export_vcards(database, connection, "contact", [whole, bare], path, version=version) == 2
    text = path.read_bytes().decode("utf-8")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n")), "lines are folded at 75 bytes"
    assert text.count(f"VERSION:{version}") == 2 and "PHOTO" not in text
    found = card(path)
    assert found["Full Name"] == "Marina Queirós" and found["Last Name"] == "Queirós"
    assert found["Name Prefix"] == "Sra." and found["Nickname"] == "Má"
    assert found["Company"] == "Panificadora; Trigo, Lilás" and found["Department"] == "Compras"
    assert found["Birthday"] == date(1981, 4, 23)
    assert found["Note"].startswith("Linha um\nlinha dois; com, vírgulas \\ e barra éé")
    assert found["Categories"] == "cliente, padarias"
    assert [found[f"Phone {n}"] for n in (1, 2, 3)] == ["+5541995550142", "+554132221000", "+554133334444"]
    assert [found.get(f"Phone {n} Type") for n in (1, 2, 3)] == ["cell", "work", "home"]
    assert [found["E-mail 1"], found["E-mail 2"]] == ["marina@trigolilas.example", "marina@casa.example"]
    assert found["Website 1"] == "https://trigolilas.example"
    assert found["Address 1 Street"] == "R. do Ipê, 210" and found["Address 1 Postcode"] == "80010-000"
    assert found["Address 1 Country"] == "Brazil" and found["Address 2 Street"] == "Av. Água Verde, 3"


@pytest.mark.parametrize("version", ["4.0", "3.0"])
def test_an_import_of_the_export_makes_the_same_contact(database: Database, tmp_path: Path, version: Any) -> None:
    whole, bare, _company = fill(database)
    path = tmp_path / "people.vcf"
    with database.read() as connection:
        export_vcards(database, connection, "contact", [whole, bare], path, version=version)
        before = queries.get_record(database, connection, "contact", whole)
    with write(database, "Empty") as uow:
        service.delete_records(uow, "contact", [whole, bare])
    plan = guess_plan(database, path, "contact", country="BR").plan.with_(deleted=AS_NEW)
    result = run_import(database, path, plan, Actor(None, "Test"))
    assert result.created == 2
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "contact")
        after = queries.get_record(database, connection, "contact", ids[0])
    for name in ("name", "first_name", "last_name", "prefix", "nickname", "job_title", "department", "birthday", "notes",
                 "mobile", "phone", "phone2", "email", "email2", "city", "postcode"):  # fmt: skip
        assert after.values[name] == before.values[name], name
    assert str(after.values["company_id"]) == "Panificadora; Trigo, Lilás"
    assert sorted(tag[1] for tag in after.tags) == ["cliente", "padarias"]
    streets = sorted(str(one["street"]) for one in after.children["addresses"])
    assert streets == ["Av. Água Verde, 3", "R. do Ipê, 210"]


def test_a_company_is_an_organisation(database: Database, tmp_path: Path) -> None:
    *_people, company = fill(database)
    path = tmp_path / "companies.vcf"
    with database.read() as connection:
        export_vcards(database, connection, "company", [company], path)
    assert "KIND:org" in path.read_text(encoding="utf-8")
    assert card(path)["Is Company"] is True


def test_the_two_versions_say_the_main_one_in_their_own_way() -> None:
    one = Card("Ana Lima", points=[Point("phone", "+351912345678", "mobile", True)], places=[Place(city="Braga")],
               birthday=date(1990, 1, 2))  # fmt: skip
    four, three = card_text(one, "4.0"), card_text(one, "3.0")
    assert "TEL;VALUE=text;TYPE=cell;PREF=1:+351912345678\r\n" in four and "BDAY:19900102\r\n" in four
    assert "TEL;TYPE=cell,pref:+351912345678\r\n" in three and "BDAY:1990-01-02\r\n" in three
    assert "N:Lima;Ana;;;\r\n" in three and "ADR:;;;Braga;;;\r\n" in three


def test_a_cancelled_export_leaves_no_file(database: Database, tmp_path: Path) -> None:
    ids = fill(database)[:2]
    progress = Progress()
    progress.cancel()
    folder = tmp_path / "cards"
    folder.mkdir()
    with database.read() as connection, pytest.raises(Cancelled):
        export_vcards(database, connection, "contact", ids, folder / "people.vcf", progress=progress)
    assert list(folder.iterdir()) == []
