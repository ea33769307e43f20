"""A card reads what is seen, and counts for the tabs that nobody has opened."""

from __future__ import annotations

from typing import Any

from crm_desktop.contacts import relations_service as relations
from crm_desktop.records import files_service, service
from ui.framework import tasks
from ui.records.card import FILES


def badge(card: Any, key: str) -> str:
    return next(tab.badge for tab in card.tabs._tabs if tab.key == key)


def test_a_step_in_the_list_reads_only_what_is_seen(desk, monkeypatch, tmp_path) -> None:
    marina = desk.find("Marina Queirós")
    plan = tmp_path / "plan.txt"
    plan.write_text("rooms")
    with desk.office.unit_of_work("Around") as uow:
        service.create_record(uow, "deal", {"name": "Cold room", "contact_id": marina})
        relations.add_relationship(uow, ("contact", marina), ("contact", desk.find("Ícaro Bandeira")), "spouse")
        files_service.attach_file(uow, "contact", marina, plan)
    page = desk.open("contacts", record_id=desk.find("Zélia Duarte"))
    card = page.card
    assert [badge(card, key) for key in card.views] == [""] * len(card.views)
    reads: list[str] = []
    read = tasks.run_read

    def counted(owner: Any, *args: Any, **options: Any) -> None:
        reads.append(type(owner).__name__)
        read(owner, *args, **options)

    monkeypatch.setattr(tasks, "run_read", counted)
    card.set_record(marina)
    desk.settle()
    assert set(reads) & {"RelatedTab", "RelationsTab", "ConsentTab", "FilesTab"} == set()
    deals = next(key for key in card.views if key.startswith("related-deal"))
    assert [badge(card, key) for key in (deals, "relations", FILES)] == ["1", "2", "1"]

    card.show_tab(FILES)
    desk.settle()
    assert "FilesTab" in reads and [line.title for line in card.files.list.lines()] == ["plan.txt"]
    reads.clear()
    card.show_tab(deals)
    card.show_tab(FILES)
    desk.settle()
    assert "FilesTab" not in reads  # it is known already


def test_a_tab_that_was_left_does_not_keep_another_record(desk, tmp_path) -> None:
    marina, zelia = desk.find("Marina Queirós"), desk.find("Zélia Duarte")
    plan = tmp_path / "plan.txt"
    plan.write_text("rooms")
    with desk.office.unit_of_work("File") as uow:
        files_service.attach_file(uow, "contact", marina, plan)
    card = desk.open("contacts", record_id=marina).card
    card.show_tab(FILES)
    desk.settle()
    card.show_tab("details")
    card.set_record(zelia)
    desk.settle()
    assert badge(card, FILES) == ""
    card.show_tab(FILES)
    assert card.files.state.state() != "full"  # Marina's file is gone at once
    desk.settle()
    assert card.files.state.state() == "empty"


def test_badges_follow_what_others_write(desk) -> None:
    marina = desk.find("Marina Queirós")
    card = desk.open("contacts", record_id=marina).card
    cases = next(key for key in card.views if key.startswith("related-case"))
    assert badge(card, cases) == ""
    desk.as_caio(lambda uow: service.create_record(uow, "case", {"subject": "Fan is loud", "contact_id": marina}))
    assert badge(card, cases) == "1"
    card.show_tab(cases)
    desk.settle()
    assert len(card.views[cases].list.lines()) == 1
