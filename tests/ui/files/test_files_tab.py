"""Files on a card: dropped, seen, replaced, renamed, edited, found."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from reportlab.pdfgen.canvas import Canvas

from crm_desktop.records import files_service
from tests.ui.files.conftest import Desk, drop_on, mime_of
from ui.framework import dialogs
from ui.records.files_compare import CompareDialog
from ui.records.files_edit import WorkingCopies, working_copies
from ui.records.files_revisions import RevisionsDialog


def made(folder: Path, name: str, content: bytes | str = "text") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def texts(desk: Desk, record_id: int | None = None) -> list[tuple[str, str]]:
    return [(line.title, line.subtitle) for line in desk.files(record_id).list.lines()]


def test_files_dropped_on_the_card_are_shown_in_the_tab(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    assert drop_on(page.card, mime_of(made(tmp_path, "offer.txt", "Olá ção"), made(tmp_path, "plan.bin")))
    desk.settle()
    assert page.card.tabs.current_key() == "files"
    assert {line.title for line in page.card.files.list.lines()} == {"offer.txt", "plan.bin"}
    assert [row.name for row in desk.rows()] and all(row.changed_by == "Helena Prates" for row in desk.rows())


def test_a_drop_on_a_row_attaches_to_that_row(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    row = page.model.row_of(desk.otto)
    y = page.table.rowViewportPosition(row) + 8
    assert drop_on(page.table.viewport(), mime_of(made(tmp_path, "offer.txt")), (60, y))
    desk.settle()
    assert [one.name for one in desk.rows(desk.otto)] == ["offer.txt"]
    assert not desk.rows(desk.lucia)


def test_a_drop_beside_the_rows_asks_for_a_record(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    dialogs.answers.give("ok")
    drop_on(page.table.viewport(), mime_of(made(tmp_path, "offer.txt")), (60, page.table.viewport().height() - 5))
    desk.settle()
    assert dialogs.answers.asked[-1].title == "To which record?"


def test_folders_are_refused_and_programs_asked_about(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    (tmp_path / "plans").mkdir()
    dialogs.answers.give("ok", "no")
    drop_on(page.card, mime_of(tmp_path / "plans", made(tmp_path, "setup.exe"), made(tmp_path, "a.zip")))
    desk.settle()
    assert [one.title for one in dialogs.answers.asked[-2:]] == ["Folders cannot be attached", "Attach a program?"]
    assert [row.name for row in desk.rows()] == ["a.zip"]


def test_the_same_name_is_a_new_revision_and_the_note_is_kept(desk: Desk, tmp_path: Path) -> None:
    files = desk.files()
    files.attach([made(tmp_path, "offer.txt", "one")])
    desk.settle()
    assert not files.note.isVisible()
    files.attach([made(tmp_path, "offer.txt", "two")])
    desk.settle()
    assert files.note.isVisible()
    assert files.note.words.text() == "offer.txt is revision 2 now"
    QTest.keyClicks(files.note.line, "New price")
    QTest.keyClick(files.note.line, Qt.Key.Key_Return)
    desk.settle()
    assert not files.note.isVisible()
    assert "revision 2 · “New price”" in texts(desk)[0][1]


def test_revisions_are_compared_and_restored(desk: Desk, tmp_path: Path) -> None:
    files = desk.files()
    for content in ("one\nsame\n", "two\nsame\nthree\n"):
        files.attach([made(tmp_path, "offer.txt", content)])
        desk.settle()
    row = desk.rows()[0]

    def look(dialog: CompareDialog) -> bool:
        desk.settle()
        old, new = dialog.texts
        assert old.toPlainText() == "one\nsame\n"
        assert new.toPlainText() == "two\nsame\nthree"
        assert [len(view.extraSelections()) for view in (old, new)] == [2, 2]
        assert dialog.summary.text() == "2 lines differ"
        return True

    def work(dialog: RevisionsDialog) -> bool:
        desk.settle()
        assert [line.title for line in dialog.list.lines()] == ["Revision 2", "Revision 1"]
        assert not dialog.restore_button.isEnabled()
        dialog.list.set_current_key(1)
        desk.settle()
        assert dialog.preview.text.toPlainText() == "one\nsame\n"
        dialogs.answers.give(look)
        dialog.compare_button.click()
        dialog.restore_button.click()
        desk.settle()
        assert next(line.title for line in dialog.list.lines()) == "Revision 3 · “Revision 1 again”"
        return True

    dialogs.answers.give(work)
    files.actions_of.revisions(row)
    assert desk.content(row.id) == b"one\nsame\n"


def test_a_file_is_renamed_and_a_name_in_use_is_refused(desk: Desk, tmp_path: Path) -> None:
    files = desk.files()
    files.attach([made(tmp_path, "a.txt"), made(tmp_path, "b.txt")])
    desk.settle()
    first = next(row for row in desk.rows() if row.name == "a.txt")
    files.list.set_current_key(first.id)
    dialogs.answers.give("offer.txt")
    QTest.keyClick(files.list, Qt.Key.Key_F2)
    desk.settle()
    assert {row.name for row in desk.rows()} == {"offer.txt", "b.txt"}
    dialogs.answers.give("b.txt", None)
    files.rename(first.id)
    desk.settle()
    assert "already" in dialogs.answers.asked[-1].text


def test_delete_and_undo(desk: Desk, tmp_path: Path) -> None:
    files = desk.files()
    files.attach([made(tmp_path, "a.txt")])
    desk.settle()
    QTest.keyClick(files.list, Qt.Key.Key_Delete)
    desk.settle()
    assert not desk.rows()
    desk.window.undo()
    desk.settle()
    assert [row.name for row in desk.rows()] == ["a.txt"]


def picture(width: int, height: int, orientation: int = 1) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (width, height), (200, 30, 30))
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def pdf(pages: int) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    for number in range(pages):
        canvas.drawString(100, 700, f"page {number}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_previews_of_all_kinds(desk: Desk, tmp_path: Path) -> None:
    files = desk.files()
    files.attach([
        made(tmp_path, "foto.jpg", picture(80, 40, 6)), made(tmp_path, "plan.pdf", pdf(3)),
        made(tmp_path, "notas.txt", "preço e ção".encode("cp1252")), made(tmp_path, "data.bin", b"\x00\x01"),
        made(tmp_path, "broken.png", b"no picture"), made(tmp_path, "broken.pdf", b"%PDF-1.4 nothing"),
        made(tmp_path, "mail.eml", b"From: a@b.example\r\nSubject: Hi\r\n\r\nBody here\r\n"),
    ])  # fmt: skip
    desk.settle()
    assert files.preview.isVisible()
    ids = {row.name: row.id for row in desk.rows()}

    def choose(name: str) -> None:
        files.list.set_current_key(ids[name])
        desk.settle()

    choose("foto.jpg")
    assert (files.preview.image.image.width(), files.preview.image.image.height()) == (40, 80)  # turned as it was held
    assert files.preview.stack.currentWidget() is files.preview.image
    choose("plan.pdf")
    assert files.preview.pages.page_count() == 3
    QTest.keyClick(files.preview.pages, Qt.Key.Key_PageDown)
    assert files.preview.pages.current_page() == 1
    choose("notas.txt")
    assert files.preview.text.toPlainText() == "preço e ção"
    choose("mail.eml")
    assert "From: a@b.example" in files.preview.text.toPlainText()
    assert files.preview.text.toPlainText().endswith("Body here")
    for name, words in (("data.bin", "no preview"), ("broken.png", "broken"), ("broken.pdf", "broken")):
        choose(name)
        assert files.preview.stack.currentWidget() is files.preview.other
        assert words in files.preview.note.text()
    assert "SHA-256" in files.preview.facts.text()


def test_space_shows_a_large_preview_and_the_arrows_go_on(desk: Desk, tmp_path: Path) -> None:
    files = desk.files()
    files.attach([made(tmp_path, "a.txt", "first"), made(tmp_path, "b.txt", "second")])
    desk.settle()
    files.list.set_current_key(files.list.lines()[0].key)
    QTest.keyClick(files.list, Qt.Key.Key_Space)
    desk.settle()
    window = files._window
    assert window is not None and window.isVisible()
    before = window.windowTitle()
    QTest.keyClick(window, Qt.Key.Key_Down)
    desk.settle()
    assert {before, window.windowTitle()} == {"a.txt", "b.txt"}
    assert window.pane.text.toPlainText() == ("second" if window.windowTitle() == "b.txt" else "first")
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert not window.isVisible()


def test_many_files_get_a_line_to_find_one(desk: Desk, tmp_path: Path) -> None:
    files = desk.files()
    files.attach([made(tmp_path, f"offer {n}.txt", str(n)) for n in range(8)])
    desk.settle()
    assert not files.filter.isVisible()
    files.attach([made(tmp_path, "Orçamento.txt")])
    desk.settle()
    assert files.filter.isVisible()
    QTest.keyClicks(files.filter, "orcam")
    desk.settle()
    QTest.qWait(150)
    assert [line.title for line in files.list.lines()] == ["Orçamento.txt"]


def test_a_copy_is_edited_watched_and_checked_in(desk: Desk, tmp_path: Path, opened: list[Path]) -> None:
    files = desk.files()
    files.attach([made(tmp_path, "offer.txt", "one")])
    desk.settle()
    row = desk.rows()[0]
    working_copies(desk.office).open(files, row)
    desk.settle()
    assert opened[0].read_text() == "one"
    assert texts(desk)[0][1].startswith("Being edited by you since")
    opened[0].with_name("swap.tmp").write_text("two")  # as many programs save: another file takes its place
    opened[0].with_name("swap.tmp").replace(opened[0])
    for _try in range(40):
        QTest.qWait(100)
        desk.settle()
        if files.note.isVisible():
            break
    assert files.note.words.text() == "You changed offer.txt. Bring it back as a new revision?"
    QTest.keyClicks(files.note.line, "New price")
    files.note.yes.click()
    desk.settle()
    row = desk.rows()[0]
    assert (row.revision, row.comment, row.editing_since) == (2, "New price", None)
    assert desk.content(row.id) == b"two"


def test_another_ones_mark_is_seen_and_asked_about(desk: Desk, tmp_path: Path, opened: list[Path]) -> None:
    files = desk.files()
    files.attach([made(tmp_path, "offer.txt", "one")])
    desk.settle()
    row = desk.rows()[0]
    desk.as_caio(lambda uow: files_service.check_out(uow, row.id))
    assert texts(desk)[0][1].startswith("Being edited by Caio Bittar since")
    dialogs.answers.give("both")
    files.attach([made(tmp_path, "offer.txt", "mine")])
    desk.settle()
    assert dialogs.answers.asked[-1].title.startswith("Being edited by Caio Bittar")
    assert {one.name: one.revision for one in desk.rows()} == {"offer.txt": 1, "offer (2).txt": 1}
    row = next(one for one in desk.rows() if one.name == "offer.txt")
    dialogs.answers.give("no")
    working_copies(desk.office).open(files, row)
    desk.settle()
    assert opened == []
    dialogs.answers.give("yes")
    working_copies(desk.office).open(files, row)
    desk.settle()
    assert next(one for one in desk.rows() if one.name == "offer.txt").editor == "Helena Prates"


def test_a_revision_that_came_between_is_told(desk: Desk, tmp_path: Path, opened: list[Path]) -> None:
    files = desk.files()
    files.attach([made(tmp_path, "offer.txt", "one")])
    desk.settle()
    row = desk.rows()[0]
    copies = working_copies(desk.office)
    copies.open(files, row)
    desk.settle()
    desk.as_caio(lambda uow: files_service.attach_bytes(uow, "contact", desk.lucia, "offer.txt", b"caio"))
    opened[0].write_text("helena")
    dialogs.answers.give("yes")
    copies.bring_back(files, row.id)
    desk.settle()
    assert "Caio Bittar brought revision 2" in dialogs.answers.asked[-1].text
    assert desk.content(row.id) == b"helena"
    assert desk.content(row.id, 2) == b"caio"


def test_ending_the_editing_asks_before_changes_go(desk: Desk, tmp_path: Path, opened: list[Path]) -> None:
    files = desk.files()
    files.attach([made(tmp_path, "offer.txt", "one")])
    desk.settle()
    copies = working_copies(desk.office)
    copies.open(files, desk.rows()[0])
    desk.settle()
    opened[0].write_text("changed")
    for _try in range(40):
        QTest.qWait(100)
        desk.settle()
        if files.note.isVisible():
            break
    dialogs.answers.give("no")
    copies.give_up(files, desk.rows()[0])
    desk.settle()
    assert desk.rows()[0].editing_since is not None
    dialogs.answers.give("yes")
    copies.give_up(files, desk.rows()[0])
    desk.settle()
    assert desk.rows()[0].editing_since is None
    assert not opened[0].exists()


def test_save_as_tells_when_the_folder_cannot_be_written(desk: Desk, tmp_path: Path) -> None:
    files = desk.files()
    files.attach([made(tmp_path, "offer.txt", "one")])
    desk.settle()
    dialogs.answers.give(tmp_path / "copy.txt")
    files.save_as(desk.rows()[0].id)
    desk.settle()
    assert (tmp_path / "copy.txt").read_text() == "one"
    dialogs.answers.give(tmp_path / "nowhere" / "copy.txt", None)
    files.save_as(desk.rows()[0].id)
    desk.settle()
    assert "cannot be written" in dialogs.answers.asked[-1].text


@pytest.mark.parametrize("size", [(1440, 900), (1024, 700)])
def test_everything_has_an_accessible_name(desk: Desk, tmp_path: Path, size: tuple[int, int]) -> None:
    desk.window.resize(*size)
    files = desk.files()
    files.attach([made(tmp_path, "offer.txt", "one")])
    desk.settle()
    for widget in (files.list, files.preview, files.note.line, files.preview.text, files.preview.pages):
        assert widget.accessibleName()
    assert files.look.accessibleName() and files.add.text()


def test_a_changed_copy_outlives_the_program(desk: Desk, tmp_path: Path, opened: list[Path]) -> None:
    files = desk.files()
    files.attach([made(tmp_path, "offer.txt", "one"), made(tmp_path, "still.txt", "same")])
    desk.settle()
    rows = {row.name: row for row in desk.rows()}
    for row in rows.values():
        working_copies(desk.office).open(files, row)
        desk.settle()
    paths = {path.name: path for path in opened}
    paths["offer.txt"].write_text("edited")
    desk.as_caio(lambda uow: files_service.undo_check_out(uow, rows["still.txt"].id))
    again = WorkingCopies(desk.office)  # as the next start of the program finds them
    for _try in range(20):
        QTest.qWait(50)
        desk.settle()
    assert again.is_changed(rows["offer.txt"].id)
    assert again.copy_of(rows["still.txt"].id) is None  # nobody edits it any more, and nothing in it changed
    assert not paths["still.txt"].exists()
    again.bring_back(files, rows["offer.txt"].id, "After lunch")
    desk.settle()
    assert desk.content(rows["offer.txt"].id) == b"edited"
