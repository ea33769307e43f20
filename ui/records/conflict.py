"""When two people changed the same field: before, mine and theirs side by side, and a choice for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QShortcut,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from crm_desktop.core.errors import EditConflict
from crm_desktop.core.fields import LINK_KINDS, Field
from crm_desktop.core.formats import format_relative
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.records import custom, queries
from ui.framework import dialogs
from ui.framework.office import Office
from ui.records.shown import label_of, text_of
from ui.theme.paint import fill_round, frame_round
from ui.theme.style import draw_radio
from ui.theme.theme import px, theme
from ui.widgets.avatar import Avatar
from ui.widgets.buttons import Button
from ui.widgets.frames import dialog_foot
from ui.widgets.labels import Hairline, IconLabel, Label, Plane
from ui.widgets.states import BigIcon
from ui.widgets.themed import margins, on_theme

OnSolved = Callable[[Mapping[str, Any], str], None]
"""(chosen values by field, the text that was left out) is called once the person chose."""


@dataclass(frozen=True)
class Side:
    """A value of one side: as stored and in words."""

    value: Any
    text: str


@dataclass(frozen=True)
class Disputed:
    """A field that both changed."""

    field: Field
    base: Side
    mine: Side
    theirs: Side


@dataclass(frozen=True)
class Joined:
    """A field that only one changed: it is kept without asking."""

    label: str
    base: str
    mine: str
    theirs: str


class MarkedText(QWidget):
    """A text whose differing characters stand on ``mark``."""

    def __init__(self, text: str, other: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text or "–"
        self._marks = differing(other, text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def _layout_for(self, width: int) -> tuple[QTextLayout, float]:
        layout = QTextLayout(self._text, theme().font("body"))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        formats = []
        for start, length in self._marks:
            made = QTextLayout.FormatRange()
            made.start, made.length = start, length
            style = QTextCharFormat()
            style.setBackground(theme().color("mark"))
            made.format = style
            formats.append(made)
        layout.setFormats(formats)
        layout.beginLayout()
        height = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, px(40)))
            line.setPosition(_point(0, height))
            height += max(line.height(), px(20))
        layout.endLayout()
        return layout, height

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(self._layout_for(width)[1])

    def sizeHint(self) -> QSize:
        return QSize(px(220), self.heightForWidth(px(220)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        layout, height = self._layout_for(self.width())
        painter.setPen(theme().color("text"))
        layout.draw(painter, _point(0, (self.height() - height) / 2 + px(2)))


def _point(x: float, y: float) -> Any:
    return QRectF(x, y, 0, 0).topLeft()


def differing(base: str, text: str) -> list[tuple[int, int]]:
    """(start, length) of what is in ``text`` and not in ``base``, whole where hardly anything is the same."""
    matcher = SequenceMatcher(None, base, text, autojunk=False)
    if matcher.ratio() < 0.5:
        return [(0, len(text))] if text else []
    return [(b, e - b) for op, _a, _c, b, e in matcher.get_opcodes() if op in ("insert", "replace")]


class Option(QRadioButton):
    """A value to choose: a frame that is checked as a whole."""

    def __init__(self, side: Side, other: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.side = side
        self.setAccessibleName(f"{name}: {side.text or _('empty')}")
        row = QHBoxLayout(self)
        self._text = MarkedText(side.text, other)
        self._text.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(self._text)
        margins(self, 36, 8, 12, 8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def fit(self, width: int) -> None:
        """Be as high as the text needs at a width."""
        self.setFixedHeight(max(px(40), self._text.heightForWidth(width) + px(16)))

    def sizeHint(self) -> QSize:
        return QSize(px(280), px(40))

    def hitButton(self, _pos: Any) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.isChecked():
            frame_round(painter, self.rect(), px(6), "accent", "accent-soft", width=2)
        else:
            frame_round(painter, self.rect(), px(6), "border-strong", "raised")
        side = px(16)
        draw_radio(theme(), painter, QRect(px(12), (self.height() - side) // 2, side, side), self.isChecked())
        if self.hasFocus():
            frame_round(painter, self.rect().adjusted(2, 2, -2, -2), px(5), "focus")


class _Added(QWidget):
    """A value that was joined: on the soft green of what is new."""

    def __init__(self, text: str) -> None:
        super().__init__()
        box = QHBoxLayout(self)
        box.addWidget(Label(text, "body", "success"))
        margins(self, 4, 0, 4, 0)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        fill_round(QPainter(self), self.rect(), px(4), "success-soft")


class Scrim(QWidget):
    """Dims a window behind a dialog."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(theme().color("scrim")))


