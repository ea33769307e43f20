"""The tabs of a card and the worklist of duplicates take what a colleague changes, and keep what somebody chose there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtTest import QTest

from crm_desktop.contacts import consents
from crm_desktop.contacts import relations_service as relations
from crm_desktop.dedupe.scan import scan
from crm_desktop.records import files_service, service
from tests.helpers.windows import settle
from ui.records.record_dialog import RecordDialog


def tab(desk: Any, person: int, key: str) -> Any:
    """A tab of a person's card, read."""
    page = desk.open("contacts", record_id=person)
    desk.wait(lambda: page.card.record is not None and page.card.record.id == person)
    page.card.show_tab(key)
    desk.settle()
    return page.card.views[key]


def test_a_company_of_a_person_stays_chosen_when_its_role_changes(desk: Any) -> None:
    person = desk.people[0]

    def make(uow: Any) -> list[int]:
        firms = [service.create_record(uow, "company", {"name": name}) for name in ("Moinho", "Padaria")]
        return [relations.add_affiliation(uow, person, firm, role="Adviser") for firm in firms]

    _first, second = desk.as_caio(make)
    places = tab(desk, person, "relations").lists["places"]
    desk.wait(lambda: len(places.lines()) == 2)
    row = next(n for n, one in enumerate(places.lines()) if one.key.place.affiliation_id == second)
    places.set_current_key(places.lines()[row].key)
    desk.as_caio(lambda uow: relations.update_affiliation(uow, second, {"role": "Partner"}))
    desk.wait(lambda: any("Partner" in one.subtitle for one in places.lines()), "the role never comes")
    assert places.current_key() is not None and places.current_key().place.affiliation_id == second


def test_a_consent_stays_chosen_when_a_newer_one_supersedes_it(desk: Any) -> None:
    person = desk.people[1]
    desk.as_caio(lambda uow: consents.record_consent(uow, person, "marketing", "email", "given", source="Fair"))
    said = tab(desk, person, "consent")
    desk.wait(lambda: len(said.list.lines()) == 1)
    said.list.set_current_key(said.list.lines()[0].key)
    chosen = said.list.current_key().id
    desk.as_caio(lambda uow: consents.record_consent(uow, person, "marketing", "email", "withdrawn", source="Call"))
    desk.wait(lambda: len(said.list.lines()) == 2, "the withdrawal never comes")
    assert said.list.current_key().id == chosen and not said.list.current_key().current


def test_a_file_stays_chosen_when_another_comes(desk: Any, tmp_path: Path) -> None:
    person = desk.people[2]
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text(name)
    desk.as_caio(
        lambda uow: [files_service.attach_file(uow, "contact", person, tmp_path / n) for n in ("a.txt", "c.txt")]
    )
    files = tab(desk, person, "files")
    desk.wait(lambda: len(files.list.lines()) == 2)
    key = next(one.key for one in files.list.lines() if one.title.startswith("c"))
    files.list.set_current_key(key)
    desk.as_caio(lambda uow: files_service.attach_file(uow, "contact", person, tmp_path / "b.txt"))
    desk.wait(lambda: len(files.list.lines()) == 3, "the file never comes")
    assert files.list.current_key() == key


def test_the_worklist_of_duplicates_keeps_its_group(desk: Any) -> None:
    def make(uow: Any) -> None:
        for name in ("Otávio Lins", "Sílvia Amarante", "Zélia Duarte"):
            for _twice in range(2):
                service.create_record(uow, "contact", {"name": name, "email": f"{name[:3]}@cajueiros.example"})

    desk.as_caio(make)
    scan(desk.database, "contact")
    page = desk.open("duplicates")
    desk.wait(lambda: len(page.cards) == 3)
    page.cards[1].setFocus()
    chosen = page.cards[1].shown.group.members
    page.cards[1].check.setChecked(True)
    gone = page.cards[0].shown.group.members[0]
    desk.as_caio(lambda uow: service.delete_records(uow, "contact", [gone]))
    desk.wait(lambda: len(page.cards) == 2, "the group never goes")

    def kept() -> Any:
        return next(card for card in page.cards if card.shown.group.members == chosen)

    assert kept().check.isChecked()
    desk.wait(lambda: kept() is page.window().focusWidget(), "the keyboard is elsewhere")


def test_a_list_of_hits_stays_open_while_a_colleague_writes(desk: Any) -> None:
    desk.as_caio(lambda uow: service.create_record(uow, "company", {"name": "Moinho Velho"}))
    page = desk.open("contacts", record_id=desk.people[3])
    form = RecordDialog(desk.office, desk.window, "contact", page)
    form.show()
    editor = form.form.rows["company_id"].editor
    editor.setFocus()
    QTest.keyClicks(editor, "Moin")
    desk.wait(lambda: editor._drop.isVisible(), "no hits")
    heard: list[Any] = []
    desk.office.records_changed.connect(heard.append)
    desk.update("contact", desk.people[4], city="Lapa")
    desk.wait(lambda: heard, "nothing is heard")
    settle()
    assert editor.text() == "Moin" and editor._drop.isVisible()
    form._closing = True
    form.close()
