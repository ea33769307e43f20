"""The revisions of a file: who brought each and why; opened, saved, compared, and made the newest one again."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import N_, _, pgettext
from crm_desktop.records import files_service
from crm_desktop.records.files_service import FileRow, Revision
from ui.framework import dialogs
from ui.framework.office import Office
from ui.records.file_words import file_icon
from ui.records.files_compare import CompareDialog
from ui.records.files_open import open_attachment, save_attachment
from ui.records.files_preview import PreviewPane
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Hairline, Label
from ui.widgets.states import StateStack
from ui.widgets.themed import margins
from ui.widgets.two_line import Line, TwoLineList


class RevisionsDialog(QDialog):
    """The list of revisions, the newest first, with the preview of the chosen one."""

    def __init__(self, office: Office, row: FileRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office, self._row = office, row
        self._revisions: dict[int, Revision] = {}
        self.setWindowTitle(_("Revisions of {name}").format(name=row.name))
        self.list = TwoLineList(_("Revisions"), edge=True)
        self.list.delegate.padding = 16
        self.list.current_changed.connect(self._on_current)
        self.list.opened.connect(lambda number: open_attachment(self, office, row.id, number))
        self.state = StateStack(self.list)
        self.state.retry.connect(self.reload)
        self.preview = PreviewPane(office)
        self.preview.clear()
        self.open_button = Button(pgettext("action", "Open"), icon="ph.arrow-square-out")
        self.open_button.clicked.connect(lambda: self._with_current(self._open))
        self.save_button = Button(_("Save as…"), icon="ph.download-simple")
        self.save_button.clicked.connect(lambda: self._with_current(self._save))
        self.compare_button = Button(_("Compare with the newest"), icon="ph.columns")
        self.compare_button.clicked.connect(lambda: self._with_current(self.compare))
        self.restore_button = Button(_("Make it the newest"), icon="ph.clock-counter-clockwise", kind="primary")
        self.restore_button.clicked.connect(lambda: self._with_current(self.restore))
        self._lay_out()
        office.records_changed.connect(self._on_records_changed)
        self.reload()

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.state)
        split.addWidget(self.preview)
        self.state.setMinimumWidth(px(260))
        split.setStretchFactor(1, 1)
        self._split = split
        split.setChildrenCollapsible(False)
        foot = QWidget()
        line = QHBoxLayout(foot)
        line.addWidget(self.open_button)
        line.addWidget(self.save_button)
        line.addWidget(self.compare_button)
        line.addStretch(1)
        line.addWidget(self.restore_button)
        margins(foot, 16, 12, 16, 12, 8)
        head = Label(self._row.name, "section")
        head.setContentsMargins(px(16), px(12), px(16), px(12))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(Hairline())
        box.addWidget(split, 1)
        box.addWidget(Hairline())
        box.addWidget(foot)
        dialogs.resize_within(self, 920, 560)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._split.setSizes([px(380), self.width() - px(380)])

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if event.touches_record("attachment", self._row.id):
            self.reload()

    def reload(self) -> None:
        """Read the revisions again."""
        self.state.show_loading()
        row = self._row
        self._office.read(
            self, lambda connection: files_service.revisions_of(connection, row.id), self._show, self.state.show_error,
            supersede="revisions",
        )  # fmt: skip

    def _show(self, revisions: list[Revision]) -> None:
        self._revisions = {one.revision: one for one in revisions}
        self.list.set_lines([self._line(one) for one in revisions])
        self.state.show_content()
        if self.list.current_key() is None and revisions:
            self.list.set_current_key(revisions[0].revision)
        self.list.setFocus()
        self._on_current(self.list.current_key())

    def _line(self, one: Revision) -> Line:
        parts = [formats.format_relative(one.at, with_time=True), one.by, formats.format_size(one.size)]
        title = _("Revision {n}").format(n=one.revision) + (f" · “{one.comment}”" if one.comment else "")
        badge = (_("newest"), "accent", "") if one.newest else None
        return Line(one.revision, title, " · ".join(part for part in parts if part),
                    icon=file_icon(self._row.media_type), badge=badge)  # fmt: skip

    def current(self) -> Revision | None:
        """The chosen revision."""
        return self._revisions.get(self.list.current_key())

    def _on_current(self, _key: object) -> None:
        one = self.current()
        older = one is not None and not one.newest
        for button in (self.compare_button, self.restore_button):
            button.setEnabled(older)
        if one is not None:
            self.preview.show_file(self._row, one)

    def _with_current(self, work) -> None:  # type: ignore[no-untyped-def]
        one = self.current()
        if one is not None:
            work(one)

    def _open(self, one: Revision) -> None:
        open_attachment(self, self._office, self._row.id, one.revision)

    def _save(self, one: Revision) -> None:
        save_attachment(self, self._office, self._row, one.revision)

    def compare(self, one: Revision) -> None:
        """Show a revision beside the newest one."""
        newest = next((other for other in self._revisions.values() if other.newest), None)
        if newest is not None:
            dialogs.run_dialog(CompareDialog(self._office, self._row, one, newest, self))

    def restore(self, one: Revision) -> None:
        """Make an older revision the newest one, as a new revision; undo takes it back."""
        row, comment = self._row, _("Revision {n} again").format(n=one.revision)
        self._office.write(
            self, N_("Restore revision {n} of {name}"),
            lambda uow: files_service.restore_revision(uow, row.id, one.revision, comment=comment),
            lambda number: self.list.set_current_key(number), params={"n": one.revision, "name": row.name},
        )  # fmt: skip

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return  # opens the revision; it does not close the dialog
        super().keyPressEvent(event)
