"""Who can see a record: everybody who works here, what they may do with it, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _, ngettext
from crm_desktop.records.queries import Record
from crm_desktop.security import roles, sight
from crm_desktop.security.sight import RecordSight, Sight
from ui.framework import dialogs
from ui.framework.office import Office
from ui.records.room import clear_layout
from ui.security.words import reason_text, role_title
from ui.theme.theme import px
from ui.widgets.avatar import Avatar
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.frames import dialog_foot, lay_out_dialog, scrolled
from ui.widgets.labels import ElidedLabel, IconLabel, Label, Plane
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins


@dataclass(frozen=True)
class _Read:
    sight: RecordSight
    roles: dict[str, str]


class WhoSeesDialog(QDialog):
    """A list of people; those who see the record first."""

    def __init__(self, parent: QWidget, office: Office, record: Record) -> None:
        super().__init__(parent)
        self.office, self.record = office, record
        self.spec = office.database.schema.entity(record.entity)
        self.setWindowTitle(_("Who can see this?"))
        self.summary = Label("", "body", "text-muted", wrap=True)
        self._grid = QGridLayout()
        self.rows: list[tuple[str, str, str]] = []
        """(name, what they may do, why) of each line, as shown."""
        self._lay_out()
        office.records_changed.connect(self._on_changed)
        self.reload()

    def _lay_out(self) -> None:
        head = QWidget()
        column = QVBoxLayout(head)
        line = QHBoxLayout()
        line.setSpacing(px(8))
        line.addWidget(IconLabel("ph.eye", "text-muted", 18))
        line.addWidget(ElidedLabel(_("Who can see {title}?").format(title=self.record.title), "title"), 1)
        column.addLayout(line)
        column.addWidget(self.summary)
        margins(head, 24, 16, 24, 12, 4)
        inner = Plane("surface")
        box = QVBoxLayout(inner)
        box.addLayout(self._grid)
        box.addStretch(1)
        margins(inner, 24, 12, 24, 12, 0)
        area = scrolled(inner, focus=True, clear=False)
        area.setAccessibleName(_("People"))
        self.state = StateStack(area, EmptyState("ph.eye"), loading="lines")
        self.state.retry.connect(self.reload)
        close = Button(_("Close"), kind="primary")
        close.clicked.connect(self.accept)
        lay_out_dialog(self, self.state, dialog_foot(close), head=head)
        dialogs.resize_within(self, 640, 480)
        close.setFocus()

    def _on_changed(self, event: Any) -> None:
        touched = event.touches_record(self.record.entity, self.record.id)
        if touched or any(event.touches(name) for name in ("user", "team", "role", "role_right")):
            self.reload()

    def reload(self) -> None:
        """Look again."""
        self.state.show_loading()
        schema, record = self.office.database.schema, self.record

        def read(connection: Any) -> _Read:
            found = sight.who_can_see(connection, schema, record.entity, record.id)
            return _Read(found, {one.key: role_title(one) for one in roles.roles(connection)})

        self.office.read(self, read, self._show, self.state.show_error, supersede="sight")

    def _show(self, found: _Read) -> None:
        people = found.sight.people
        owner = next((one.user.name for one in people if one.user.id == found.sight.owner_id), "")
        seeing = sum(one.sees for one in people)
        text = ngettext("{n} of {all} people sees it.", "{n} of {all} people see it.", seeing)
        words = [text.format(n=seeing, all=len(people))]
        if self.spec.has("owner_id"):
            words.append(_("It belongs to {owner}.").format(owner=owner) if owner else _("It belongs to nobody."))
        self.summary.setText(" ".join(words))
        clear_layout(self._grid)
        self.rows = []
        self._grid.setHorizontalSpacing(px(12))
        self._grid.setVerticalSpacing(px(12))
        self._grid.setColumnStretch(1, 3)
        self._grid.setColumnStretch(3, 4)
        for row, one in enumerate(people):
            self._add(row, one, found.roles.get(one.user.role, one.user.role), owner)
        self.state.show_content()

    def _add(self, row: int, one: Sight, role: str, owner: str) -> None:
        may = may_words(one)
        why = reason_text(one.reason, owner=owner, role=role)
        me = one.user.id == self.office.user_id
        name = _("{name} (you)").format(name=one.user.name) if me else one.user.name
        self.rows.append((one.user.name, may, why))
        middle = Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(Avatar(one.user.name, 28), row, 0, middle)
        title = ElidedLabel(name, "name", "text" if one.sees else "text-muted")
        title.setAccessibleName(f"{name}: {may}. {why}")
        self._grid.addWidget(title, row, 1, middle)
        kind, icon = badge_of(one)
        self._grid.addWidget(Badge(may, kind, icon), row, 2, middle)
        self._grid.addWidget(Label(why, "secondary", "text-muted", wrap=True), row, 3, middle)


def may_words(one: Sight) -> str:
    """What somebody may do with the record, in short."""
    if not one.sees:
        return _("does not see it")
    if {"edit", "delete"} <= one.may:
        return _("sees, changes, deletes")
    if "edit" in one.may:
        return _("sees and changes")
    return _("sees and deletes") if "delete" in one.may else _("only sees")


def badge_of(one: Sight) -> tuple[str, str]:
    """The kind and the icon of a line's badge."""
    if not one.sees:
        return "neutral", "ph.eye-slash"
    return ("success", "ph.pencil-simple") if "edit" in one.may else ("accent", "ph.eye")


def show_who_sees(owner: QWidget, office: Office, record: Record) -> None:
    """Open the list for a record."""
    dialogs.run_dialog(WhoSeesDialog(owner.window(), office, record))


def editors_words(connection: Any, schema: Any, entity: str, record_id: int) -> str:
    """Who may change a record, as a sentence: by name where they are few. Read in the background."""
    found = sight.who_can_see(connection, schema, entity, record_id)
    names = [one.user.name for one in found.people if "edit" in one.may]
    first, more = ", ".join(names[:3]), len(names) - 3
    if not names:
        return _("Nobody may change this.")
    if more <= 0:
        return _("Only {names} may change this.").format(names=first)
    text = ngettext(
        "Only {names} and {n} other may change this.", "Only {names} and {n} others may change this.", more
    )  # fmt: skip
    return text.format(names=first, n=more)
