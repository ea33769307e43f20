"""Choices of the office's own fields come in when they are asked for: once, in any spelling; else their cells are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_desktop.core.fields import Choice, Kind
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing.choice_words import match_choice
from crm_desktop.importing.new_choices import NEW
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.result import ImportResult
from crm_desktop.records import custom, history
from tests.helpers.rows import rows_of

Import = Callable[..., ImportResult]
ACTOR = Actor(None, "Test")
ROWS = [
    ["Name", "Segment"], ["Ana Souza", "Gold"], ["Bob Reis", "Silver "], ["Cai Melo", "SILVER"], ["Davi Lima", "silver"],
    ["Eva Dias", "Bronze"],
]  # fmt: skip


def add(**names: str) -> Callable[[ImportPlan], ImportPlan]:
    def change(plan: ImportPlan) -> ImportPlan:
        values = {text: NEW + name for text, name in names.items()}
        return plan.with_column(1, target="custom.segment", transform="", values=values)

    return change


def field_of(database: Database) -> Any:
    return custom.field_named(database, "contact", "custom.segment")


def prepare(database: Database) -> None:
    with write(database, "Field", actor=ACTOR) as uow:
        custom.create_custom_field(
            uow, "contact", "Segment", Kind.CHOICE, choices=[{"key": "gold", "label": "Gold", "hue": 1}]
        )


def segments(database: Database) -> dict[str, Any]:
    return {row["name"]: (row["custom"] or {}).get("segment") for row in rows_of(database, "contact")}


def test_new_choices_come_once_in_any_spelling(database: Database, import_table: Import) -> None:
    prepare(database)
    rehearsal = import_table(ROWS, "contact", change=add(silver="Silver"), dry_run=True)
    assert rehearsal.created == 5
    assert [c.key for c in field_of(database).choices] == ["gold"]
    result = import_table(ROWS, "contact", change=add(silver="Silver"))
    assert [(c.key, c.label) for c in field_of(database).choices] == [("gold", "Gold"), ("silver", "Silver")]
    assert segments(database) == {
        "Ana Souza": "gold", "Bob Reis": "silver", "Cai Melo": "silver", "Davi Lima": "silver", "Eva Dias": None,
    }  # fmt: skip
    assert [(p.row, p.value) for p in result.cell_problems] == [(6, "Bronze")]
    again = import_table(ROWS, "contact", change=add(silver="SILVER"))
    assert (again.unchanged, len(field_of(database).choices)) == (5, 2)
    assert result.change_set is not None
    history.undo(database, result.change_set, ACTOR)
    assert [c.key for c in field_of(database).choices] == ["gold"]


def test_fields_of_the_program_get_no_new_choices(database: Database, import_table: Import) -> None:
    rows = [["Name", "Lifecycle"], ["Ana Souza", "Friend"]]
    result = import_table(rows, "contact", change=lambda plan: plan.with_column(
        1, target="lifecycle", transform="", values={"friend": NEW + "Friend"}))  # fmt: skip
    assert result.problem_count == 1


def test_words_of_other_languages_mean_the_choices_of_the_office() -> None:
    choices = (Choice("c1", "Mr"), Choice("c2", "Mrs"), Choice("c3", "Dr"))
    found = {text: match_choice(text, choices)[0] for text in ("Herr", "Frau", "Senhor", "Doutora", "Sra.", "Banana")}
    assert found == {"Herr": "c1", "Frau": "c2", "Senhor": "c1", "Doutora": "c3", "Sra.": "c2", "Banana": ""}
