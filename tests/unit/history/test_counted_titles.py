"""Titles of changes that hold numbers: one and many are told apart, and the title is found as it is shown."""

from __future__ import annotations

from crm_desktop.db.database import Database
from crm_desktop.db.journal import change_set
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import change_search, retention
from crm_desktop.records.retention import Policy

OLGA = Actor(None, "Olga")


def test_what_was_let_go_is_told_with_the_right_plurals_and_found(database: Database) -> None:
    def told(**went: int) -> str:
        with database.begin() as connection:
            rows = change_set.update().where(change_set.c.title == retention.TITLE)
            connection.execute(rows.values(params={"changes": 0, "records": 0, "backup": ""} | went))
        with database.read() as connection:
            words = change_search.Asked(text="made the history")
            [found] = change_search.list_changes(database, connection, words)
            said = change_search.Asked(text=found.set.title)
            assert [one.set.id for one in change_search.list_changes(database, connection, said)] == [found.set.id]
        return found.set.title

    with write(database, retention.TITLE, actor=OLGA, kind="system", params={"changes": 0, "records": 0}) as uow:
        retention.save_policy(uow, Policy(years=1))
    assert told() == "Made the history smaller"
    assert told(changes=1, records=1) == "Made the history smaller: let go of 1 old change, 1 deleted record"
    assert told(changes=1200, records=2) == "Made the history smaller: let go of 1,200 old changes, 2 deleted records"
    assert told(changes=3) == "Made the history smaller: let go of 3 old changes"
