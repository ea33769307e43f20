"""Labels and cards of a list: chosen, counted, laid out, and opened to be looked at."""

from __future__ import annotations

import pypdfium2
from PySide6.QtCore import QRect, QSizeF, Qt
from PySide6.QtTest import QTest

from crm_desktop.records import service
from ui.framework import dialogs
from ui.records.label_dialog import LabelDialog
from ui.records.print_window import PrintWindow
from ui.widgets.pdf_pages import target


def opened(desk) -> pypdfium2.PdfDocument:
    """The pages that were opened to be printed."""
    [window] = desk.window.findChildren(PrintWindow)
    document = pypdfium2.PdfDocument(window.path)
    window.close()
    return document


def words(document: pypdfium2.PdfDocument, page: int) -> str:
    return str(document[page].get_textpage().get_text_bounded())


def test_labels_of_the_list_are_asked_for_by_keyboard_and_opened(desk) -> None:
    page = desk.open()
    page.table.setFocus()
    seen = {}

    def work(dialog: LabelDialog) -> bool:
        dialog.show()
        desk.settle()
        seen["summary"], seen["note"] = dialog.summary.text(), dialog.note.text()
        dialog.sheet.set_value("L7163")
        dialog.sheet.edited.emit()
        dialog.picture.setFocus()
        QTest.keyClick(dialog.picture, Qt.Key.Key_Down)
        assert dialog.start.value() == 3 and dialog.picture.accessibleName() == "First label: 3 of 14"
        dialog.template.setPlainText("{name|somebody}\n{address}")
        dialog.by_postcode.setChecked(True)
        QTest.qWait(250)
        desk.settle()
        assert dialog.sample.text() == "Ícaro Bandeira\nCuritiba"
        return True

    dialogs.answers.give(work)
    QTest.keyClick(page.table, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    desk.settle()
    assert seen == {"summary": "4 labels on 1 sheet", "note": "1 record without an address is left out."}
    text = words(opened(desk), 0)
    assert "Otávio Lins" in text and "Zélia" not in text


def test_a_token_that_there_is_not_and_measures_that_do_not_fit_are_told_at_once(desk) -> None:
    page = desk.open()
    dialog = LabelDialog(page, desk.office, "contact", list(page.model.ids))
    dialog.show()
    desk.settle()
    assert dialog.preview.isEnabled()
    dialog.template.setPlainText("{nobody}")
    QTest.qWait(250)
    desk.settle()
    assert "{nobody}" in dialog.note.text() and not dialog.preview.isEnabled()
    dialog.template.setPlainText("{name}")
    QTest.qWait(250)
    desk.settle()
    assert dialog.summary.text() == "5 labels on 1 sheet"
    dialog.sheet.set_value("own")
    dialog.sheet.edited.emit()
    dialog._spins["left"].setValue(40)
    assert "over the side of the paper" in dialog.note.text() and not dialog.preview.isEnabled()
    dialog.close()


def test_cards_of_the_checked_records(desk) -> None:
    page = desk.open()
    page.model.checked = {desk.find("Marina Queirós"), desk.find("Otávio Lins")}
    page.print_cards()
    desk.settle()
    document = opened(desk)
    assert len(document) == 2 and "Marina Queirós" in words(document, 0) and "Otávio Lins" in words(document, 1)
    page.print_compact_cards()
    desk.settle()
    document = opened(desk)
    text = words(document, 0)
    assert len(document) == 1 and "Marina Queirós" in text and "Ponta Grossa" in text


def test_the_checked_records_offer_list_cards_and_labels(desk) -> None:
    page = desk.open("companies")
    assert [action.text() for action in page.print_menu().actions()] == [
        "Print the list", "Print cards, one on a page…", "Print cards, several on a page…", "Print labels…",
    ]  # fmt: skip
    assert service is not None


def test_a_page_is_printed_in_its_own_size() -> None:
    a4 = QSizeF(210 / 25.4 * 96, 297 / 25.4 * 96)
    paper = QRect(0, 0, 2480, 3508)
    same = target(a4, paper, 300)
    assert (round(same.width()), round(same.height())) == (2480, 3508)
    smaller = target(a4, QRect(0, 0, 1240, 1754), 300)
    assert round(smaller.width()) == 1240 and abs(smaller.height() / smaller.width() - 297 / 210) < 0.001