class ConflictDialog(QDialog):
    """Three columns; :meth:`chosen` gives the values, :meth:`left_out` what was not taken."""

    saved = Signal()

    def __init__(
        self, parent: QWidget, what: str, title: str, mine_name: str, their_name: str, disputed: list[Disputed],
        joined: list[Joined], their_time: datetime | None = None, *, notes: bool = True,
    ) -> None:  # fmt: skip
        """``notes``: what is left out may be kept as a note, since this is a record with a timeline."""
        super().__init__(parent)
        self.setWindowTitle(_("Two people changed this"))
        self.disputed = disputed
        self._groups: dict[str, QButtonGroup] = {}
        self._options: dict[str, tuple[Option, Option]] = {}
        them = their_name or _("Somebody else")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._head(what, title, them, joined))
        outer.addWidget(Hairline())
        self._grid = QGridLayout()
        body = Plane("raised")
        body.setLayout(self._grid)
        on_theme(body, self._measure)
        row = self._columns(mine_name, them, their_time)
        row = self._section(row, "ph.warning", "warning", _("Choose a value in each line"))
        for both in disputed:
            row = self._dispute(row, both)
        self.keep = QCheckBox(_("Keep what is left out as a note in the timeline"))
        self.keep.setChecked(notes)
        self.keep.setVisible(notes)
        self._grid.addWidget(self.keep, row, 2, 1, 2)
        row += 1
        if joined:
            row = self._section(row, "ph.check-circle", "success", _("Joined without conflict"))
            for one in joined:
                row = self._join(row, one)
        outer.addWidget(body)
        outer.addWidget(Hairline())
        outer.addWidget(self._foot(them))
        for keys in ("Ctrl+S", "Ctrl+Return"):
            QShortcut(QKeySequence(keys), self, self.accept)
        width = min(px(992), self.screen().availableGeometry().width() - px(32))
        for options in self._options.values():
            for option in options:
                option.fit((width - px(96)) * 5 // 15 - px(72))
        self.setFixedWidth(width)
        self.resize(width, self.layout().totalHeightForWidth(width))  # type: ignore[union-attr]

    def _measure(self) -> None:
        self._grid.setContentsMargins(px(24), px(12), px(24), px(16))
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(12))
        for column, share in enumerate((2, 3, 5, 5)):
            self._grid.setColumnStretch(column, share)
        self._grid.setColumnMinimumWidth(1, px(104))

    def _head(self, what: str, title: str, them: str, joined: list[Joined]) -> QWidget:
        head = Plane("raised")
        row = QHBoxLayout(head)
        row.addWidget(BigIcon("ph.git-merge", 4, 40, 20))
        column = QVBoxLayout()
        column.setSpacing(0)
        text = _("{name} saved this {what} while you were editing")
        column.addWidget(Label(text.format(name=them, what=what), "title", wrap=True))
        parts = [title]
        if joined:
            words = ngettext("{n} field was joined by itself.", "{n} fields were joined by themselves.", len(joined))
            parts.append(words.format(n=len(joined)))
        words = ngettext(
            "{n} field was changed by both of you.", "{n} fields were changed by both of you.", len(self.disputed)
        )
        parts.append(words.format(n=len(self.disputed)) + " " + _("Nothing is lost."))
        column.addWidget(Label(". ".join(parts[:1]) + ". " + " ".join(parts[1:]), "body", "text-muted", wrap=True))
        row.addLayout(column, 1)
        row.addWidget(Avatar(them, 32))
        margins(head, 24, 20, 24, 20, 16)
        return head

    def _columns(self, mine_name: str, them: str, when: datetime | None) -> int:
        self._grid.addWidget(Label(_("Before"), "strong"), 0, 1)
        theirs = _("saved {time}").format(time=format_relative(when, with_time=True)) if when is not None else ""
        for column, (name, text, note) in enumerate(
            (
                (mine_name, _("My version"), _("now, not saved yet")),
                (them, _("Version of {name}").format(name=them), theirs),
            ),
            2,
        ):
            cell = QWidget()
            row = QHBoxLayout(cell)
            row.addWidget(Avatar(name, 24))
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(Label(text, "strong"))
            if note:
                words.addWidget(Label(note, "secondary", "text-muted"))
            row.addLayout(words, 1)
            margins(cell, 0, 0, 0, 0, 8)
            self._grid.addWidget(cell, 0, column)
        self._grid.addWidget(Hairline(), 1, 0, 1, 4)
        return 2

    def _section(self, row: int, icon: str, color: str, text: str) -> int:
        cell = QWidget()
        line = QHBoxLayout(cell)
        line.addWidget(IconLabel(icon, color, 14))
        line.addWidget(Label(text, "secondary-strong", color), 1)
        margins(cell, 0, 0, 0, 0, 6)
        self._grid.addWidget(cell, row, 0, 1, 4)
        return row + 1

    def _dispute(self, row: int, one: Disputed) -> int:
        name = label_of(one.field)
        self._grid.addWidget(Label(name, "strong", wrap=True), row, 0)
        self._grid.addWidget(Label(one.base.text or _("empty"), "body", "text-muted", wrap=True), row, 1)
        mine = Option(one.mine, one.base.text, f"{name}, {_('My version')}")
        theirs = Option(one.theirs, one.base.text, name)
        group = QButtonGroup(self)
        group.addButton(mine)
        group.addButton(theirs)
        mine.setChecked(True)
        self._groups[one.field.name] = group
        self._options[one.field.name] = (mine, theirs)
        self._grid.addWidget(mine, row, 2)
        self._grid.addWidget(theirs, row, 3)
        return row + 1

    def _join(self, row: int, one: Joined) -> int:
        self._grid.addWidget(Label(one.label, "strong"), row, 0)
        self._grid.addWidget(Label(one.base or _("empty"), "body", "text-muted", wrap=True), row, 1)
        for column, (text, changed) in enumerate(
            ((one.mine, one.mine != one.base), (one.theirs, one.theirs != one.base)), 2
        ):
            cell: QWidget = _Added(text or _("empty")) if changed else Label(_("no change"), "body", "text-muted")
            self._grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignLeft)
        return row + 1

    def _foot(self, them: str) -> QWidget:
        back = Button(_("Back to editing"), key="Esc")
        back.clicked.connect(self.reject)
        mine = Button(_("All mine"))
        mine.clicked.connect(lambda: self.take(0))
        theirs = Button(_("All of {name}").format(name=them))
        theirs.clicked.connect(lambda: self.take(1))
        self.save = Button(_("Save the result"), kind="primary", key="Ctrl+S")
        self.save.clicked.connect(self.accept)
        return dialog_foot(back, mine, theirs, self.save, height=64)

    def take(self, side: int) -> None:
        """Choose mine (0) or theirs (1) in every line."""
        for options in self._options.values():
            options[side].setChecked(True)

    def chosen(self) -> dict[str, Any]:
        """The chosen value of every disputed field."""
        return {
            name: (mine if mine.isChecked() else theirs).side.value for name, (mine, theirs) in self._options.items()
        }

    def left_out(self) -> str:
        """The values that were not taken, one to a line; "" where they are not to be kept."""
        if not self.keep.isChecked():
            return ""
        lines = []
        for one in self.disputed:
            mine, theirs = self._options[one.field.name]
            other = theirs if mine.isChecked() else mine
            if other.side.text:
                lines.append(f"{label_of(one.field)}: {other.side.text}")
        return "\n".join(lines)


