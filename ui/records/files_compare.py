"""Two revisions of a file side by side: texts with their differences marked, pictures, or what is known of the rest."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCursor, QTextFormat
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTextEdit, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.records.files_service import FileRow, Revision
from ui.framework import dialogs
from ui.framework.office import Office
from ui.records.files_preview import ImageView, TextView
from ui.records.files_shown import Readers, Shown, show_file
from ui.theme.theme import px, theme
from ui.widgets.labels import Hairline, Label
from ui.widgets.states import StateStack
from ui.widgets.themed import margins, on_theme

_MOST_LINES = 20_000


@dataclass(frozen=True)
class Pair:
    """A line of the older and of the newer text, beside each other; None where one of them has none."""

    old: str | None
    new: str | None

    @property
    def differs(self) -> bool:
        """Whether it is to be marked."""
        return self.old != self.new


@dataclass(frozen=True)
class Comparison:
    """Two revisions made visible; ``pairs`` where both are texts."""

    old: Shown
    new: Shown
    pairs: Sequence[Pair] = ()


def compare(
    connection: Any, row: FileRow, old: Revision, new: Revision, readers: Readers
) -> Comparison:  # fmt: skip
    """Read two revisions and find what is different."""
    left, right = (show_file(connection, row.id, one.revision, one.size, readers) for one in (old, new))
    pairs: Sequence[Pair] = ()
    if left.kind == right.kind == "text":
        pairs = pair_lines(left.text.splitlines()[:_MOST_LINES], right.text.splitlines()[:_MOST_LINES])
    return Comparison(left, right, pairs)


def pair_lines(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """The lines of two texts, equal ones beside each other."""
    pairs: list[Pair] = []
    for op, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > 4000).get_opcodes():
        if op == "equal":
            pairs += [Pair(line, line) for line in old[a:b]]
            continue
        for step in range(max(b - a, d - c)):
            pairs.append(Pair(old[a + step] if a + step < b else None, new[c + step] if c + step < d else None))
    return pairs


class CompareDialog(QDialog):
    """Shows the older revision at the start and the newer one at the end."""

    def __init__(self, office: Office, row: FileRow, old: Revision, new: Revision, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Compare {name}").format(name=row.name))
        self._row, self._old, self._new = row, old, new
        self.body = QWidget()
        self._columns = QHBoxLayout(self.body)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.setSpacing(0)
        self.summary = Label("", "body", "text-muted")
        self.state = StateStack(self.body, loading="lines")
        head = QWidget()
        line = QHBoxLayout(head)
        line.addWidget(Label(row.name, "section"))
        line.addStretch(1)
        line.addWidget(self.summary)
        margins(head, 16, 12, 16, 12)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(Hairline())
        box.addWidget(self.state, 1)
        dialogs.resize_within(self, 980, 640)
        self.texts: list[TextView] = []
        readers = office.file_texts
        self.state.show_loading()
        office.read(
            self, lambda connection: compare(connection, row, old, new, readers), self._show, self.state.show_error
        )

    def _show(self, found: Comparison) -> None:
        if found.pairs or found.old.kind == found.new.kind == "text":
            self._show_texts(found.pairs)
        else:
            for revision, shown in ((self._old, found.old), (self._new, found.new)):
                self._add(revision, _view_of(revision, shown))
            same = self._old.sha256 == self._new.sha256
            self.summary.setText(_("The contents are the same") if same else _("The contents are different"))
        self.state.show_content()

    def _show_texts(self, pairs: Sequence[Pair]) -> None:
        for revision, old_side in ((self._old, True), (self._new, False)):
            view = TextView()
            view.setLineWrapMode(TextView.LineWrapMode.NoWrap)
            lines = [(pair.old if old_side else pair.new) or "" for pair in pairs]
            view.setPlainText("\n".join(lines))
            view.setAccessibleName(_title(revision))
            on_theme(view, lambda view=view, old_side=old_side: _mark(view, pairs, old_side))  # type: ignore[misc]
            self.texts.append(view)
            self._add(revision, view)
        left, right = self.texts
        for one, other in ((left, right), (right, left)):
            one.verticalScrollBar().valueChanged.connect(other.verticalScrollBar().setValue)
            one.horizontalScrollBar().valueChanged.connect(other.horizontalScrollBar().setValue)
        count = sum(pair.differs for pair in pairs)
        if count:
            self.summary.setText(ngettext("{n} line differs", "{n} lines differ", count).format(n=count))
            first = next(number for number, pair in enumerate(pairs) if pair.differs)
            cursor = QTextCursor(right.document().findBlockByNumber(first))
            right.setTextCursor(cursor)
            right.centerCursor()
        else:
            self.summary.setText(_("The texts are the same"))

    def _add(self, revision: Revision, view: QWidget) -> None:
        column = QWidget()
        box = QVBoxLayout(column)
        box.setSpacing(0)
        box.setContentsMargins(0, 0, 0, 0)
        title = Label(_title(revision), "secondary", "text-muted")
        title.setContentsMargins(px(12), px(8), px(12), px(8))
        box.addWidget(title)
        box.addWidget(view, 1)
        if self._columns.count():
            self._columns.addWidget(Hairline(vertical=True))
        self._columns.addWidget(column, 1)


def _title(revision: Revision) -> str:
    parts = [_("Revision {n}").format(n=revision.revision), formats.format_datetime(revision.at), revision.by]
    return " · ".join(part for part in parts if part)


def _view_of(revision: Revision, shown: Shown) -> QWidget:
    if shown.kind == "image":
        view = ImageView()
        view.set_image(shown.image)
        view.setAccessibleName(_title(revision))
        return view
    lines = [formats.format_size(revision.size), f"SHA-256 {revision.sha256}", shown.note]
    label = Label("\n".join(line for line in lines if line), "body", wrap=True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    label.setContentsMargins(px(12), px(8), px(12), px(8))
    return label


def _mark(view: TextView, pairs: Sequence[Pair], old_side: bool) -> None:
    """Paint the lines that are different: what went red, what came green, what is missing grey."""
    marks = []
    for number, pair in enumerate(pairs):
        if not pair.differs:
            continue
        missing = (pair.old if old_side else pair.new) is None
        color = "hover" if missing else "danger-soft" if old_side else "success-soft"
        mark = QTextEdit.ExtraSelection()
        mark.format.setBackground(QColor(theme().color(color)))
        mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        mark.cursor = QTextCursor(view.document().findBlockByNumber(number))
        marks.append(mark)
    view.setExtraSelections(marks)
