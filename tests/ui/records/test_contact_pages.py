"""The pages of contacts and companies: every control has a name, every picture is drawn, the timeline tells what happened."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from crm_desktop.core import clock
from crm_desktop.records import attach_service, service
from ui.framework.retranslate import switch_language
from ui.records.record_dialog import RecordDialog
from ui.theme.theme import apply_theme

CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QPlainTextEdit, QAbstractItemView)


def nameless(root: QWidget) -> list[str]:
    """The controls below a widget that a screen reader could not name."""
    found = []
    for kind in CONTROLS:
        for one in root.findChildren(kind):
            named = one.accessibleName() or getattr(one, "text", lambda: "")()
            inner = one.objectName().startswith("qt_") or type(one).__module__.startswith("PySide6")
            if one.isVisibleTo(root) and not named and not (inner and not isinstance(one, QLineEdit | QComboBox)):
                found.append(f"{type(one).__name__} in {type(one.parentWidget()).__name__}")
    return found


@pytest.fixture
def story(desk) -> Any:
    """Marina's company, a deal, a case, a call and what is planned."""
    marina, company = desk.find("Marina Queirós"), desk.find("Panificadora Trigo Lilás", "company")
    tomorrow = clock.today() + timedelta(days=1)
    with desk.office.unit_of_work("Story") as uow:
        deal = service.create_record(
            uow, "deal", {"name": "Cold room", "contact_id": marina, "company_id": company, "amount": Decimal(48600)}
        )
        service.create_record(uow, "case", {"subject": "Counter does not cool", "company_id": company})
        links = {"links": [{"entity": "contact", "record_id": marina}, {"entity": "deal", "record_id": deal}]}
        call = {
            "subject": "Confirmed the sizes",
            "kind": "call",
            "status": "done",
            "duration": 360,
            "outcome": "reached",
        }
        service.create_record(uow, "activity", call, children=links)
        service.create_record(uow, "activity", {"subject": "Call back", "due": tomorrow}, children=links)
        attach_service.add_note(uow, "contact", marina, "Not between five and nine", pinned=True)
    desk.settle()
    return desk


def words(page: Any) -> list[str]:
    """The first lines of the timeline."""
    return [" ".join(text for text, _role in one.runs) for one in page.card.timeline._entries]


def test_the_timeline_tells_everything_and_the_chips_narrow_it(story) -> None:
    page = story.open("contacts", record_id=story.find("Marina Queirós"))
    told = words(page)
    assert any("Call: Confirmed the sizes · Reached · 6 min" in line for line in told)
    assert any("New deal: Cold room" in line for line in told)
    assert any("Counter does not cool" in line for line in told), "the company's case, rolled up"
    page.card.timeline.company.setChecked(False)
    story.settle()
    assert not any("Counter does not cool" in line for line in words(page))
    page.card.timeline._choose("note")
    story.settle()
    assert [one.kind for one in page.card.timeline._entries] == ["note"]
    page.card.timeline._choose("")
    page.card.timeline.search.setText("sizes")
    page.card.timeline.reload()
    story.settle()
    assert len(page.card.timeline._entries) == 1


def test_the_next_step_stands_on_the_card_and_is_ticked_off(story) -> None:
    page = story.open("contacts", record_id=story.find("Marina Queirós"))
    assert page.card.next_step.line.text.text() == "Call back, tomorrow"
    page.card.next_step.done.click()
    story.settle()
    assert page.card.next_step.plan.isVisible(), "with nothing left the card offers to plan the next step"


def test_the_tabs_count_what_belongs_to_a_company(story) -> None:
    page = story.open("companies", record_id=story.find("Panificadora Trigo Lilás", "company"))
    badges = {tab.text: tab.badge for tab in page.card.tabs._tabs}
    assert badges["People"] == "1" and badges["Deals"] == "1" and badges["Cases"] == "1"


def test_a_deal_of_the_timeline_opens(story) -> None:
    page = story.open("contacts", record_id=story.find("Marina Queirós"))
    opened: list[tuple[str, int]] = []
    page.card.timeline.list.link_activated.connect(lambda entity, record_id: opened.append((entity, record_id)))
    entry = next(one for one in page.card.timeline._entries if one.kind == "deal")
    page.card.timeline.list._open(entry)
    assert opened == [("deal", story.find("Cold room", "deal"))]


@pytest.mark.parametrize("name", ["contacts", "companies", "leads", "products"])
def test_every_control_has_a_name(story, name: str) -> None:
    page = story.open(name)
    for tab in page.card.views:
        page.card.show_tab(tab)
        story.settle()
        assert nameless(page) == []
    page.model.check_all()
    story.settle()
    assert nameless(page) == []


def test_every_control_of_the_form_has_a_name(story) -> None:
    story.open()
    story.window.create_new()
    story.settle()
    form = story.window.findChildren(RecordDialog)[-1]
    for fold, _names in form.form._folds:
        fold.open()
    assert nameless(form) == []
    form.close()


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "pt_BR"])
def test_pages_are_drawn_in_every_dress_and_size(story, qapp: QApplication, mode: str, language: str) -> None:
    page = story.open("contacts", record_id=story.find("Marina Queirós"))
    apply_theme(qapp, mode)
    switch_language(qapp, language)
    for size in ((1440, 900), (1024, 700)):
        story.window.resize(*size)
        story.settle()
        assert story.window.width() == size[0] and story.window.height() == size[1]
        assert not story.window.grab().isNull()
    page.model.check_all()
    story.settle()
    assert not story.window.grab().isNull()
    apply_theme(qapp, "light")
    switch_language(qapp, "en")
