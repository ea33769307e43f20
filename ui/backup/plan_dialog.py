"""The office's plan of backups, changed in one small form."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from pathlib import Path

from PySide6.QtCore import Qt, QTime
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QTimeEdit, QVBoxLayout, QWidget

from crm_desktop.backup.plan_words import place_name
from crm_desktop.backup.schedule import EVERY_DAY, Plan
from crm_desktop.core import formats, paths
from crm_desktop.core.i18n import _
from ui.framework import dialogs
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton, Switch
from ui.widgets.chips import Chip
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.themed import margins

_MOST_TIMES = 6


def _tall(label: Label) -> Label:
    """Room for two lines: a dialog does not ask a wrapped text for its height."""
    label.setMinimumHeight(px(42))
    return label


def _beside(switch: Switch) -> QHBoxLayout:
    """A switch with its words."""
    row = QHBoxLayout()
    row.setSpacing(px(8))
    row.addWidget(switch)
    row.addWidget(Label(switch.accessibleName(), "name"), 1)
    return row


class PlanDialog(QDialog):
    """Times, days, places, password. ``plan`` and ``password`` are what was chosen, once it was accepted."""

    def __init__(self, plan: Plan, *, knows_password: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("backup-plan")
        self.setWindowTitle(_("When and where to back up"))
        self._knows = knows_password
        self._before = plan
        self._places = list(plan.all_places)
        self.on = Switch(_("Back up automatically"))
        self.on.setAccessibleName(_("Back up automatically"))
        self.on.setChecked(plan.enabled)
        self.times: list[QTimeEdit] = []
        self.days = [Chip(name) for name in formats.weekday_names(short=True)]
        self.add_time = Button(_("Another time"), icon="ph.plus", small=True)
        self.add_folder = Button(_("Add a folder, disk or share…"), icon="ph.plus", small=True)
        self.encrypted = Switch(_("Protect with a password"))
        self.encrypted.setAccessibleName(_("Protect with a password"))
        self.encrypted.setChecked(plan.encrypted)
        self.password, self.again = QLineEdit(), QLineEdit()
        self.warning = Label(
            _("Nobody can get a lost password back, and without it no backup opens. Write it down and keep it elsewhere."),
            "body", "warning", wrap=True,
        )  # fmt: skip
        self.problem = Label("", "body", "danger", wrap=True)
        self.save = Button(_("Save"), kind="primary")
        self.cancel = Button(_("Cancel"), key="Esc")
        self._lay_out(plan)
        self.add_time.clicked.connect(self._add_time)
        self.add_folder.clicked.connect(self._choose)
        self.encrypted.toggled.connect(lambda _on: self._show_password())
        self.save.clicked.connect(self._accept)
        self.cancel.clicked.connect(self.reject)
        self.save.setDefault(True)
        self._show_places()
        self._show_password()

    def _lay_out(self, plan: Plan) -> None:
        self.setMinimumWidth(px(520))
        box = QVBoxLayout(self)
        box.setSpacing(px(8))
        box.addWidget(Label(self.windowTitle(), "title", wrap=True))
        box.addLayout(_beside(self.on))
        box.addWidget(Label(_("Times"), "section"))
        self._times = QHBoxLayout()
        self._times.setSpacing(px(8))
        self._times.addWidget(self.add_time)
        self._times.addStretch(1)
        box.addLayout(self._times)
        for one in plan.all_times:
            self._new_time(one)
        box.addWidget(Label(_("Days"), "section"))
        days = QHBoxLayout()
        days.setSpacing(px(4))
        for number, (chip, name) in enumerate(zip(self.days, formats.weekday_names(), strict=True)):
            chip.setCheckable(True)
            chip.setChecked(number in plan.days)
            chip.setAccessibleName(name)
            days.addWidget(chip)
        days.addStretch(1)
        box.addLayout(days)
        box.addWidget(Label(_("Places"), "section"))
        self._folders = QVBoxLayout()
        self._folders.setSpacing(px(4))
        box.addLayout(self._folders)
        box.addWidget(self.add_folder, 0, Qt.AlignmentFlag.AlignLeft)
        note = _(
            "The first place that is there is written to; the others get copies. One of them should be on another disk."
        )
        box.addWidget(_tall(Label(note, "secondary", "text-muted", wrap=True)))
        box.addSpacing(px(8))
        box.addLayout(_beside(self.encrypted))
        for field, name in ((self.password, _("Password")), (self.again, _("The password once more"))):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setPlaceholderText(name)
            field.setAccessibleName(name)
            box.addWidget(field)
        box.addWidget(_tall(self.warning))
        box.addWidget(self.problem)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        box.addLayout(foot)
        margins(self, 24, 24, 24, 16, 8)

    def _add_time(self) -> None:
        """Another time, ready to be typed."""
        self._new_time(time(12))
        self.times[-1].setFocus(Qt.FocusReason.OtherFocusReason)
        self.times[-1].setSelectedSection(QTimeEdit.Section.HourSection)

    def _new_time(self, at: time) -> None:
        if len(self.times) >= _MOST_TIMES:
            return
        edit = QTimeEdit(QTime(at.hour, at.minute))
        edit.setAccessibleName(_("Time {n}").format(n=len(self.times) + 1))
        place, holder = len(self.times), QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(4))
        row.addWidget(edit)
        if place:
            remove = IconButton("ph.x", _("Leave this time out"))
            remove.clicked.connect(lambda: self._drop_time(edit, holder))
            row.addWidget(remove)
        self.times.append(edit)
        self._times.insertWidget(place, holder)
        self.add_time.setVisible(len(self.times) < _MOST_TIMES)

    def _drop_time(self, edit: QTimeEdit, holder: QWidget) -> None:
        self.times.remove(edit)
        self._times.removeWidget(holder)
        holder.hide()
        holder.deleteLater()
        self.add_time.setVisible(True)

    def _show_places(self) -> None:
        while (item := self._folders.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for number, name in enumerate(self._places):
            line = QWidget()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            line.setMinimumHeight(px(28))
            text = _("This computer: {folder}").format(folder=paths.backups_folder()) if not name else place_name(name)
            row.addWidget(ElidedLabel(text), 1)
            if len(self._places) > 1:
                remove = IconButton("ph.x", _("Leave {place} out").format(place=place_name(name)))
                remove.clicked.connect(lambda _checked=False, at=number: self._drop_place(at))
                row.addWidget(remove)
            self._folders.addWidget(line)

    def _drop_place(self, number: int) -> None:
        del self._places[number]
        self._show_places()

    def _choose(self) -> None:
        folder = dialogs.choose_folder(self, _("Folder of the backups"), str(Path.home()))
        if folder is not None:
            self.add_place(str(folder))

    def add_place(self, folder: str) -> None:
        """Add a folder to the places."""
        if folder not in self._places:
            self._places.append(folder)
            self._show_places()

    def _show_password(self) -> None:
        wanted = self.encrypted.isChecked()
        for widget in (self.password, self.again, self.warning):
            widget.setVisible(wanted)
        if self._knows and self._before.encrypted:
            self.password.setPlaceholderText(_("Password (as before)"))

    def _accept(self) -> None:
        first, second = self.password.text(), self.again.text()
        if not any(chip.isChecked() for chip in self.days):
            self.problem.setText(_("Choose at least one day."))
        elif first != second:
            self.problem.setText(_("The two passwords differ. Type them again."))
            self.again.setFocus()
        elif self.encrypted.isChecked() and not first and not (self._knows and self._before.encrypted):
            self.problem.setText(_("Give a password, or switch the protection off."))
            self.password.setFocus()
        else:
            self.accept()

    @property
    def chosen(self) -> Plan:
        """The plan as it stands in the form."""
        times = tuple(sorted({time(one.time().hour(), one.time().minute()) for one in self.times}))
        days = tuple(number for number in EVERY_DAY if self.days[number].isChecked())
        return replace(
            self._before, enabled=self.on.isChecked(), times=times, days=days, places=tuple(self._places),
            encrypted=self.encrypted.isChecked(),
        )  # fmt: skip

    @property
    def new_password(self) -> str:
        """The password that was typed; empty where it stays."""
        return self.password.text() if self.encrypted.isChecked() else ""
