"""Tokens in texts: own and linked fields, fields of the office, what there is not."""

from __future__ import annotations

import pytest

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Kind
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import custom, service, tokens

ANA = Actor(None, "Ana")


@pytest.fixture
def two(database: Database) -> list[int]:
    """A contact with a company and an own field, and one with nothing."""
    with write(database, "Make", actor=ANA) as uow:
        custom.create_custom_field(uow, "contact", "Rank", Kind.NUMBER)
        company = service.create_record(uow, "company", {"name": "Silva Ltda", "city": "Curitiba"})
        first = service.create_record(
            uow, "contact", {"name": "Ana Lima", "company_id": company, "custom.rank": "1.5", "city": "Lapa"}
        )
        return [service.create_record(uow, "contact", {"name": "Rui"}), first]


def test_texts_are_made_in_the_order_asked(database: Database, two: list[int]) -> None:
    template = "{name}, {city|nowhere} – {company} in {company.city}: {custom.rank} {{x}}"
    with database.read() as connection:
        assert tokens.fill(template, database, connection, "contact", two) == [
            "Rui, nowhere –  in :  {x}", "Ana Lima, Lapa – Silva Ltda in Curitiba: 1.5 {x}"
        ]  # fmt: skip


def test_every_token_offered_can_be_filled(database: Database, two: list[int]) -> None:
    for entity in ("contact", "company", "deal", "case", "activity", "product"):
        offered = tokens.tokens_of(database, entity)
        assert len({one.name for one in offered}) == len(offered)
        template = " ".join("{" + one.name + "}" for one in offered)
        with database.read() as connection:
            made = tokens.fill(template, database, connection, entity, two if entity == "contact" else [])
        assert len(made) == (2 if entity == "contact" else 0)
    assert "custom.rank" in {one.name for one in tokens.tokens_of(database, "contact")}


def test_an_unknown_token_is_named(database: Database, two: list[int]) -> None:
    with database.read() as connection, pytest.raises(UserError, match=r"\{custom\.gone\}, \{nme\}") as caught:
        tokens.fill("{custom.gone} {nme} {name}", database, connection, "contact", two)
    assert "{{" in str(caught.value)
