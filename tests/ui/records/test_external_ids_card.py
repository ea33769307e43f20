"""The card lists what other programs call its record; an id can be removed there, and undo brings it back."""

from __future__ import annotations

from typing import Any

from crm_desktop.db.unit_of_work import write
from tests.helpers.rows import rows_of
from ui.widgets.labels import Label


def test_ids_are_listed_and_removed(desk: Any) -> None:
    marina = next(row["id"] for row in rows_of(desk.database, "contact") if row["name"] == "Marina Queirós")
    with write(desk.database, "Ids", actor=desk.office.actor) as uow:
        for source, value in (("hubspot", "77"), ("", "X-1")):
            uow.insert("external_id", {"entity": "contact", "record_id": marina, "source": source, "value": value})
    page = desk.open()
    page.table.show_record(marina)
    page.card.set_record(marina)
    page.card.show_tab("details")
    desk.settle()
    part = page.card.details.external
    assert part.isVisibleTo(page.card.details)
    texts = [one.text() for one in part.findChildren(Label) if one.isVisibleTo(part)]
    assert texts == ["Ids in other programs", "Program not known", "X-1", "HubSpot", "77"]
    assert part.removes[1].accessibleName() == "Remove the id 77"
    part.removes[1].click()
    desk.settle()
    assert [row["value"] for row in rows_of(desk.database, "external_id")] == ["X-1"]
    assert len(part.removes) == 1
    part.removes[0].click()
    desk.settle()
    assert not part.isVisibleTo(page.card.details)
