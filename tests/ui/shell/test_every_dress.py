"""Every page and every dialog in both modes, at both text sizes and in two languages; nothing is cut off or nameless."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QWidget

from crm_desktop.contacts import relations_service as relations
from crm_desktop.core.filters import any_of, where
from crm_desktop.core.i18n import set_language
from crm_desktop.db.server_address import ServerAddress
from crm_desktop.records import files_service, merging, queries, service, unmerging
from crm_desktop.upgrading import Upgrade
from tests.helpers.thorough import THOROUGH
from tests.helpers.windows import settle
from ui.contacts.consent_dialog import ConsentDialog
from ui.contacts.relation_dialogs import PlaceDialog, TieDialog
from ui.dedupe.apart_dialog import ApartDialog
from ui.framework.retranslate import switch_language
from ui.insight.erase_dialog import EraseDialog
from ui.main_window import MainWindow
from ui.records.files_compare import CompareDialog
from ui.records.files_revisions import RevisionsDialog
from ui.records.filter_dialog import FilterDialog
from ui.records.label_dialog import LabelDialog
from ui.records.merge_commands import OtherRecordDialog
from ui.records.merge_dialog import MergeDialog
from ui.records.unmerge_dialog import UnmergeDialog
from ui.records.views import ViewDialog
from ui.shell.server.going_back import GoingBack
from ui.theme.theme import apply_theme, px

DRESSES = [("light", 1.0, "en"), ("dark", 2.0, "pt_BR")]
"""The plainest, and the one with the longest words in the largest letters."""
if THOROUGH:  # every pair of a mode, a text size and a language
    DRESSES = [("light", 1.0, "en"), ("dark", 2.0, "en"), ("light", 2.0, "pt_BR"), ("dark", 1.0, "pt_BR")]
_UPGRADE = Upgrade("server/crm", "copy.crmbackup", "0008", "0009", datetime(2026, 11, 22, 9, 0, tzinfo=UTC), "1.0")
QT_PARTS = QComboBox | QAbstractSpinBox | QLineEdit
"""What Qt makes inside these has no name of its own."""
CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox)


@pytest.fixture(params=DRESSES, ids=lambda dress: "-".join(str(part) for part in dress))
def dressed(request: pytest.FixtureRequest, qapp: QApplication, window: MainWindow) -> Iterator[MainWindow]:
    """The window in one of the dresses."""
    mode, scale, language = request.param
    apply_theme(qapp, mode, scale)
    switch_language(qapp, language)
    window.resize(2048, 1400) if scale > 1 else window.resize(1280, 800)
    window.setProperty("dress", f"{mode}-{scale:.0f}x-{language}")
    settle()
    yield window
    apply_theme(qapp, "light", 1.0)
    set_language("en")
    switch_language(qapp, "en")


def faults(root: QWidget) -> list[str]:
    """Controls without a name, and buttons that have less room than their words need."""
    found = []
    for kind in CONTROLS:
        for one in root.findChildren(kind):
            if not one.isVisibleTo(root) or isinstance(one.parent(), QT_PARTS):
                continue
            text = one.text() if isinstance(one, QAbstractButton) else ""
            if not (one.accessibleName() or text):
                found.append(f"nameless: {type(one).__name__} in {type(one.parentWidget()).__name__}")
            fixed = one.minimumHeight() == one.maximumHeight()  # meant to be smaller than others of its kind
            if not fixed and one.height() + 1 < min(one.minimumSizeHint().height(), one.sizeHint().height()):
                found.append(f"too low: {type(one).__name__} {text} {one.height()} of {one.sizeHint().height()}")
            if text and one.width() + 1 < one.minimumSizeHint().width():
                found.append(
                    f"too narrow: {type(one).__name__} {text} {one.width()} of {one.minimumSizeHint().width()}"
                )
    return found


def draw(widget: QWidget, name: str, dress: str) -> None:
    """Draw it; the picture is kept when CRM_PICTURES is set."""
    picture = widget.grab()
    folder = os.environ.get("CRM_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        picture.save(str(Path(folder) / f"{name}-{dress}.png"))
    image = picture.toImage()
    colours = {image.pixel(x, y) for x in range(0, image.width(), 9) for y in range(0, image.height(), 9)}
    assert len(colours) > 3, name


def test_every_page(dressed: MainWindow) -> None:
    wrong = []
    for spec in dressed.palette_pages():
        dressed.open_page(spec.name)
        settle()
        page = dressed.current_page
        assert page is not None
        draw(dressed, spec.name, dressed.property("dress"))
        wrong += [f"{spec.name}: {one}" for one in faults(page)]
    dressed.open_page("settings", tab="fields")
    settle()
    draw(dressed, "settings-fields", dressed.property("dress"))
    assert dressed.current_page is not None
    wrong += [f"settings-fields: {one}" for one in faults(dressed.current_page)]
    assert not wrong, "\n".join(wrong)


def test_every_tab_of_a_card(dressed: MainWindow) -> None:
    wrong = []
    for entity, name in (("contact", "contacts"), ("company", "companies")):
        with dressed.office.database.read() as connection:
            record_id = queries.find_ids(dressed.office.database, connection, entity, limit=1)[0]
        dressed.open_page(name, record_id=record_id)
        settle()
        page: Any = dressed.current_page
        for key in page.card.views:
            page.card.show_tab(key)
            settle()
            draw(dressed, f"{entity}-{key}", dressed.property("dress"))
            wrong += [f"{entity} {key}: {one}" for one in faults(page.card)]
        page.card.log_call()
        settle()
        draw(dressed, f"{entity}-call", dressed.property("dress"))
        wrong += [f"{entity} call: {one}" for one in faults(page.card)]
        page.card.timeline.call_panel.left.emit()
    assert not wrong, "\n".join(wrong)


def test_every_dialog(dressed: MainWindow, tmp_path: Path) -> None:
    wrong = []
    for name, make in dialogs_of(dressed, tmp_path).items():
        dialog = make()
        dialog.show()
        settle()
        draw(dialog, name, dressed.property("dress"))
        wrong += [f"{name}: {one}" for one in faults(dialog)]
        if dialog.width() > dressed.width() + px(8) or dialog.height() > dressed.height() + px(8):
            wrong.append(f"{name}: larger than the window, {dialog.size()}")
        dialog.hide()
        dialog.deleteLater()
    settle()
    assert not wrong, "\n".join(wrong)


def dialogs_of(window: MainWindow, folder: Path) -> dict[str, Callable[[], Any]]:
    """Every dialog of people and companies over records that give it something to show."""
    office, database = window.office, window.office.database
    window.open_page("contacts")
    settle()
    page: Any = window.current_page
    plan, newer = folder / "plan.txt", folder / "new" / "plan.txt"
    newer.parent.mkdir()
    plan.write_text("one\ntwo\n")
    newer.write_text("one\nthree\n")
    with database.read() as connection:
        ids = list(queries.find_ids(database, connection, "contact", limit=4))
    with office.unit_of_work("Around") as uow:
        relations.add_relationship(uow, ("contact", ids[0]), ("contact", ids[3]), "spouse")
        file_id = files_service.attach_file(uow, "contact", ids[0], plan)
        files_service.attach_file(uow, "contact", ids[0], newer)
        merging.merge_records(uow, "contact", ids[1], [ids[2]], {})
    with office.unit_of_work("Edit") as uow:
        service.update_record(uow, "contact", ids[1], {"job_title": "Pilot"})
    with database.read() as connection:
        record = queries.get_record(database, connection, "contact", ids[0])
        merged = queries.get_record(database, connection, "contact", ids[1])
        merge = merging.plan_merge(database, connection, "contact", [ids[0], ids[1], ids[3]])
        apart = unmerging.plan_unmerge(database, connection, merged.merged[0].change_set_id)
        row = files_service.get_file(connection, file_id)
        new, old = files_service.revisions_of(connection, file_id)[:2]
    tree = any_of(where("city", "eq", "Lapa"), where("city", "empty"))
    save: Any = lambda *_parts: None  # noqa: E731 - nothing is saved here
    return {
        "merge": lambda: MergeDialog(page, merge, "3"),
        "unmerge": lambda: UnmergeDialog(page, apart),
        "merge-with": lambda: OtherRecordDialog(office, record, page),
        "place": lambda: PlaceDialog(office, page, record.title, "company", save),
        "tie": lambda: TieDialog(office, page, ("contact", record.id, record.title), save),
        "consent": lambda: ConsentDialog(office, page, record.title, [], save),
        "erase": lambda: EraseDialog(office, record, page),
        "filter": lambda: FilterDialog(page, office, page._fields, tree, {}),
        "view": lambda: ViewDialog(page, "View", "Mine", team=True),
        "labels": lambda: LabelDialog(page, office, "contact", ids[:2]),
        "apart": lambda: ApartDialog(office, "contact", page),
        "revisions": lambda: RevisionsDialog(office, row, page),
        "compare": lambda: CompareDialog(office, row, old, new, page),
        "going-back": lambda: GoingBack(window, ServerAddress("server", 5432, "crm"), _UPGRADE),
        "going-back-protected": lambda: GoingBack(
            window, ServerAddress("server", 5432, "crm"), _UPGRADE, protected=True
        ),
    }
