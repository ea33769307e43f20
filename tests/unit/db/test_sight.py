"""Sensitive fields are not there for who has no right to them: in no form, list, filter, sum or statement."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest
import sqlalchemy as sa

from crm_desktop.core.access import EVERYTHING, Access
from crm_desktop.core.errors import UserError
from crm_desktop.core.filters import where
from crm_desktop.db import search
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import custom, queries, service

SALES = Access(1, "sales", scopes=MappingProxyType({("contact", "read"): "all", ("contact", "edit"): "all"}))


@pytest.fixture
def contact_id(database: Database) -> int:
    with write(database, "New") as uow:
        values = {"name": "Ana Souza", "tax_id": "111.444.777-35", "gender": "f"}
        return service.create_record(uow, "contact", values, country="BR")


def names(database: Database) -> set[str]:
    return {one.name for one in custom.fields_of(database, "contact")}


def test_hidden_fields_are_offered_nowhere_and_come_back(database: Database, contact_id: int) -> None:
    assert {"tax_id", "gender"} <= names(database)
    database.access = SALES
    assert not {"tax_id", "gender"} & names(database) and "name" in names(database)
    with database.read() as connection:
        assert "tax_id" not in queries.get_record(database, connection, "contact", contact_id).values
    seeing = dict(SALES.scopes) | {("contact", "sensitive"): "all"}
    database.access = replace(SALES, scopes=MappingProxyType(seeing))
    with database.read() as connection:
        assert queries.get_record(database, connection, "contact", contact_id).values["tax_id"]


def test_statements_read_hidden_columns_as_nothing(database: Database, contact_id: int) -> None:
    contact = database.schema.table("contact")
    other = contact.alias("other")
    inner = sa.select(contact.c.id, contact.c.tax_id).subquery()
    statements = (
        sa.select(contact.c.tax_id), sa.select(other.c.tax_id.label("f1")), sa.select(inner.c.tax_id),
        sa.select(sa.func.max(contact.c.tax_id)),
    )  # fmt: skip
    database.access = SALES
    with database.read() as connection:
        assert [connection.execute(one).scalar_one() for one in statements] == [None] * 4
        whole = connection.execute(sa.select(contact)).mappings().one()
        assert whole["name"] == "Ana Souza" and whole["tax_id"] is None and whole["id"] == contact_id
        assert connection.execute(sa.select(contact.c.id).where(contact.c.tax_id.isnot(None))).all() == []
    database.access = EVERYTHING
    with database.read() as connection:
        assert all(connection.execute(one).scalar_one() for one in statements)


def test_an_edit_leaves_hidden_values_as_they_are(database: Database, contact_id: int) -> None:
    database.access = SALES
    with write(database, "Edit") as uow:
        service.update_record(uow, "contact", contact_id, {"job_title": "Buyer"})
    with pytest.raises(UserError), write(database, "Claim") as uow:
        service.update_record(uow, "contact", contact_id, {"tax_id": "529.982.247-25"})
    with database.read() as connection, pytest.raises(UserError):
        queries.find_ids(database, connection, "contact", filter=where("tax_id", "empty", None))
    database.access = EVERYTHING
    with database.read() as connection:
        record = queries.get_record(database, connection, "contact", contact_id)
    assert record.values["job_title"] == "Buyer" and record.values["tax_id"] and record.values["gender"] == "f"


def test_nobody_is_found_by_what_is_hidden(database: Database, contact_id: int) -> None:
    def found(text: str) -> tuple[list[int], list[int]]:
        with database.read() as connection:
            hits = [hit.id for hit in search.find(connection, database.schema, text)]
            rows = queries.find_ids(database, connection, "contact", filter=where("@text", "search", text))
            return hits, list(rows)

    for text in ("11144477735", "111", "ana souza"):
        assert found(text) == ([contact_id], [contact_id]), text
    database.access = SALES
    assert found("ana sou") == ([contact_id], [contact_id])
    for text in ("11144477735", "111", "ana 111"):
        assert found(text) == ([], []), text