def solve_conflict(
    owner: QWidget, office: Office, error: EditConflict, title: str, mine: Mapping[str, Any],
    shown: Mapping[str, Any], solved: OnSolved, back: Callable[[], object] | None = None,
) -> None:  # fmt: skip
    """Ask which values to keep and hand them to ``solved``.

    Args:
        mine: everything that was to be saved, links as ids.
        shown: the values that the person saw when beginning.
        back: called where the person goes back to editing; the editor is open still where None.
    """
    database, entity = office.database, error.entity

    def read(connection: Any) -> tuple[list[Disputed], list[Joined], str, datetime | None]:
        fields = {one.name: one for one in custom.fields_of(database, entity, connection)}
        now = queries.get_record(database, connection, entity, error.record_id)
        disputed = []
        for name, values in error.fields.items():
            sides = [_side(database, connection, fields[name], value) for value in values]
            disputed.append(Disputed(fields[name], *sides))
        joined = _joined(database, connection, fields, mine, shown, now.values, set(error.fields))
        who = now.values.get("updated_by")
        return disputed, joined, str(who) if who else "", now.values.get("updated_at")

    def ask(found: tuple[list[Disputed], list[Joined], str, datetime | None]) -> None:
        disputed, joined, who, when = found
        spec = database.schema.entity(entity)
        what = translate(spec.label).lower()
        scrim = Scrim(owner.window())
        dialog = ConflictDialog(owner, what, title, office.actor.name or _("Me"), who, disputed, joined, when)
        accepted = dialogs.run_dialog(dialog)
        scrim.deleteLater()
        if accepted:
            solved(dialog.chosen(), dialog.left_out())
        elif back is not None:
            back()
        dialog.deleteLater()

    office.read(owner, read, ask)


def _side(database: Any, connection: Any, field: Field, value: Any) -> Side:
    row: dict[str, Any] = {field.name: value}
    if field.kind in LINK_KINDS:
        queries.resolve_links(database.schema, connection, [field], [row])
    return Side(value, text_of(field, row[field.name]))


def _joined(
    database: Any, connection: Any, fields: Mapping[str, Field], mine: Mapping[str, Any], shown: Mapping[str, Any],
    now: Mapping[str, Any], disputed: set[str],
) -> list[Joined]:  # fmt: skip
    """Fields that only one side changed, with what stands on each side."""
    result = []
    for name, field in fields.items():
        if name in disputed or field.system or field.computed or name not in shown:
            continue
        base = text_of(field, shown[name])
        theirs = text_of(field, now.get(name))
        own = _side(database, connection, field, mine[name]).text if name in mine else base
        if own != base or theirs != base:
            result.append(Joined(label_of(field), base, own, theirs))
    return result
