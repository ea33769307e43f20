"""Phones, e-mails, addresses and documents of a record: one primary of each kind, checked numbers, found in any spelling."""

from __future__ import annotations

from typing import Any

import pytest

from crm_desktop.core.errors import ValidationFailed
from crm_desktop.core.i18n import N_
from crm_desktop.db import search
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries, service


def children(database: Database, record_id: int) -> Any:
    with database.read() as connection:
        return queries.get_record(database, connection, "contact", record_id).children


def save(database: Database, record_id: int, **rows: Any) -> None:
    with write(database, N_("Edit")) as uow:
        service.update_record(uow, "contact", record_id, {}, children=rows)


def make(database: Database, **values: Any) -> int:
    with write(database, N_("New")) as uow:
        return service.create_record(uow, "contact", {"name": "Marina", **values})


def test_one_primary_of_each_kind_whatever_is_edited(database: Database) -> None:
    marina = make(database)
    save(database, marina, points=[
        {"kind": "phone", "value": "+5541991234567"}, {"kind": "phone", "value": "+554133330142", "is_primary": True},
        {"kind": "phone", "value": "+554133330143", "is_primary": True}, {"kind": "email", "value": "a@b.example"},
    ], addresses=[{"city": "Itu"}, {"city": "Lapa"}])  # fmt: skip
    rows = children(database, marina)
    assert [row["value"] for row in rows["points"] if row["is_primary"]] == ["+554133330142", "a@b.example"]
    assert sorted(row["city"] for row in rows["addresses"] if row["is_primary"]) == ["Itu"]
    rest = [dict(row) for row in rows["points"] if row["value"] != "+554133330142"]
    save(database, marina, points=rest)
    phones = [row for row in children(database, marina)["points"] if row["kind"] == "phone"]
    assert len(phones) == 2 and sum(row["is_primary"] for row in phones) == 1
    with write(database, N_("Edit")) as uow:  # an emptied field hands its place on
        service.update_record(uow, "contact", marina, {"mobile": "+5541991234568"})
        for name in ("phone", "mobile"):
            service.update_record(uow, "contact", marina, {name: None})
    left = [row for row in children(database, marina)["points"] if row["kind"] == "phone"]
    assert sum(row["is_primary"] for row in left) == (1 if left else 0)


def test_documents_are_checked_and_kept_compact(database: Database) -> None:
    marina = make(database)
    save(
        database,
        marina,
        identifiers=[{"kind": "cpf", "value": "111.444.777-35"}, {"kind": "passport", "value": "fx 12"}],
    )
    rows = children(database, marina)["identifiers"]
    assert [(row["kind"], row["value"], row["country"]) for row in rows] == [
        ("cpf", "11144477735", "BR"),
        ("passport", "FX 12", None),
    ]
    with pytest.raises(ValidationFailed, match="one of its digits") as caught:
        save(database, marina, identifiers=[*rows, {"kind": "cpf", "value": "111.444.777-34"}])
    assert caught.value.errors[0].field == "identifiers"
    odd = {"kind": "cpf", "value": "111.444.777-34", "unchecked": True}
    save(database, marina, identifiers=[*rows, odd])
    kept = children(database, marina)["identifiers"][-1]
    assert (kept["value"], kept["unchecked"]) == ("111.444.777-34", True)
    with pytest.raises(ValidationFailed):
        save(database, marina, identifiers=[{**kept, "unchecked": False}])


@pytest.mark.parametrize(
    ("kind", "value", "typed"),
    [
        ("cpf", "11144477735", ("111.444.777-35", "11144477735", "111 444 777 35")),
        ("cpf", "01234567890", ("012.345.678-90", "01234567890")),
        ("cnpj", "12.ABC.345/01DE-35", ("12.ABC.345/01DE-35", "12abc34501de35", "12 ABC 345 01DE 35")),
        ("nie", "X2482300W", ("X-2482300-W", "x2482300w")),
        ("rfc", "GODE561231GR8", ("GODE 561231 GR8", "gode561231")),
    ],
)
def test_documents_are_found_in_any_spelling(database: Database, kind: str, value: str, typed: tuple[str, ...]) -> None:
    marina = make(database)
    save(database, marina, identifiers=[{"kind": kind, "value": value}])
    with database.read() as connection:
        for text in typed:
            assert [hit.id for hit in search.find(connection, database.schema, text)] == [marina], text
