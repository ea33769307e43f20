"""Merging records: side by side, which one stays, and a choice in each line where they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.records import merging
from crm_desktop.records.merge_plan import MergeField, MergePlan, MergeRecord
from ui.framework import dialogs, tasks
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.conflict import Option, Scrim, Side
from ui.records.merge_choice import MergeChoice, sections
from ui.records.saving import plural_text, show_saved
from ui.records.shown import label_of
from ui.theme.theme import px
from ui.widgets.avatar import Avatar
from ui.widgets.buttons import Button, Switch
from ui.widgets.frames import dialog_foot, scrolled
from ui.widgets.labels import ElidedLabel, Hairline, IconLabel, Label, Plane
from ui.widgets.states import BigIcon
from ui.widgets.themed import margins

_LABELS = 168
_NARROWEST = 208
_GAP = 12
_MANY = 2000
"""With more than this hanging on the records, the merge is a job with progress."""


class Cell(Option):
    """One value of one record. Arrows move among the cells, Space takes."""

    moved = Signal(int, int)

    def __init__(self, text: str, other: str, name: str, width: int) -> None:
        broken = text.replace("\n", "\u2028")
        super().__init__(Side(text, broken), other.replace("\n", "\u2028"), name)
        self.setAutoExclusive(False)
        self.setFixedWidth(width)
        self.fit(width - px(48))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        across = -step[0] if self.isRightToLeft() else step[0]
        self.moved.emit(across, step[1])

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if area is not None:
            area.ensureWidgetVisible(self, px(_LABELS + 36), px(24))


class MergeDialog(QDialog):
    """Records as columns. :attr:`choice` holds which one stays and what is taken from whom."""

    def __init__(self, parent: QWidget, plan: MergePlan, what: str) -> None:
        super().__init__(parent)
        self.choice = MergeChoice(plan)
        self.plan, self._what = plan, what
        self.setWindowTitle(_("Merge {what}").format(what=what))
        self._cells: list[list[Cell]] = []
        self._frozen: list[QWidget] = []
        self._rows: dict[str, list[Cell]] = {}
        self.heads: dict[int, QRadioButton] = {}
        self._width = self._column_width(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._top = self._head()
        outer.addWidget(self._top)
        outer.addWidget(Hairline())
        self._bar = self._tools()
        outer.addWidget(self._bar)
        self._names = self._scroller(self._columns())
        outer.addWidget(self._names)
        outer.addWidget(Hairline())
        self.body = QScrollArea()
        self.body.setFrameShape(QFrame.Shape.NoFrame)
        self.body.setWidgetResizable(True)
        self.body.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body.horizontalScrollBar().valueChanged.connect(self._names.horizontalScrollBar().setValue)
        self.body.horizontalScrollBar().valueChanged.connect(lambda _value: self._freeze())
        outer.addWidget(self.body, 1)
        outer.addWidget(Hairline())
        outer.addWidget(self._foot())
        for keys in ("Ctrl+S", "Ctrl+Return"):
            QShortcut(QKeySequence(keys), self, self.accept)
        self._start = (self.choice.winner, dict(self.choice.taken))
        self._fill()
        self._fit(parent)

    def reject(self) -> None:
        """Escape, Cancel and the closing cross: what was chosen is asked about first."""
        chosen = (self.choice.winner, dict(self.choice.taken))
        if chosen == self._start or dialogs.may_throw_away(self):
            self._start = chosen
            super().reject()

    # -- parts -------------------------------------------------------------------------------------------------

    def _column_width(self, parent: QWidget) -> int:
        room = min(px(1160), parent.window().width() - px(48))
        count = len(self.plan.records)
        free = room - px(48) - px(_LABELS) - px(16) - (count + 1) * px(_GAP)
        return max(px(_NARROWEST), min(px(340), free // count))

    def _fit(self, parent: QWidget) -> None:
        window = parent.window()
        inner = self._inner_width() + px(16)
        width = min(inner, window.width() - px(48))
        self.resize(max(width, px(640)), 10)
        self.layout().activate()  # type: ignore[union-attr]
        rest = (
            self._top.heightForWidth(self.width()) + self._bar.sizeHint().height() + self._names.height() + px(64) + 3
        )
        body = self.body.widget()
        wanted = rest + (body.sizeHint().height() if body is not None else 0) + px(8)
        self.resize(max(width, px(640)), max(px(420), min(wanted, window.height() - px(48))))

    def _inner_width(self) -> int:
        return px(48) + px(_LABELS) + px(_GAP) + len(self.plan.records) * (self._width + px(_GAP))

    def _head(self) -> QWidget:
        head = Plane("raised")
        row = QHBoxLayout(head)
        row.addWidget(BigIcon("ph.git-merge", 4, 40, 20))
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(Label(_("Merge {what}").format(what=self._what), "title"))
        self.promise = Label(_promise(self.plan), "body", "text-muted", wrap=True)
        column.addWidget(self.promise)
        row.addLayout(column, 1)
        margins(head, 24, 16, 24, 16, 16)
        return head

    def _tools(self) -> QWidget:
        tools = Plane("raised")
        row = QHBoxLayout(tools)
        row.addWidget(Label(_("Take in every line"), "secondary", "text-muted"))
        self.newest = Button(_("Newest"), small=True)
        self.newest.setToolTip(_("The value of the record that was changed last"))
        self.longest = Button(_("Longest"), small=True)
        self.longest.setToolTip(_("The longest text"))
        self.blanks = Button(_("Only fill blanks"), small=True)
        self.blanks.setToolTip(_("What stays keeps its values; only what it does not say is filled in"))
        for button, action in (
            (self.newest, self.choice.take_newest),
            (self.longest, self.choice.take_longest),
            (self.blanks, self.choice.fill_blanks),
        ):
            button.clicked.connect(lambda _on=False, action=action: self._do(action))
            row.addWidget(button)
        row.addStretch(1)
        words = _("Show equal fields too")
        self.everything = Switch(words)
        self.everything.toggled.connect(lambda _on: self._fill())
        row.addWidget(Label(words, "secondary", "text-muted"))
        row.addWidget(self.everything)
        margins(tools, 24, 8, 24, 8, 8)
        return tools

    def _scroller(self, inner: QWidget) -> QScrollArea:
        area = scrolled(inner, clear=False)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedHeight(inner.sizeHint().height())
        return area

    def _columns(self) -> QWidget:
        """The heads of the columns: who it is, whether it stays, and a way to take all of it."""
        plane = Plane("sunken")
        grid = QGridLayout(plane)
        grid.setContentsMargins(0, px(8), px(24), px(8))
        grid.setHorizontalSpacing(px(_GAP))
        self._stays = _at_start(Label(_("Which one stays"), "strong", wrap=True), "sunken")
        grid.addWidget(self._stays, 0, 0)
        group = QButtonGroup(self)
        for column, record in enumerate(self.plan.records, 1):
            grid.addWidget(self._column_head(record, group), 0, column)
        grid.setColumnStretch(len(self.plan.records) + 1, 1)
        plane.setMinimumWidth(self._inner_width())
        return plane

    def _column_head(self, record: MergeRecord, group: QButtonGroup) -> QWidget:
        cell = QWidget()
        cell.setFixedWidth(self._width)
        radio = QRadioButton()
        radio.setAccessibleName(_("{title} stays").format(title=record.title))
        radio.setToolTip(radio.accessibleName())
        radio.setChecked(record.id == self.choice.winner)
        radio.toggled.connect(lambda on, one=record.id: self._do(lambda: self.choice.stay(one)) if on else None)
        group.addButton(radio)
        self.heads[record.id] = radio
        whole = Button(_("Take all of it"), kind="accent", small=True)
        whole.setAccessibleName(_("Take all of {title}").format(title=record.title))
        whole.setToolTip(whole.accessibleName())
        whole.clicked.connect(lambda: self._do(lambda: self.choice.take_all(record.id)))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(ElidedLabel(record.title, "strong"))
        words.addWidget(ElidedLabel(_told(record), "secondary", "text-muted"))
        words.addWidget(whole, 0, Qt.AlignmentFlag.AlignLeading)
        row = QHBoxLayout(cell)
        row.addWidget(radio, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(Avatar(record.title, 24), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        margins(cell, 12, 4, 0, 0, 8)
        return cell

    def _foot(self) -> QWidget:
        icon = IconLabel("ph.arrow-counter-clockwise", "text-muted", 14)
        words = Label(_("It can be taken apart again at any time."), "secondary", "text-muted")
        back = Button(_("Cancel"), key="Esc")
        back.clicked.connect(self.reject)
        self.merge = Button(_("Merge {what}").format(what=self._what), kind="primary", key="Ctrl+S")
        self.merge.clicked.connect(self.accept)
        self.merge.setDefault(True)
        return dialog_foot(back, self.merge, left=(icon, words), height=64)

    # -- the lines ---------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        """Build the lines anew: other fields are shown, or another record stays."""
        focused = self._focused()
        bars = (self.body.verticalScrollBar(), self.body.horizontalScrollBar())
        at = [bar.value() for bar in bars]
        inner = Plane("raised")
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, px(8), px(24), px(16))
        grid.setHorizontalSpacing(px(_GAP))
        grid.setVerticalSpacing(px(8))
        self._cells, self._rows, self._frozen = [], {}, []
        row = 0
        parts = sections(self.plan, self.everything.isChecked())
        for icon, color, words, fields in parts:
            row = self._section(grid, row, icon, color, words)
            for one in fields:
                row = self._line(grid, row, one)
        if not parts:
            row = self._section(grid, row, "ph.check-circle", "success", _("They say the same in every field."))
        self._children(grid, row)
        grid.setColumnStretch(len(self.plan.records) + 1, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        inner.setMinimumWidth(self._inner_width())
        self.body.setWidget(inner)
        for bar, value in zip(bars, at, strict=True):
            bar.setValue(value)
        self._freeze()
        if focused is not None and focused[0] < len(self._cells):
            self._cells[focused[0]][focused[1]].setFocus()

    def _section(self, grid: QGridLayout, row: int, icon: str, color: str, words: str) -> int:
        cell = Plane("raised")
        line = QHBoxLayout(cell)
        line.addWidget(IconLabel(icon, color, 14))
        line.addWidget(Label(words, "secondary-strong", color), 1)
        margins(cell, 24, 4, 0, 0, 6)
        self._frozen.append(cell)
        grid.addWidget(cell, row, 0, 1, len(self.plan.records) + 2)
        return row + 1

    def _label(self, grid: QGridLayout, row: int, label: Label) -> None:
        cell = _at_start(label, "raised")
        self._frozen.append(cell)
        grid.addWidget(cell, row, 0)

    def _freeze(self) -> None:
        """Keep the names of the fields in sight while the records are scrolled past them."""
        if self.isRightToLeft():
            return
        at = self.body.horizontalScrollBar().value()
        for widget in (*self._frozen, self._stays):
            widget.move(at, widget.y())
            widget.raise_()

    def _line(self, grid: QGridLayout, row: int, one: MergeField) -> int:
        name = label_of(one.field)
        self._label(grid, row, Label(name, "strong", wrap=True))
        group = QButtonGroup(self)
        cells = []
        texts = {identity: self.choice.text(one, identity) for identity in self.choice.ids}
        for column, record in enumerate(self.plan.records):
            cell = Cell(texts[record.id], self._compared(texts, record.id), f"{name}, {record.title}", self._width)
            cell.setChecked(self.choice.taken[one.name] == record.id)
            cell.setEnabled(not one.fixed or cell.isChecked())
            cell.toggled.connect(partial(self._take, one.name, record.id))
            place = (len(self._cells), column)
            cell.moved.connect(lambda x, y, place=place: self._move(place, x, y))
            group.addButton(cell)
            cells.append(cell)
            grid.addWidget(cell, row, column + 1, Qt.AlignmentFlag.AlignTop)
        height = max(cell.height() for cell in cells)
        for cell in cells:
            cell.setFixedHeight(height)
        self._cells.append(cells)
        self._rows[one.name] = cells
        return row + 1

    def _compared(self, texts: dict[int, str], identity: int) -> str:
        """The text that a cell's differing characters are marked against: that of the record that stays."""
        mine = texts[identity]
        against = texts[self.choice.winner]
        if identity == self.choice.winner:
            against = next((text for text in texts.values() if text and text != mine), mine)
        return against or mine

    def _children(self, grid: QGridLayout, row: int) -> None:
        if not self.plan.children:
            return
        row = self._section(grid, row, "ph.git-merge", "text-muted", _("Comes together on the one that stays"))
        for kind in self.plan.children:
            words = _("{what}: {count}").format(what=translate(kind.label), count=formats.format_integer(kind.total))
            self._label(grid, row, Label(words, "body", wrap=True))
            for column, record in enumerate(self.plan.records, 1):
                number = kind.counts.get(record.id, 0)
                text = formats.format_integer(number) if number else "–"
                grid.addWidget(Label(text, "body", "text-muted"), row, column)
            row += 1

    def _focused(self) -> tuple[int, int] | None:
        for row, cells in enumerate(self._cells):
            for column, cell in enumerate(cells):
                if cell.hasFocus():
                    return row, column
        return None

    def _move(self, place: tuple[int, int], across: int, down: int) -> None:
        row, column = place[0] + down, place[1] + across
        while 0 <= row < len(self._cells) and 0 <= column < len(self._cells[row]):
            if self._cells[row][column].isEnabled():
                self._cells[row][column].setFocus(Qt.FocusReason.OtherFocusReason)
                return
            row, column = row + down, column + across

    def _do(self, action: Callable[[], object]) -> None:
        action()
        self._fill()

    def _take(self, name: str, identity: int, on: bool) -> None:
        if on:
            self.choice.take(name, identity)

    def cells_of(self, name: str) -> list[Cell]:
        """The cells of a field's line, in the order of the records."""
        return self._rows.get(name, [])

    def sizeHint(self) -> QSize:
        return self.size()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._fill()


