"""Beside the conversation: who the customer is, the facts of the case, its files, and other cases of the customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from crm_desktop.cases.words import status_text
from crm_desktop.core.formats import format_date, format_relative
from crm_desktop.core.i18n import _
from crm_desktop.records.files_service import FileRow
from ui.cases.case_data import CaseData, Customer
from ui.cases.looks import STATUS_ICONS
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.facts_edit import RecordFacts
from ui.records.file_words import editing_words, file_icon
from ui.records.files_menu import FileListMenu
from ui.theme.theme import px
from ui.widgets.avatar import Avatar
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import Label, Link, Plane
from ui.widgets.themed import margins
from ui.widgets.two_line import Line, TwoLineList

WIDTH = 280
_FACTS = ("channel", "category", "product_id", "team_id", "respond_due", "resolve_due")


class SidePanel(QScrollArea):
    """The customer, the facts, the files and the history."""

    link_requested = Signal(str, object)
    attach_requested = Signal()
    file_opened = Signal(object)
    schedule_requested = Signal()

    def __init__(self, office: Office, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = Plane("surface")
        self._box = QVBoxLayout(inner)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        self._customer = QWidget()
        self._person = QVBoxLayout(self._customer)
        margins(self._customer, 16, 16, 16, 0, 8)
        self._facts_title = Label("", "strong")
        self.facts = RecordFacts(office, navigator, columns=1, stretch=(100,), padding=(16, 6, 16, 4), label_width=108)
        self.schedule = Button(icon="ph.calendar-plus", small=True)
        self.schedule.clicked.connect(self.schedule_requested)
        self._next = Label("", "secondary", "text-muted", wrap=True)
        self._files_title = Label("", "strong")
        self.add_file = IconButton("ph.plus", "", kind="ghost")
        self.add_file.clicked.connect(self.attach_requested)
        self.files = TwoLineList(height=44, open_on_click=True)
        self.files.opened.connect(self.file_opened)
        self._user_id = office.user_id
        self._file_rows: Sequence[FileRow] = ()
        self.file_menu = FileListMenu(self.files, office, lambda: self._file_rows)
        self._hint = Label("", "secondary", "text-muted", wrap=True)
        self._others_title = Label("", "strong")
        self.others = TwoLineList(height=44, open_on_click=True)
        self.others.opened.connect(lambda case_id: self.link_requested.emit("case", case_id))
        self._lay_out()
        self.setWidget(inner)
        self.retranslate()

    def _lay_out(self) -> None:
        self._box.addWidget(self._customer)
        self._box.addWidget(_titled(self._facts_title))
        self._box.addWidget(self.facts)
        self._planned = QWidget()
        planned = QVBoxLayout(self._planned)
        planned.addWidget(self._next)
        planned.addWidget(self.schedule, 0, Qt.AlignmentFlag.AlignLeading)
        margins(self._planned, 16, 8, 16, 0, 6)
        self._box.addWidget(self._planned)
        self._box.addWidget(_titled(self._files_title, self.add_file))
        self._box.addWidget(self.files)
        hint = QWidget()
        QVBoxLayout(hint).addWidget(self._hint)
        margins(hint, 16, 0, 16, 0, 0)
        self._box.addWidget(hint)
        self._others_head = _titled(self._others_title)
        self._box.addWidget(self._others_head)
        self._box.addWidget(self.others)
        self._box.addStretch(1)

    def retranslate(self) -> None:
        """Write the words again."""
        self._facts_title.setText(_("Case"))
        self.schedule.setText(_("Schedule…"))
        self._files_title.setText(_("Files"))
        self.add_file.set_label(_("Attach files…"))
        self.files.setAccessibleName(_("Files"))
        self._hint.setText(_("Drop files anywhere on this case."))
        self._others_title.setText(_("Other cases of this customer"))
        self.others.setAccessibleName(_("Other cases of this customer"))

    def set_case(self, data: CaseData) -> None:
        """Show what belongs to a case."""
        self._show_customer(data.customer)
        by_name = {one.name: one for one in data.fields}
        shown = [by_name[name] for name in _FACTS if name in by_name]
        shown += [one for one in data.fields if one.custom and one.in_form]
        self.facts.set_record(data.record, shown)
        planned = data.record.values.get("next_activity_on")
        self._next.setText(_("Planned: {when}").format(when=format_relative(planned)) if planned else "")
        self._next.setVisible(bool(planned))
        self._file_rows = data.files
        self.files.set_lines([
            Line(one.id, one.name, editing_words(one, self._user_id) or format_relative(one.changed_at),
                 icon=file_icon(one.media_type), title_font="body", button="ph.dots-three")
            for one in data.files
        ])  # fmt: skip
        self._hint.setVisible(not data.files)
        self._fit(self.files)
        self.others.set_lines(_lines(data.others))
        self._others_head.setVisible(bool(data.others))
        self._fit(self.others)

    @staticmethod
    def _fit(view: TwoLineList) -> None:
        view.setVisible(bool(view.lines()))
        view.setFixedHeight(max(1, view.content_height()))

    def _show_customer(self, one: Customer) -> None:
        _empty(self._person)
        if not one.id:
            self._person.addWidget(Label(_("No customer yet"), "section"))
            text = _("Edit the case to say who reported it.")
            self._person.addWidget(Label(text, "secondary", "text-muted", wrap=True))
            return
        row, names = QHBoxLayout(), QVBoxLayout()
        row.setSpacing(px(12))
        names.setSpacing(0)
        link = Link(one.name, "strong")
        link.activated.connect(lambda: self.link_requested.emit(one.entity, one.id))
        names.addWidget(link)
        if one.company_id:
            company = Link(one.company, "secondary")
            company.activated.connect(lambda: self.link_requested.emit("company", one.company_id))
            names.addWidget(company)
        row.addWidget(Avatar(one.name, 40), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(names, 1)
        holder = QWidget()
        holder.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        self._person.addWidget(holder)
        self._person.addWidget(self._reach(one))

    def _reach(self, one: Customer) -> QWidget:
        """The buttons that call and write."""
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        for written, number in one.phones[:1]:
            call = Button(written, icon="ph.phone", small=True)
            call.setToolTip(_("Call {number}").format(number=written))
            call.clicked.connect(lambda _on=False, number=number: QDesktopServices.openUrl(QUrl(f"tel:{number}")))
            row.addWidget(call)
        if one.email:
            mail = IconButton("ph.envelope-simple", _("Write to {address}").format(address=one.email))
            mail.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(f"mailto:{one.email}")))
            row.addWidget(mail)
        if not one.phones and not one.email:
            row.addWidget(Label(_("There is no phone and no e-mail yet"), "secondary", "text-muted", wrap=True), 1)
        row.addStretch(1)
        return holder

    def reached_by(self) -> list[str]:
        """What the buttons of the customer say."""
        return [b.text() or b.accessibleName() for b in self._customer.findChildren(Button) if not b.isHidden()]


def _lines(others: Sequence[Mapping[str, Any]]) -> list[Line]:
    lines = []
    for one in others:
        status = str(one["status"])
        when = format_date(one["solved_at"] or one["created_at"])
        over = status in ("solved", "closed")
        icon, color = ("ph.check-circle", "success") if over else (STATUS_ICONS[status], "accent")
        lines.append(Line(
            one["id"], one["subject"], f"{status_text(status)}, {when}", icon=icon, icon_color=color, title_font="body",
            tooltip=one["number"] or "",
        ))  # fmt: skip
    return lines


def _titled(label: Label, end: QWidget | None = None) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.addWidget(label, 1)
    if end is not None:
        row.addWidget(end)
    margins(holder, 16, 16, 12, 0, 8)
    return holder


def _empty(layout: QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
