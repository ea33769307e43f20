"""Pasting a column of a spreadsheet into a list: what is understood, what is refused, one change set."""

from __future__ import annotations

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import history, queries, service
from crm_desktop.records.pasting import apply_paste, plan_paste, split_cells


def test_the_clipboard_of_a_spreadsheet_is_taken_apart() -> None:
    assert split_cells("a\tb\r\nc\td\r\n") == [["a", "b"], ["c", "d"]]
    assert split_cells('"two\nlines"\t"say ""hi"""\nx') == [["two\nlines", 'say "hi"'], ["x"]]
    assert split_cells("one") == [["one"]] and split_cells("a\n\nb") == [["a"], [""], ["b"]]


def test_texts_become_values_and_what_cannot_is_told(database: Database) -> None:
    with write(database, "Fill") as uow:
        company = service.create_record(uow, "company", {"name": "Trigo Lilás"})
        ids = [service.create_record(uow, "contact", {"name": name, "city": "Lapa"}) for name in ("Ana", "Bia", "Caio")]
    fields = [database.schema.entity("contact").field(name) for name in ("city", "company_id", "birthday")]
    cells = [
        (ids[0], ["Curitiba", "trigo lilás", "03/02/1980"]), (ids[1], ["", "Nobody", "never"]),
        (ids[2], ["Lapa", "", ""]),
    ]  # fmt: skip
    with database.read() as connection:
        plan = plan_paste(database, connection, "contact", fields, cells)
    assert plan.values[ids[0]]["city"] == "Curitiba" and plan.values[ids[0]]["company_id"] == company
    assert plan.values[ids[1]] == {"city": None} and ids[2] not in plan.values, "what is the same is no change"
    assert {text for text, _why in plan.refused} == {"Nobody", "never"}
    assert [(one.title, one.before, one.after) for one in plan.changes if one.field == "city"] == [
        ("Ana", "Lapa", "Curitiba"), ("Bia", "Lapa", ""),
    ]  # fmt: skip
    with write(database, "Paste", actor=Actor()) as uow:
        assert apply_paste(uow, "contact", plan) == 2
        done = uow.change_set_id
    with database.read() as connection:
        rows = queries.fetch_rows(database, connection, "contact", ids, ["city", "company_id"])
    assert [row.values["city"] for row in rows] == ["Curitiba", None, "Lapa"]
    assert str(rows[0].values["company_id"]) == "Trigo Lilás"
    history.undo(database, done, actor=Actor())
    with database.read() as connection:
        rows = queries.fetch_rows(database, connection, "contact", ids, ["city", "company_id"])
    assert [row.values["city"] for row in rows] == ["Lapa"] * 3 and rows[0].values["company_id"] is None


def test_a_needed_field_is_not_emptied(database: Database) -> None:
    with write(database, "Fill") as uow:
        ana = service.create_record(uow, "contact", {"name": "Ana"})
    name = database.schema.entity("contact").field("name")
    with database.read() as connection:
        plan = plan_paste(database, connection, "contact", [name], [(ana, [""])])
    assert not plan.values and len(plan.refused) == 1
