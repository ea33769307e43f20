"""The keys step: ranked keys, what happens to deleted records, and counts from the database while one chooses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.db.unit_of_work import write
from crm_desktop.importing.plan import CREATE, LEAVE
from crm_desktop.records import service
from ui.widgets.labels import Label

MakeFile = Callable[[str, str], Path]
FILE = """Id;Name;E-mail;Mobile
A1;Ana Souza;ana@sol.test;
A2;Bob Reis;;(41) 99111-2222
A3;Cai Melo;cai@sol.test;
A4;Dora Lima;dora@sol.test;
A5;Eva Dias;;
A5;Eva Dias;;
"""


def words(step) -> str:  # type: ignore[no-untyped-def]
    return "\n".join(one.text() for one in step.found.findChildren(Label) if not one.isHidden())


def prepare(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    with write(desk.office.database, "People", actor=desk.office.actor) as uow:
        service.create_record(uow, "contact", {"name": "Ana S", "email": "ana@sol.test"})
        service.create_record(uow, "contact", {"name": "Roberto", "mobile": "+5541991112222"})
        gone = service.create_record(uow, "contact", {"name": "Cai Melo", "email": "cai@sol.test"})
    with write(desk.office.database, "Delete", actor=desk.office.actor) as uow:
        service.delete_records(uow, "contact", [gone])
    desk.open(text_file("people.csv", FILE))
    desk.go_to("keys")
    wait(desk)


def wait(desk) -> None:  # type: ignore[no-untyped-def]
    for _times in range(400):
        desk.settle()
        if desk.page.keys.found.up_to_date:
            return
        QTest.qWait(50)
    raise AssertionError("the counts never come")


def test_the_counts_follow_the_keys(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    """By e-mail one is here; with the mobile chosen, another; the deleted one is told."""
    prepare(desk, text_file)
    step = desk.page.keys
    counts = step.found.counts
    assert (sum(counts.here.values()), counts.deleted, counts.again, counts.new) == (1, 1, 1, 3)
    assert "are here, by E-mail" in words(step)
    assert "were deleted lately and come back" in words(step)
    QTest.mouseClick(step.list.rows["mobile"].box, Qt.MouseButton.LeftButton)
    wait(desk)
    assert step.found.counts.here == {"email": 1, "mobile": 1}
    assert "E-mail is empty in 50% of the rows." in words(step)
    assert "Id in another program repeats inside the file: A5 (2×)" in words(step)
    step.deleted[LEAVE].click()
    wait(desk)
    assert desk.page.session.draft.plan.deleted == LEAVE
    assert "are left out" in words(step)
    step.modes[CREATE].click()
    wait(desk)
    assert "nothing is looked up" in words(step)
    assert step.deleted[LEAVE].isHidden()


def test_keys_are_ranked_by_keyboard_and_the_id_stays_first(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    prepare(desk, text_file)
    step = desk.page.keys
    assert next(iter(step.list.rows)) == "external_id"
    assert not step.list.rows["external_id"].box.isEnabled()
    step.list.rows["mobile"].box.click()
    assert step.list.used()[-2:] == ("mobile", "name")  # a number says more than a mere name
    row = step.list.rows["mobile"]
    row.box.setFocus()
    for _times in range(len(step.list.used())):
        QTest.keyClick(step.list.rows["mobile"].box, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert step.list.used()[:2] == ("external_id", "mobile")
    assert desk.page.session.draft.plan.keys[:2] == ("external_id", "mobile")
    assert step.list.rows["mobile"].up.accessibleName().startswith("Look up Mobile earlier")


def test_a_deleted_record_comes_back_through_the_window(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    prepare(desk, text_file)
    desk.go_to("result")
    assert sorted(name for (name,) in desk.records("contact", "name")) == [
        "Ana Souza", "Bob Reis", "Cai Melo", "Dora Lima", "Eva Dias", "Roberto",
    ]  # fmt: skip
