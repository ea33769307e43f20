"""Disabling somebody who leaves: what they have, and who gets it, in one undoable step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.security.queries import UserRow
from crm_desktop.security.service import HANDED_OVER
from ui.framework.office import Office
from ui.theme.theme import px
from ui.widgets.avatar import Avatar
from ui.widgets.buttons import Button
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.frames import dialog_foot, lay_out_dialog
from ui.widgets.labels import IconLabel, Label, Plane
from ui.widgets.themed import margins

NOBODY = 0
"""Stands for "nobody" among the people to choose from."""


def what(entity: str, count: int) -> str:
    """A number of records in words: "12 contacts", "3 open deals"."""
    text = {
        "contact": ngettext("{n} contact", "{n} contacts", count),
        "company": ngettext("{n} company", "{n} companies", count),
        "deal": ngettext("{n} open deal", "{n} open deals", count),
        "case": ngettext("{n} open case", "{n} open cases", count),
        "activity": ngettext("{n} planned activity", "{n} planned activities", count),
    }[entity]
    return text.format(n=format_integer(count))


class HandOverDialog(QDialog):
    """Counts, an arrow, and the person. :meth:`receiver` is who gets it all, None for nobody."""

    def __init__(
        self, parent: QWidget, office: Office, person: UserRow, counts: Mapping[str, int], others: Sequence[UserRow]
    ) -> None:
        super().__init__(parent)
        self._person = person
        self._others = {one.id: one for one in others}
        self.counts = dict(counts)
        self.total = sum(counts.values())
        self.setWindowTitle(_("Disable {name}").format(name=person.name))
        mates = sorted(others, key=lambda one: (one.team_id != person.team_id or one.team_id is None, one.name))
        options = [(one.id, f"{one.name} · {one.team}" if one.team else one.name) for one in mates]
        self.to = ChoiceEditor(
            [*options, (NOBODY, _("Nobody: it stays with {name}").format(name=person.name))],
            name=_("Who gets it"), empty=None,
        )  # fmt: skip
        self.to.set_value(mates[0].id if mates and self.total else NOBODY)
        self.to.edited.connect(self._say)
        self.arrows: list[Label] = []
        self.after = Label("", "secondary", "text-muted", wrap=True)
        self.ok = Button("", kind="primary")
        self.ok.clicked.connect(self.accept)
        self._lay_out(office)
        self._say()

    def _lay_out(self, office: Office) -> None:
        head = QHBoxLayout()
        head.setSpacing(px(12))
        head.addWidget(Avatar(self._person.name, 40))
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(Label(_("Disable {name}").format(name=self._person.name), "title", wrap=True))
        text = _(
            "{name} can no longer sign in. What was written stays under the name, and Undo brings everything back."
        )
        column.addWidget(Label(text.format(name=self._person.name), "body", "text-muted", wrap=True))
        head.addLayout(column, 1)
        inner = Plane("surface")
        box = QVBoxLayout(inner)
        box.addLayout(head)
        if self.total:
            line = QHBoxLayout()
            line.setSpacing(px(12))
            line.addWidget(Label(_("Who gets it"), "strong"))
            line.addWidget(self.to, 1)
            box.addLayout(line)
            box.addLayout(self._table(office))
        else:
            box.addWidget(Label(_("There is nothing to hand over."), "body"))
        box.addWidget(self.after)
        margins(inner, 24, 20, 24, 16, 16)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        lay_out_dialog(self, inner, dialog_foot(cancel, self.ok), width=540)

    def _table(self, office: Office) -> QGridLayout:
        """A line for each type of record: how many, and where they go."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(12))
        grid.setVerticalSpacing(px(8))
        for row, name in enumerate(HANDED_OVER):
            count = self.counts.get(name, 0)
            color = "text" if count else "text-disabled"
            spec = office.database.schema.entity(name)
            grid.addWidget(IconLabel(spec.icon, "text-muted" if count else "text-disabled", 16), row, 0)
            grid.addWidget(Label(what(name, count), "name" if count else "body", color), row, 1)
            if count:
                arrow = Label("", "body")
                self.arrows.append(arrow)
                grid.addWidget(IconLabel("ph.arrow-right", color, 14), row, 2, Qt.AlignmentFlag.AlignCenter)
                grid.addWidget(arrow, row, 3)
        grid.setColumnStretch(3, 1)
        return grid

    def receiver(self) -> int | None:
        """The id of who gets the records; None where they stay."""
        chosen = self.to.value()
        return int(chosen) if chosen else None

    def _say(self) -> None:
        receiver = self._others.get(self.receiver() or NOBODY)
        for arrow in self.arrows:
            arrow.setText(
                receiver.name if receiver is not None else _("stays with {name}").format(name=self._person.name)
            )
        if receiver is not None and self.total:
            text = ngettext("Disable and hand {n} record over", "Disable and hand {n} records over", self.total)
            self.ok.setText(text.format(n=format_integer(self.total)))
        else:
            self.ok.setText(_("Disable"))
        self.ok.updateGeometry()
        self.after.setText(
            _("Deals, cases and activities that are done stay with {name}, as they were.").format(
                name=self._person.name
            )
            if receiver is not None and self.total
            else ""
        )
        self.after.setVisible(bool(self.after.text()))
