"""What roles may do: defaults, what the office changed, scopes, and that no table was forgotten."""

from __future__ import annotations

from crm_desktop.core.access import SCOPES, Access, widest
from crm_desktop.db.database import Database
from crm_desktop.db.protection import RULES, hidden_columns, protections
from crm_desktop.db.unit_of_work import write
from crm_desktop.security import service
from crm_desktop.security.access import access_of


def member(database: Database, name: str, role: str, team: int | None = None) -> int:
    with write(database, "People") as uow:
        return service.create_user(uow, name, role=role, team_id=team)


def access(database: Database, user_id: int) -> Access:
    with database.read() as connection:
        return access_of(connection, database.schema, user_id)


def test_every_table_says_what_protects_it(sqlite_database: Database) -> None:
    """A table that nobody thought of is closed, and this test names it."""
    found = protections(sqlite_database.schema)
    assert {one.rule for one in found.values()} <= set(RULES)
    assert [name for name, one in found.items() if one.rule == "closed"] == []
    assert found["contact"].entity == "contact" and found["contact"].owner == "owner_id"
    assert found["attachment_revision"].parents == ("attachment",)
    assert found["identifier"].sensitive and not found["contact_point"].sensitive
    assert hidden_columns(sqlite_database.schema, "contact") == {"gender", "tax_id"}


def test_the_roles_that_come_with_the_program(database: Database) -> None:
    owner = access(database, member(database, "Olga", "owner"))
    assert owner.everything and owner.can("users") and owner.covers("deal", "delete", 99)
    sales = access(database, member(database, "Saul", "sales"))
    assert sales.scope("contact", "read") == "all" and sales.scope("deal", "edit") == "own"
    assert not sales.can("import") and not sales.may("contact", "sensitive")
    reader = access(database, member(database, "Rita", "readonly"))
    assert reader.may("case", "read") and not reader.may("case", "create")
    stranger = access(database, 4711)
    assert not any(stranger.may("contact", action) for action in ("read", "create"))


def test_own_and_team_records(database: Database) -> None:
    with write(database, "Team") as uow:
        team = service.create_team(uow, "Sul")
    ana, bea = member(database, "Ana", "sales", team), member(database, "Bea", "sales", team)
    zoe = member(database, "Zoe", "sales")
    mine = access(database, ana)
    assert mine.team == {ana, bea}
    assert mine.covers("deal", "read", bea) and not mine.covers("deal", "read", zoe)
    assert mine.covers("deal", "edit", ana) and not mine.covers("deal", "edit", bea)
    assert mine.covers("deal", "edit", None, created_by=ana) and not mine.covers("deal", "edit", None, created_by=bea)


def test_what_the_office_changed_counts_and_who_left_may_nothing(database: Database) -> None:
    saul = member(database, "Saul", "sales")
    with write(database, "Rights") as uow:
        uow.insert("role_right", {"role": "sales", "entity": "deal", "action": "read", "scope": "all"})
        uow.insert("role_right", {"role": "owner", "entity": "deal", "action": "read", "scope": "none"})
    assert access(database, saul).scope("deal", "read") == "all"
    assert access(database, member(database, "Olga", "owner")).scope("deal", "read") == "all"
    with write(database, "Leave") as uow:
        service.deactivate_user(uow, saul)
    assert access(database, saul).scope("deal", "read") == "none"


def test_the_widest_scope_wins() -> None:
    assert [widest("none", scope) for scope in SCOPES] == list(SCOPES)
    assert widest("team", "own") == "team"
