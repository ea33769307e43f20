"""Erasing a person: what goes, what stays, which backups still hold it; the name has to be typed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.core.text import fold
from crm_desktop.insight.dossier import table_title
from crm_desktop.insight.erasure import Choices, ErasurePlan, backups_with, plan_erasure
from crm_desktop.records.queries import Record
from ui.framework import dialogs
from ui.framework.office import Office
from ui.theme.theme import px
from ui.widgets.buttons import Button, Switch
from ui.widgets.editor_base import TextEditor
from ui.widgets.frames import dialog_foot, scrolled
from ui.widgets.headers import Banner
from ui.widgets.labels import IconLabel, Label, Plane
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins

_LISTED = 6
_TIES = "activity_link"
"""That somebody took part in an activity is no thing of its own to people."""
_Read = tuple[ErasurePlan, list[Any]]


class EraseDialog(QDialog):
    """Shows the plan, asks why and who asked, and lets "Erase for good" be pressed once the name was typed."""

    def __init__(self, office: Office, record: Record, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName("erase-person")
        self._office, self._record = office, record
        self.plan: ErasurePlan | None = None
        self.setWindowTitle(_("Erase {name}").format(name=record.title))
        self.goes, self.stays = Label("", wrap=True), Label("", wrap=True)
        self.backups = Banner(kind="warning", icon="ph.shield-warning")
        self.deals, self.cases = Switch(), Switch()
        self.deals_label, self.cases_label = (
            Label(_("Delete the deals too")),
            Label(_("Delete the cases with their messages too")),
        )
        self.reason = TextEditor(name=_("Reason"), placeholder=_("Request of the person, end of the retention time…"))
        self.asked_by = TextEditor(name=_("Asked by"), placeholder=_("The person, by e-mail of 3 March"))
        self.name = TextEditor(name=_("Name of the person"), placeholder=record.title)
        self.erase_button = Button(_("Erase for good"), icon="ph.eraser", kind="danger")
        self.cancel = Button(_("Cancel"), key="Esc")
        self._lay_out()
        for editor in (self.reason, self.asked_by, self.name):
            editor.textChanged.connect(lambda _text: self._enable())
            editor.cancelled.connect(self.reject)
        for switch in (self.deals, self.cases):
            switch.toggled.connect(lambda _on: self.reload())
        self.erase_button.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self.state.retry.connect(self.reload)
        self._enable()
        self.reload()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(px(8))
        head.addWidget(IconLabel("ph.eraser", "danger", 20))
        head.addWidget(Label(self.windowTitle(), "title", wrap=True), 1)
        warning = Label(
            _("This cannot be undone. The record, everything that hangs on it and its whole history are deleted for good."),
            "body", "danger", wrap=True,
        )  # fmt: skip
        inner = QWidget()
        box = QVBoxLayout(inner)
        self.goes_title, self.stays_title = (
            Label(_("Goes for good"), "section"),
            Label(_("Stays without the person"), "section"),
        )
        for widget in (self.goes_title, self.goes, self.stays_title, self.stays):
            box.addWidget(widget)
        for switch, label in ((self.deals, self.deals_label), (self.cases, self.cases_label)):
            line = QHBoxLayout()
            line.setSpacing(px(8))
            line.addWidget(switch)
            line.addWidget(label, 1)
            box.addLayout(line)
        box.addWidget(self.backups)
        box.addStretch(1)
        margins(inner, 0, 4, 8, 4, 6)
        area = scrolled(inner, focus=True)
        self.state = StateStack(area, EmptyState("ph.eraser"), loading="lines")
        self.state.setMinimumHeight(px(230))
        body = Plane("raised")
        column = QVBoxLayout(body)
        column.addLayout(head)
        column.addWidget(warning)
        column.addWidget(self.state, 1)
        for words, editor in (
            (_("Reason (stays as the proof)"), self.reason), (_("Asked by"), self.asked_by),
            (_("Type the name to confirm: {name}").format(name=self._record.title), self.name),
        ):  # fmt: skip
            column.addWidget(Label(words, "secondary", "text-muted", wrap=True))
            column.addWidget(editor)
        margins(body, 24, 20, 24, 16, 6)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(body, 1)
        outer.addWidget(dialog_foot(self.cancel, self.erase_button, height=64))
        dialogs.resize_within(self, 600, 640)
        self.reason.setFocus()

    # -- the plan ----------------------------------------------------------------------------------------------

    @property
    def choices(self) -> Choices:
        """What happens to deals and cases."""
        return Choices(deals=self.deals.isChecked(), cases=self.cases.isChecked())

    def reload(self) -> None:
        """Read what would go and what would stay."""
        database, record, choices = self._office.database, self._record, self.choices
        if self.plan is None:
            self.state.show_loading()
        self.plan = None
        self._enable()

        def read(connection: Any) -> _Read:
            return plan_erasure(database, connection, record.entity, record.id, choices), backups_with(database)

        self._office.read(self, read, self._show, self.state.show_error, supersede="erase")

    def _show(self, found: _Read) -> None:
        self.plan, backups = found
        plan, database = self.plan, self._office.database
        counted = [
            (table_title(database, name), len(rows)) for name, rows in sorted(plan.goes.items()) if name != _TIES
        ]
        told = [f"{title}: {formats.format_integer(count)}" for title, count in counted]
        told.append(_("Entries of the history: {n}").format(n=formats.format_integer(plan.changes)))
        if plan.files[0]:
            size = formats.format_size(plan.files[1])
            text = ngettext(
                "{n} file that nobody else has ({size})", "{n} files that nobody else has ({size})", plan.files[0]
            )
            told.append(text.format(n=plan.files[0], size=size))
        self.goes.setText(" · ".join([self._record.title, *told]))
        self._show_stays(plan)
        for switch, label, table in (
            (self.deals, self.deals_label, "deal"), (self.cases, self.cases_label, "case_file"),
        ):  # fmt: skip
            switch.setAccessibleName(label.text())
            for widget in (switch, label):
                widget.setVisible(bool(plan.found.around.get(table)))
        self._show_backups(backups)
        self.state.show_content()
        self._enable()

    def _show_stays(self, plan: ErasurePlan) -> None:
        schema = self._office.database.schema
        names = [f"{translate(schema.entity(one.entity).label)} “{one.title}”" for one in plan.stays[:_LISTED]]
        more = len(plan.stays) - _LISTED
        if more > 0:
            names.append(ngettext("and {n} more", "and {n} more", more).format(n=more))
        text = ", ".join(names)
        if names:
            text += ". " + _(
                "They are unlinked, and full name, addresses and numbers are taken out of their texts; amounts and dates stay. "
                "Look through them if their texts may name the person otherwise."
            )
        self.stays.setText(text)
        for widget in (self.stays, self.stays_title):
            widget.setVisible(bool(names))

    def _show_backups(self, backups: list[Any]) -> None:
        days = [formats.format_date(made) for _path, made in backups[:_LISTED]]
        if len(backups) > _LISTED:
            days.append("…")
        text = ngettext(
            "{n} backup made earlier still holds the person until it is deleted: {days}.",
            "{n} backups made earlier still hold the person until they are deleted: {days}.", len(backups),
        )  # fmt: skip
        none = _("Copies of the database and backups that this computer does not know still hold the person.")
        self.backups.text.setText(text.format(n=len(backups), days=", ".join(days)) if backups else none)

    # -- the answer --------------------------------------------------------------------------------------------

    def _enable(self) -> None:
        named = fold(self.name.text().strip()) == fold(self._record.title.strip())
        told = bool(self.reason.text().strip() and self.asked_by.text().strip())
        self.erase_button.setEnabled(named and told and self.plan is not None)

    def values(self) -> dict[str, Any]:
        """What ``erase_person`` is to be called with."""
        return {
            "reason": self.reason.text().strip(), "asked_by": self.asked_by.text().strip(), "choices": self.choices,
        }  # fmt: skip

    def reject(self) -> None:
        """Escape, Cancel and the closing cross: the reason is not lost by a key too many."""
        if not self.reason.text().strip() or dialogs.may_throw_away(self):
            self.reason.clear()
            super().reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.focusNextChild()  # never by an Enter too many
        else:
            super().keyPressEvent(event)
