"""The part of a card's details that says what was merged into the record, what it held, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.fields import Field
from crm_desktop.core.i18n import _
from crm_desktop.records import custom, history
from crm_desktop.records.merge_kept import kept_values
from crm_desktop.records.merge_log import MergedRecord
from crm_desktop.records.queries import Record
from ui.framework import dialogs
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.shown import label_of, text_of
from ui.records.unmerge_dialog import open_unmerge
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.frames import dialog_foot, scrolled
from ui.widgets.labels import Hairline, Label, Plane
from ui.widgets.themed import margins

Kept = list[tuple[str, str]]
"""(label, text) of what a merged record said and the record does not."""


class MergedFrom(QWidget):
    """One block for each merged record; hidden while there is none."""

    def __init__(self, office: Office, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office, self._navigator = office, navigator
        self._record: Record | None = None
        self._box = QVBoxLayout(self)
        margins(self, 24, 8, 24, 16, 8)
        self.hide()

    def set_record(self, record: Record, fields: Sequence[Field]) -> None:
        """Show what was merged into a record."""
        self._record = record
        if not record.merged:
            self.hide()
            return
        office = self._office

        def read(connection: Any) -> list[Kept]:
            kept = [kept_values(office.database, connection, record, one, fields) for one in record.merged]
            return [
                [(label_of(field), " ".join(text_of(field, value).split())) for field, value in one] for one in kept
            ]

        office.read(self, read, lambda found: self._show(record, found), supersede="merged")

    def _show(self, record: Record, found: list[Kept]) -> None:
        if self._record is not record:
            return
        while (item := self._box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._box.addWidget(Label(_("Merged from"), "section"))
        for one, kept in zip(record.merged, found, strict=True):
            self._box.addWidget(self._block(record, one, kept))
        self.show()

    def _block(self, record: Record, one: MergedRecord, kept: Kept) -> QWidget:
        block = QWidget()
        column = QVBoxLayout(block)
        row = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(one.title, "strong", wrap=True))
        words.addWidget(Label(formats.format_datetime(one.at), "secondary", "text-muted"))
        row.addLayout(words, 1)
        told = Button(_("History"), icon="ph.clock-counter-clockwise", kind="ghost", small=True)
        told.setAccessibleName(_("History of {title}").format(title=one.title))
        told.clicked.connect(lambda: show_history(self, self._office, record.entity, one))
        apart = Button(_("Un-merge…"), icon="ph.git-fork", small=True)
        apart.setAccessibleName(_("Un-merge {title}").format(title=one.title))
        apart.clicked.connect(lambda: open_unmerge(self, self._office, self._navigator, one.change_set_id))
        row.addWidget(told)
        row.addWidget(apart)
        column.addLayout(row)
        if kept:
            text = _("It said: {values}").format(values=" · ".join(f"{label}: {value}" for label, value in kept))
            column.addWidget(Label(text, "secondary", "text-muted", wrap=True))
        margins(block, 0, 4, 0, 8, 4)
        return block


class HistoryDialog(QDialog):
    """What happened to a record that is no longer there, newest first."""

    def __init__(self, parent: QWidget, title: str, entries: Sequence[history.ChangeEntry]) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("History of {title}").format(title=title))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        inner = Plane("raised")
        box = QVBoxLayout(inner)
        for entry in entries:
            box.addWidget(Label(entry.title, "strong", wrap=True))
            who = " · ".join(part for part in (formats.format_datetime(entry.at), entry.user_name) if part)
            box.addWidget(Label(who, "secondary", "text-muted", wrap=True))
            for change in entry.fields:
                words = _("{label}: {old} → {new}").format(
                    label=change.label, old=_text(change.old), new=_text(change.new)
                )
                box.addWidget(Label(words, "body", wrap=True))
            box.addSpacing(px(8))
        box.addStretch(1)
        margins(inner, 24, 16, 24, 16, 2)
        area = scrolled(inner, sideways=True, focus=True, clear=False)
        area.setAccessibleName(self.windowTitle())
        outer.addWidget(area, 1)
        outer.addWidget(Hairline())
        close = Button(_("Close"), key="Esc", kind="primary")
        close.clicked.connect(self.accept)
        outer.addWidget(dialog_foot(close, height=64))
        dialogs.resize_within(self, 560, 480)


def _text(value: Any) -> str:
    return _("empty") if value in (None, "") else str(value)


def show_history(owner: QWidget, office: Office, entity: str, one: MergedRecord) -> None:
    """Show the history of a record that was merged."""

    def read(connection: Any) -> list[history.ChangeEntry]:
        fields = custom.fields_of(office.database, entity, connection)
        found = history.record_history(
            office.database, connection, entity, one.loser_id, limit=200,
            fields=[field.but(label=label_of(field)) for field in fields],
        )  # fmt: skip
        once: dict[Any, history.ChangeEntry] = {}
        for entry in found:
            key = entry.change_set_id or ("outside", entry.id)
            if key not in once or (entry.fields and not once[key].fields):
                once[key] = entry
        return list(once.values())

    def show(entries: list[history.ChangeEntry]) -> None:
        dialog = HistoryDialog(owner, one.title, entries)
        dialogs.run_dialog(dialog)
        dialog.deleteLater()

    office.read(owner, read, show)
