"""The window for filters of several groups: any of "this and that", or "something else"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.fields import Field
from crm_desktop.core.filters import Condition, Filter, Group, all_of, any_of, conditions
from crm_desktop.core.i18n import _, ngettext
from ui.framework import dialogs
from ui.framework.office import Office
from ui.records.filter_popup import ConditionPopup, FieldPopup, popup_point
from ui.records.filter_words import condition_words, linked_values, read_titles
from ui.records.room import clear_layout
from ui.records.shown import TAGS
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton
from ui.widgets.frames import scrolled
from ui.widgets.labels import Label
from ui.widgets.themed import margins


def alternatives_of(tree: Filter | None) -> list[list[Condition]]:
    """A filter as alternatives, each a list of conditions that hold together."""
    if tree is None:
        return [[]]
    if isinstance(tree, Group) and tree.join == "or":
        return [list(conditions(part)) for part in tree.parts] or [[]]
    return [list(conditions(tree))]


def can_edit(tree: Filter) -> bool:
    """Whether the window can show a filter as it is: any of groups whose conditions all hold."""
    if isinstance(tree, Condition):
        return True
    if tree.join == "and":
        return all(isinstance(part, Condition) for part in tree.parts)
    return all(isinstance(part, Condition) or (part.join == "and" and can_edit(part)) for part in tree.parts)


class FilterDialog(QDialog):
    """Alternatives, each with its conditions. ``filter()`` is what was built; None where nothing is left."""

    def __init__(
        self, parent: QWidget, office: Office, fields: Sequence[Field], tree: Filter | None,
        titles: Mapping[tuple[str, int], str],
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setWindowTitle(_("Filter with alternatives"))
        self._office, self._fields, self._titles = office, list(fields), dict(titles)
        self.alternatives = alternatives_of(tree)
        self._start = self.filter()
        self._box = QVBoxLayout()
        self._box.setSpacing(px(8))
        inner = QWidget()
        inner.setLayout(self._box)
        margins(inner, 0, 0, 8, 0, 8)
        area = scrolled(inner, sideways=True)
        self.found = Label("", "secondary", "text-muted")
        self.apply = Button(_("Apply"), kind="primary")
        self.apply.clicked.connect(self.accept)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addWidget(self.found)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.apply)
        box = QVBoxLayout(self)
        box.addWidget(Label(_("Filter with alternatives"), "section"))
        box.addWidget(
            Label(
                _("A record is shown where everything in one of the boxes holds."), "secondary", "text-muted", wrap=True
            )
        )
        box.addWidget(area, 1)
        box.addLayout(foot)
        margins(self, 24, 20, 24, 16, 8)
        self.setMinimumSize(px(480), px(380))
        self._show()

    def reject(self) -> None:
        """Escape, Cancel and the closing cross: what was built is asked about first."""
        if self.filter() == self._start or dialogs.may_throw_away(self):
            self._start = self.filter()
            super().reject()

    def filter(self) -> Filter | None:
        """What was built."""
        parts = [all_of(*one) for one in self.alternatives if one]
        return any_of(*parts) if parts else None

    # -- what is shown -----------------------------------------------------------------------------------------

    def _show(self, focus: tuple[int, int] | None = None) -> None:
        clear_layout(self._box)
        self.rows: list[list[Button]] = []
        self.adds: list[Button] = []
        for number, alternative in enumerate(self.alternatives):
            if number:
                self._box.addWidget(Label(_("or"), "strong", "accent"))
            self._box.addWidget(self._alternative(number, alternative))
        self.more = Button(_("Or…"), icon="ph.plus", kind="accent", small=True)
        self.more.setAccessibleName(_("Add an alternative"))
        self.more.clicked.connect(self._add_alternative)
        self._box.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeading)
        self._box.addStretch(1)
        self.apply.setEnabled(any(self.alternatives))
        count = sum(map(len, self.alternatives))
        self.found.setText(ngettext("{n} condition", "{n} conditions", count).format(n=count))
        number, place = focus or (len(self.alternatives) - 1, -1)
        row = self.rows[number] if 0 <= number < len(self.rows) else []
        (row[place] if 0 <= place < len(row) else self.adds[min(max(number, 0), len(self.adds) - 1)]).setFocus()
        self._look_up()

    def _alternative(self, number: int, alternative: list[Condition]) -> QWidget:
        frame = QFrame()
        frame.setFrameShape(QFrame.Shape.StyledPanel)
        box = QVBoxLayout(frame)
        buttons: list[Button] = []
        for place, one in enumerate(alternative):
            text = condition_words(one, self._fields, self._titles)
            edit = Button(text, kind="ghost", small=True)
            edit.setAccessibleName(_("Change “{condition}”").format(condition=text))
            edit.clicked.connect(lambda _on=False, place=place, edit=edit: self._edit(number, place, edit))
            remove = IconButton("ph.x", _("Remove “{condition}”").format(condition=text), kind="ghost")
            remove.clicked.connect(lambda _on=False, place=place: self._remove(number, place))
            row = QHBoxLayout()
            row.setSpacing(px(4))
            row.addWidget(Label(_("and"), "secondary", "text-muted") if place else Label("", "secondary"))
            row.addWidget(edit)
            row.addStretch(1)
            row.addWidget(remove)
            box.addLayout(row)
            buttons.append(edit)
        add = Button(_("And…") if alternative else _("Condition…"), icon="ph.plus", kind="accent", small=True)
        add.setAccessibleName(_("Add a condition to alternative {n}").format(n=number + 1))
        add.clicked.connect(lambda _on=False: self._choose(number, add))
        box.addWidget(add, 0, Qt.AlignmentFlag.AlignLeading)
        margins(frame, 12, 8, 8, 8, 4)
        self.rows.append(buttons)
        self.adds.append(add)
        return frame

    def _look_up(self) -> None:
        """The titles of linked records; they come a moment later."""
        tree = self.filter()
        wanted = [one for one in linked_values(tree, self._fields) if one not in self._titles] if tree else []
        if not wanted:
            return
        schema = self._office.database.schema

        def done(found: dict[tuple[str, int], str]) -> None:
            self._titles |= found
            self._show()

        self._office.read(self, lambda connection: read_titles(schema, connection, wanted), done, supersede="titles")

    # -- what is done ------------------------------------------------------------------------------------------

    def _add_alternative(self) -> None:
        if self.alternatives[-1]:
            self.alternatives.append([])
            self._show()
        self._choose(len(self.alternatives) - 1, self.adds[-1])

    def _remove(self, number: int, place: int) -> None:
        del self.alternatives[number][place]
        if not self.alternatives[number] and len(self.alternatives) > 1:
            del self.alternatives[number]
            number, place = min(number, len(self.alternatives) - 1), 0
        self._show((number, min(place, len(self.alternatives[number]) - 1)))

    def _choose(self, number: int, anchor: QWidget) -> None:
        popup = FieldPopup([TAGS, *(one for one in self._fields if one is not TAGS)], _("Filter by…"), self)
        popup.chosen.connect(lambda field: self._open(field, number, None, anchor))
        popup.open_at(popup_point(anchor))

    def _edit(self, number: int, place: int, anchor: QWidget) -> None:
        condition = self.alternatives[number][place]
        name = TAGS.name if condition.field == "@tag" else condition.field
        field = TAGS if name == TAGS.name else next((one for one in self._fields if one.name == name), None)
        if field is not None:
            self._open(field, number, place, anchor)

    def _open(self, field: Field, number: int, place: int | None, anchor: QWidget) -> None:
        given = self.alternatives[number][place] if place is not None else None
        title = ""
        if given is not None and str(given.value).isdigit():
            title = self._titles.get((field.target, int(given.value)), "")
        popup = ConditionPopup(self._office, field, given, title, self)
        popup.applied.connect(lambda made: self.put(number, place, made))
        popup.open_at(popup_point(anchor))

    def put(self, number: int, place: int | None, condition: Condition) -> None:
        """Put a condition into an alternative; at the end of it where ``place`` is None."""
        alternative = self.alternatives[number]
        if place is None:
            alternative.append(condition)
        else:
            alternative[place] = condition
        self._show((number, -1))
