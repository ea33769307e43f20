"""The tab "Consent" of people and companies: what holds per purpose and channel, and everything that was ever said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from crm_desktop.contacts import consents
from crm_desktop.contacts.choices import CHANNELS, CONSENT_PURPOSES, CONSENT_STATES
from crm_desktop.contacts.consents import ANY, GIVEN, ConsentRow
from crm_desktop.core import formats
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.fields import Choice
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records import files_service
from crm_desktop.records.queries import Record
from ui.contacts.consent_dialog import ConsentDialog
from ui.contacts.relation_lines import RelationList
from ui.framework import dialogs
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.drafts import draft_key
from ui.records.files_open import open_attachment
from ui.records.room import no_least_height
from ui.records.saving import show_saved
from ui.records.when_shown import ReadsWhenShown
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, frame_round, mirrored, text_width
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.frames import scrolled
from ui.widgets.headers import Banner
from ui.widgets.labels import Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import KeyboardRing, margins, on_theme
from ui.widgets.two_line import Line

_LOOKS = {
    "given": ("ph.check-circle", "success"), "refused": ("ph.prohibit", "danger"),
    "withdrawn": ("ph.arrow-u-up-left", "warning"),
}  # fmt: skip
_COLUMNS = tuple(choice for choice in CHANNELS if choice.key != ANY)


def label_of(choices: Sequence[Choice], key: str) -> str:
    """The word of a choice in the language in use."""
    return next((translate(one.label) for one in choices if one.key == key), key)


class ConsentCell(KeyboardRing, QAbstractButton):
    """What holds for one purpose and channel; a click records something newer."""

    def __init__(self, purpose: str, channel: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.purpose, self.channel = purpose, channel
        self.row: ConsentRow | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def set_row(self, row: ConsentRow | None) -> None:
        """Show what holds; None: never asked."""
        self.row = row
        state = label_of(CONSENT_STATES, row.state) if row else _("Never asked")
        when = formats.format_date(row.at) if row and row.at else ""
        self.setText(state)
        where = f"{label_of(CONSENT_PURPOSES, self.purpose)}, {label_of(CHANNELS, self.channel)}"
        said = [state, when, row.source if row else ""]
        if row is not None and row.channel == ANY:
            said.append(_("said for any channel"))
        text = ", ".join(part for part in said if part)
        self.setAccessibleName(f"{where}: {text}")
        self.setToolTip(text)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(112), px(44))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(72), px(44))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill = "hover" if self.underMouse() else "raised"
        frame_round(painter, self.rect(), px(6), "focus" if self.shows_ring() else "border", fill)
        inner = self.rect().adjusted(px(7), px(4), -px(4), -px(4))
        if self.row is None:
            draw_text(painter, inner, "–", "body", "text-muted", Qt.AlignmentFlag.AlignHCenter)
            return
        icon, color = _LOOKS[self.row.state]
        first = QRect(inner.left(), inner.top(), inner.width(), px(20))
        beside = first
        if text_width(self.text(), "body") + px(18) <= first.width():  # the word says it all where there is little room
            box = QRect(first.left(), first.top() + px(3), px(14), px(14))
            paint_icon(painter, QRectF(mirrored(box, first, self.layoutDirection())), icon, color)
            beside = mirrored(first.adjusted(px(18), 0, 0, 0), first, self.layoutDirection())
        draw_text(painter, beside, self.text(), "body", color)
        below = QRect(inner.left(), inner.top() + px(20), inner.width(), px(16))
        date = formats.format_date(self.row.at) if self.row.at else ""
        draw_text(painter, below, date, "secondary", "text-muted")


class ConsentTab(ReadsWhenShown):
    """Purpose by channel, and the history below. ``counted`` sends how many entries there are."""

    counted = Signal(int)

    def __init__(self, office: Office, navigator: Navigator, entity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office, self._navigator, self._entity = office, navigator, entity
        self._record: Record | None = None
        self._files: list[tuple[int, str]] = []
        self.rows: list[ConsentRow] = []
        self.add = Button(icon="ph.plus", kind="accent", small=True)
        self.add.clicked.connect(lambda: self.record_consent())
        self.never = Banner(kind="danger", icon="ph.hand-palm")
        self.cells = {
            (purpose.key, channel.key): ConsentCell(purpose.key, channel.key)
            for purpose in CONSENT_PURPOSES
            for channel in _COLUMNS
        }
        self._heads: dict[str, Label] = {one.key: Label("", "secondary", "text-muted") for one in _COLUMNS}
        self._names: dict[str, Label] = {one.key: Label("", "body") for one in CONSENT_PURPOSES}
        self.title = Label("", "section")
        self.list = RelationList()
        self._lay_out()
        for cell in self.cells.values():
            cell.clicked.connect(lambda _on=False, cell=cell: self.record_from(cell))
        self.list.opened.connect(self._open_proof)
        self.state.retry.connect(self.reload)
        office.records_changed.connect(self._on_records_changed)
        self.retranslate()

    def _lay_out(self) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(self.add)
        row.addStretch(1)
        margins(head, 16, 8, 24, 4)
        matrix = QWidget()
        grid = QGridLayout(matrix)
        margins(matrix, 24, 4, 24, 8, 6)
        for column, channel in enumerate(_COLUMNS, 1):
            grid.addWidget(self._heads[channel.key], 0, column)
            grid.setColumnStretch(column, 1)
        for line, purpose in enumerate(CONSENT_PURPOSES, 1):
            grid.addWidget(self._names[purpose.key], line, 0)
            for column, channel in enumerate(_COLUMNS, 1):
                grid.addWidget(self.cells[purpose.key, channel.key], line, column)
        warned = QWidget()
        inside = QHBoxLayout(warned)
        inside.addWidget(self.never)
        margins(warned, 24, 4, 24, 4)
        self._warned = warned
        self.title.setContentsMargins(px(24), px(12), px(24), px(4))
        inner = QWidget()
        column_box = QVBoxLayout(inner)
        column_box.setContentsMargins(0, 0, 0, 0)
        column_box.setSpacing(0)
        for widget in (head, warned, matrix, self.title, self.list):
            column_box.addWidget(widget)
        column_box.addStretch(1)
        area = scrolled(inner)
        self.state = StateStack(area, EmptyState("ph.hand-palm"), loading="lines")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.state)
        no_least_height(self.state, 48)

    def retranslate(self) -> None:
        """Write the words again."""
        self.add.setText(_("Record consent…"))
        for choices, labels in ((_COLUMNS, self._heads), (CONSENT_PURPOSES, self._names)):
            for one in choices:
                labels[one.key].setText(translate(one.label))
        self.title.setText(_("Everything that was said"))
        self.list.setAccessibleName(_("Everything that was said"))
        self.never.strong.setText(_("Do not contact"))
        self.never.strong.show()
        self.never.text.setText(_("They asked not to be contacted at all; no consent below changes that."))
        if self._record is not None:
            self._show(self.rows)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    # -- reading -----------------------------------------------------------------------------------------------

    def set_record(self, record: Record) -> None:
        """Show the consents of a record."""
        other = self._record is None or self._record.id != record.id
        self._record = record
        if other:
            self.state.forget()
        self.read_when_shown()

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if event.touches(self._entity) or event.touches("attachment"):
            self.read_when_shown()

    def reload(self) -> None:
        """Read again."""
        record = self._record
        if record is None:
            return

        def read(connection: Any) -> tuple[list[ConsentRow], list[tuple[int, str]]]:
            files = [(one.id, one.name) for one in files_service.attachments_of(connection, record.id)]
            return consents.consents_of(connection, record.id), files

        self._office.read(self, read, self._on_read, self.state.show_error, supersede="consents")

    def _on_read(self, found: tuple[list[ConsentRow], list[tuple[int, str]]]) -> None:
        rows, self._files = found
        self._show(rows)

    def _show(self, rows: list[ConsentRow]) -> None:
        self.rows = rows
        current: Mapping[tuple[str, str], ConsentRow] = consents.current_of(rows)
        for key, cell in self.cells.items():
            cell.set_row(current.get(key))
        self.list.set_lines([_line(one) for one in rows])
        self.title.setVisible(bool(rows))
        self.list.setVisible(bool(rows))
        self._warned.setVisible(bool(self._record and self._record.values.get("do_not_contact")))
        self.counted.emit(len(rows))
        self.state.show_content()

    # -- writing -----------------------------------------------------------------------------------------------

    def record_from(self, cell: ConsentCell) -> None:
        """Record something newer for one cell: what was given may be withdrawn."""
        given = cell.row is not None and cell.row.state == GIVEN
        self.record_consent(cell.purpose, cell.channel, "withdrawn" if given else "given")

    def record_consent(self, purpose: str = "marketing", channel: str = "email", state: str = "given") -> None:
        """Ask what was said, and write it down."""
        record = self._record
        if record is None:
            return

        def save(owner: QWidget, values: dict[str, Any], done: Any, failed: Any) -> None:
            proof = values.pop("file")
            title = N_("Consent of {name}: {purpose}, {channel}: {state}")
            params = {
                "name": record.title, "purpose": label_of(CONSENT_PURPOSES, values["purpose"]),
                "channel": label_of(CHANNELS, values["channel"]), "state": label_of(CONSENT_STATES, values["state"]),
            }  # fmt: skip

            def work(uow: Any) -> None:
                attachment = proof
                if isinstance(proof, Path):
                    attachment = files_service.attach_file(uow, record.entity, record.id, proof)
                given = {
                    key: value or ""
                    for key, value in values.items()
                    if key not in ("at", "purpose", "channel", "state")
                }
                consents.record_consent(
                    uow, record.id, values["purpose"], values["channel"], values["state"], at=values["at"],
                    attachment_id=attachment, **given,
                )  # fmt: skip

            def saved(_result: Any) -> None:
                done()
                self.reload()
                show_saved(self, self._navigator, _("Consent recorded"))

            self._office.write(owner, title, work, saved, failed, params=params)

        dialog = ConsentDialog(
            self._office, self, record.title, self._files, save, purpose=purpose, channel=channel, state=state
        )
        key = draft_key(self._office, "consent", record.entity, record.id, purpose, channel, state)
        dialog.keep_draft(key, record.title)
        dialogs.run_dialog(dialog)

    def _open_proof(self, key: ConsentRow) -> None:
        if key.attachment_id is not None:
            open_attachment(self, self._office, key.attachment_id)


def _line(row: ConsentRow) -> Line:
    """One entry: what was said first, then where, what was shown and what proves it."""
    icon, color = _LOOKS[row.state]
    state = label_of(CONSENT_STATES, row.state)
    what = f"{label_of(CONSENT_PURPOSES, row.purpose)}, {label_of(CHANNELS, row.channel)}"
    told = [row.source, row.proof, row.attachment_name, f"“{row.wording}”" if row.wording else "", row.by]
    when = formats.format_date(row.at) if row.at else ""
    title, subtitle = f"{state}: {what}", " · ".join(part for part in told if part)
    tip = "\n".join(part for part in [title, when, *told] if part)
    return Line(
        row, title, subtitle, icon=icon, icon_color=color if row.current else "text-muted",
        title_color="text" if row.current else "text-muted", trailing=(when, "text-muted", ""), tooltip=tip,
    )  # fmt: skip
