"""The values step: a value that means nothing becomes a choice of the office's field when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crm_desktop.core.fields import Kind
from crm_desktop.db.unit_of_work import write
from crm_desktop.importing.new_choices import NEW
from crm_desktop.records import custom
from ui.importing.field_popup import FindPopup
from ui.importing.value_map import NEW as ADDED
from ui.importing.value_map import UNKNOWN

MakeFile = Callable[[str, str], Path]
FILE = "Name;E-mail;Segment\nAna Souza;ana@a.test;Gold\nBob Reis;bob@b.test;Silver\nCai Melo;cai@c.test;silver\nDavi Lima;davi@d.test;Bronze\n"


def test_unknown_values_become_choices(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    database = desk.office.database
    with write(database, "Field", actor=desk.office.actor) as uow:
        custom.create_custom_field(
            uow, "contact", "Segment", Kind.CHOICE, choices=[{"key": "gold", "label": "Gold", "hue": 1}]
        )  # fmt: skip
    desk.open(text_file("people.csv", FILE))
    desk.go_to("values")
    step = desk.page.values
    rows = {row.text: row for row in step.model.rows()}
    assert rows["Silver"].state == UNKNOWN
    popup = step.choose(step.model.rows().index(rows["Silver"]))
    assert isinstance(popup, FindPopup)
    assert "Add “Silver” as a choice" in [one.title for one in step._results(rows["Silver"])]
    popup.chosen.emit(NEW + "Silver")
    popup.close()
    desk.settle()
    assert {row.state for row in step.model.rows() if row.text.lower() == "silver"} == {ADDED}
    desk.go_to("result")
    assert [one.label for one in custom.field_named(database, "contact", "custom.segment").choices] == [
        "Gold",
        "Silver",
    ]
    assert desk.records("contact", "name", "custom.segment")[:3] == [
        ("Ana Souza", "gold"), ("Bob Reis", "silver"), ("Cai Melo", "silver"),
    ]  # fmt: skip
