"""Files that cannot be read, and what else goes wrong: a sentence in place, and the program goes on."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSplitterHandle, QWidget

from ui.framework import dialogs, settings
from ui.framework.retranslate import switch_language
from ui.importing import draft as drafts

MakeFile = Callable[[str, str], Path]


def _truncated(folder: Path) -> Path:
    whole = folder / "whole.xlsx"
    with xlsxwriter.Workbook(str(whole)) as book:
        sheet = book.add_worksheet()
        for row in range(200):
            sheet.write_row(row, 0, ["Ana", "ana@prado.example", row])
    path = folder / "cut.xlsx"
    path.write_bytes(whole.read_bytes()[:2000])
    return path


def _other_zip(folder: Path) -> Path:
    path = folder / "pictures.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", b"\x89PNG\r\n")
    return path


def _empty(folder: Path) -> Path:
    path = folder / "empty.csv"
    path.write_bytes(b"")
    return path


def _picture(folder: Path) -> Path:
    path = folder / "photo.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    return path


def _folder(folder: Path) -> Path:
    path = folder / "things.csv"
    path.mkdir()
    return path


def _gone(folder: Path) -> Path:
    return folder / "gone.csv"


@pytest.mark.parametrize("make", [_truncated, _other_zip, _empty, _picture, _folder, _gone])
def test_a_bad_file_is_told_in_place(desk, tmp_path: Path, make: Callable[[Path], Path], people: Path) -> None:  # type: ignore[no-untyped-def]
    """One sentence under the drop zone, no dialog; the next file opens."""
    path = make(tmp_path)
    desk.open(path)
    step = desk.page.file
    assert desk.page.current is step
    assert step.problem.isVisible()
    assert len(step.problem.text) > 20
    assert step.problem.banner.strong.text() == path.name
    assert desk.page.session.draft is None
    desk.open(people)
    assert not step.problem.isVisible()
    assert desk.page.header.count.text().startswith("Text table")


def test_a_wrong_choice_of_reading_is_told_and_taken_back(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """Another separator makes one column; the right one brings the table back."""
    desk.open(people)
    reading = desk.page.file.reading
    reading.delimiter.editor.set_value("|")
    reading.delimiter.editor.edited.emit()
    desk.settle()
    assert len(desk.page.session.draft.columns()) == 1
    reading.delimiter.editor.set_value(";")
    reading.delimiter.editor.edited.emit()
    desk.settle()
    assert len(desk.page.session.draft.columns()) == 7


def test_the_row_of_names_can_be_chosen(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    """With a row of names too low, its row is data no more; without any, columns have no names."""
    desk.open(text_file("t.csv", "Name,E-mail\nAna Prado,ana@prado.example\nRui Serra,rui@serra.example\n"))
    editor = desk.page.file.reading.header.editor
    assert editor.value() == 0
    editor.set_value(-2)
    editor.edited.emit()
    desk.settle()
    assert desk.page.file.preview.model().rowCount() == 3
    editor.set_value(0)
    editor.edited.emit()
    desk.settle()
    assert desk.page.file.preview.model().rowCount() == 2
    assert [one.header for one in desk.page.session.draft.columns()] == ["Name", "E-mail"]


def test_a_decision_survives_another_encoding(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """What was decided about a column belongs to its name."""
    desk.open(people)
    desk.page.session.set_target(4, None)
    desk.settle()
    reading = desk.page.file.reading
    reading.encoding.editor.set_value("cp1252")
    reading.encoding.editor.edited.emit()
    desk.settle()
    assert desk.page.session.draft.plan.source.encoding == "cp1252"
    assert desk.page.session.draft.planned(4).target is None
    assert desk.page.session.draft.state(4) == drafts.OUT


def test_stopping_the_rehearsal_and_the_import_leaves_nothing(desk, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Stop, then go on; stop the writing: no record is there."""
    path = tmp_path / "many.csv"
    lines = [f"Person {n} Prado,p{n}@prado.example" for n in range(25_000)]
    path.write_text("Name,E-mail\n" + "\n".join(lines), encoding="utf-8")
    desk.open(path)
    desk.go_to("keys")
    QTimer.singleShot(150, lambda: desk.page.rehearsal.run.stop.click())
    desk.go_on()
    step = desk.page.rehearsal
    assert step.stack.currentWidget() is step.stopped
    assert desk.count("contact") == 0
    step.stopped.button.click()
    desk.settle()
    assert step.result.created == 25_000
    QTimer.singleShot(150, lambda: desk.page.write.view.stop.click())
    desk.go_on()
    assert desk.page.current is step
    assert desk.count("contact") == 0
    assert desk.page.footer.go_on.text() == "Write 25,000 rows"


