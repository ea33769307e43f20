"""The list that drops from a cell: fields to choose from, or values; found by typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from crm_desktop.core.fields import Field
from crm_desktop.core.i18n import _, translate
from crm_desktop.core.text import fold, words
from ui.importing.draft import Draft
from ui.importing.words import field_label, title_icon
from ui.theme.theme import px
from ui.widgets.labels import Hairline, IconLabel
from ui.widgets.popup import PopupFrame
from ui.widgets.results import Result, ResultList

LEAVE_OUT = "–leave-out"


class FindPopup(PopupFrame):
    """A line to type in and a list below it; ``chosen`` sends the key of the hit."""

    chosen = Signal(object)

    def __init__(
        self, name: str, results: Sequence[Result], *, width: int = 320, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._all = list(results)
        self.line = QLineEdit()
        self.line.setPlaceholderText(name)
        self.line.setAccessibleName(name)
        self.line.setFrame(False)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._filter)
        self.list = ResultList(name, row_height=32)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.chosen.connect(self._choose)
        head = QHBoxLayout()
        head.setContentsMargins(px(16), px(6), px(12), px(6))
        head.setSpacing(px(8))
        head.addWidget(IconLabel("ph.magnifying-glass", "text-muted", 16))
        head.addWidget(self.line, 1)
        self.body.addLayout(head)
        self.body.addWidget(Hairline())
        self.body.addSpacing(px(4))
        self.body.addWidget(self.list)
        self.body.addSpacing(px(4))
        self.setFixedWidth(px(width) + 26)
        self.list.setFixedHeight(min(px(32) * 11, self._height()))
        self._filter("")

    def _height(self) -> int:
        return sum(px(28) if one.group else px(32) for one in self._all) + px(4)

    def open_below(self, widget: QWidget, corner: QPoint, current: Any = None) -> None:
        """Open with its corner at a point of ``widget``, the current choice in view."""
        self.show_at(widget.mapToGlobal(corner))
        for row, one in enumerate(self._all):
            if not one.group and one.key == current:
                self.list.setCurrentIndex(self.list.model().index(row, 0))
                break
        self.line.setFocus()

    def _filter(self, text: str) -> None:
        wanted = words(text)
        shown: list[Result] = []
        heading: Result | None = None
        seen: set[Any] = set()
        for one in self._all:
            if one.group:
                heading = one
                continue
            haystack = fold(f"{one.title} {one.subtitle} {one.data or ''}")
            if not all(word in haystack for word in wanted) or (wanted and one.key in seen):
                continue
            seen.add(one.key)
            if heading is not None and not wanted:
                shown.append(heading)
                heading = None
            shown.append(one)
        if not shown:
            shown = [Result(None, _("Nothing found"), enabled=False)]
        self.list.set_results(shown, wanted)
        self.list.move_current(1, -1)

    def _choose(self, result: Result) -> None:
        self.chosen.emit(result.key)
        self.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}.get(
                Qt.Key(event.key()), 0
            )
            if step:
                for _times in range(abs(step)):
                    self.list.move_current(1 if step > 0 else -1)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
                self.list.choose_current()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close()
                return True
        return super().eventFilter(watched, event)


def field_results(draft: Draft, column: int, schema: Any) -> list[Result]:
    """Every field that a column may go to: the likely ones, then all by section."""
    assert draft.guess is not None and draft.plan is not None
    entity = schema.entity(draft.plan.entity)
    by_name = {one.name: one for one in draft.guess.targets}
    taken = {c.target: c.header for i, c in enumerate(draft.plan.columns) if c.target and i != column}

    def result(field: Field, trailing: str = "") -> Result:
        holder = taken.get(field.name, "")
        icon = title_icon(field, entity, schema)
        words_of = " ".join((field.name, *field.aliases))
        return Result(
            field.name,
            field_label(field),
            icon=icon,
            trailing=trailing or holder,
            trailing_font="secondary",
            data=words_of,
        )

    found = [Result(LEAVE_OUT, _("Do not import"), icon="ph.prohibit")]
    mapped = draft.mapped(column)
    likely = [(name, score) for name, score in mapped.alternatives if name in by_name and score >= 0.3]
    if mapped.target in by_name:
        likely.insert(0, (str(mapped.target), mapped.confidence))
    if likely:
        found.append(Result(None, _("Likely fields"), group=True))
        found += [result(by_name[name], f"{round(score * 100)} %") for name, score in likely]
    sections: dict[str, list[Field]] = {}
    for one in draft.guess.targets:
        sections.setdefault(one.section, []).append(one)
    names = dict(entity.sections)
    for section, fields in sections.items():
        own = section == "custom" or any(one.custom for one in fields)
        title = translate(names[section]) if section in names else _("Own fields") if own else _("More")
        found.append(Result(None, title, group=True))
        found += [result(one) for one in fields]
    return found