def _at_start(label: Label, color: str) -> QWidget:
    """A name at the start of a line, on a ground of its own, so that cells pass under it."""
    cell = Plane(color)
    row = QHBoxLayout(cell)
    row.addWidget(label)
    margins(cell, 24, 0, 0, 0, 0)
    cell.setFixedWidth(px(24) + px(_LABELS))
    return cell


def _promise(plan: MergePlan) -> str:
    """What comes together, in a sentence."""
    total = sum(kind.total for kind in plan.children)
    words = ngettext(
        "Choose what stays. {n} thing that hangs on them comes together; nothing is lost.",
        "Choose what stays. {n} things that hang on them come together; nothing is lost.", total,
    )  # fmt: skip
    return words.format(n=formats.format_integer(total))


def _told(record: MergeRecord) -> str:
    when = formats.format_relative(record.touched_at)
    fields = ngettext("{n} field", "{n} fields", record.filled).format(n=record.filled)
    return _("{fields}, changed {when}").format(fields=fields, when=when)


def open_merge(
    owner: QWidget, office: Office, navigator: Navigator, entity: str, ids: Sequence[int],
    done: Callable[[int], None] | None = None,
) -> None:  # fmt: skip
    """Let the person merge records and show the one that stays.

    Args:
        done: called with its id once they are one, instead of showing it.
    """
    spec = office.database.schema.entity(entity)
    what = plural_text(spec, len(ids))

    def ask(plan: MergePlan) -> None:
        scrim = Scrim(owner.window())
        dialog = MergeDialog(owner, plan, what)
        accepted = dialogs.run_dialog(dialog)
        scrim.deleteLater()
        dialog.deleteLater()
        if accepted:
            save(dialog.choice)

    def save(choice: MergeChoice) -> None:
        def work(uow: Any, progress: Progress | None = None) -> merging.MergeResult:
            return merging.merge_records(uow, entity, choice.winner, choice.losers, choice.values(), progress=progress)

        def job(progress: Progress) -> merging.MergeResult:
            with office.unit_of_work(merging.OTHER_TITLE, kind="merge") as uow:
                return work(uow, progress)

        if sum(kind.total for kind in choice.plan.children) > _MANY:
            tasks.run_job(_("Merging {what}").format(what=what), job, merged, owner=owner)
        else:
            stays = next((one.title for one in choice.plan.records if one.id == choice.winner), "")
            named = {"count": len(choice.losers) + 1, "title": stays}
            office.write(owner, merging.OTHER_TITLE, work, merged, params=named, kind="merge")

    def merged(result: merging.MergeResult) -> None:
        show_saved(owner, navigator, _("{what} merged into {title}").format(what=what, title=result.title))
        if done is not None:
            done(result.winner_id)
        else:
            navigator.open_record(entity, result.winner_id)

    office.read(owner, lambda connection: merging.plan_merge(office.database, connection, entity, ids), ask)