def test_a_source_that_disappears_is_told(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """The file is deleted before the rehearsal: a sentence, and the way back works."""
    desk.open(people)
    desk.go_to("values")
    people.unlink()
    desk.go_on()
    step = desk.page.rehearsal
    assert step.stack.currentWidget() is step.error
    assert len(step.error.text.text()) > 20
    desk.page.footer.back.click()
    desk.settle()
    assert desk.page.current.key == "values"


def test_the_words_change_with_the_language(desk, people: Path, qapp) -> None:  # type: ignore[no-untyped-def]
    """A switch of language in the middle of an import writes every step again and loses nothing."""
    desk.open(people)
    desk.page.session.set_target(4, None)
    desk.go_to("rehearsal")
    try:
        switch_language(qapp, "pt_BR")
        desk.settle()
        assert desk.page.session.draft.planned(4).target is None
        assert desk.page.rehearsal.result.created == 4
    finally:
        switch_language(qapp, settings.LANGUAGE.get() or "en")
        dialogs.answers.reset(strict=True)


def _nameless(root: QWidget) -> list[str]:
    """The controls that a screen reader could not name."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.focusPolicy() == Qt.FocusPolicy.NoFocus or widget.focusProxy() is not None:
            continue
        if isinstance(widget, QSplitterHandle) or widget.objectName().startswith("qt_"):
            continue
        text = getattr(widget, "text", None)
        if not widget.accessibleName() and not (callable(text) and text()):
            found.append(f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}")
    return found


def test_every_control_of_every_step_has_a_name(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """Nothing that takes the focus is nameless, and the main buttons lie inside the window."""
    assert _nameless(desk.page) == []
    desk.open(people)
    seen = []
    for _times in range(8):
        seen.append(desk.page.current.key)
        assert _nameless(desk.page) == [], desk.page.current.key
        button = desk.page.footer.go_on
        assert button.mapTo(desk.window, button.rect().bottomRight()).x() <= desk.window.width()
        if desk.page.current.key == "result":
            break
        desk.go_on()
    assert seen == ["file", "types", "columns", "keys", "values", "rehearsal", "result"]


def test_the_whole_way_by_keyboard(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """Ctrl+O, Ctrl+Enter to the end, Alt+Left back."""
    desk.window.activateWindow()
    desk.page.setFocus()
    dialogs.answers.give(str(people))
    QTest.keyClick(desk.page, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    keys = [desk.page.current.key]
    for _times in range(6):
        QTest.keyClick(desk.page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        desk.settle()
        keys.append(desk.page.current.key)
        if keys[-1] == "keys" and keys.count("keys") == 1:
            QTest.keyClick(desk.page, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
            desk.settle()
            assert desk.page.current.key == "columns"
            QTest.keyClick(desk.page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
            desk.settle()
    assert keys == ["file", "types", "columns", "keys", "values", "rehearsal", "result"]
    assert desk.count("contact") == 4


def test_a_change_after_the_rehearsal_is_rehearsed_anew(desk, people: Path) -> None:  # type: ignore[no-untyped-def]
    """Nothing is ever written that was not rehearsed as it is."""
    desk.open(people)
    desk.go_to("rehearsal")
    assert desk.page.rehearsal.result.created == 4
    desk.page.bar.step_chosen.emit(2)
    desk.settle()
    assert desk.page.current.key == "columns"
    desk.page.session.set_target(4, None)
    desk.settle()
    desk.go_to("rehearsal")
    rows = desk.page.rehearsal.table.model_rows.rows()
    assert "city" not in rows[0].diffs
    desk.go_to("result")
    desk.page.bar.step_chosen.emit(2)
    assert desk.page.current.key == "result"
    assert desk.records("contact", "city") == [(None,)] * 4
