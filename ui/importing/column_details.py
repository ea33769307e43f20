"""The current column in full: samples before and after, how its values fit, and the fields it could go to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from crm_desktop.core.fields import DATE_KINDS, NUMERIC_KINDS, Field, Kind
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.importing.plan import BOTH, UPDATE
from crm_desktop.importing.targets import EXTERNAL_ID, TAGS, remarks_field
from ui.importing import draft as drafts
from ui.importing.added_box import AddedBox
from ui.importing.checks import ADJUSTED, BAD, CHECKED_ROWS, GOOD, ColumnCheck, SampleCell, shown_cell
from ui.importing.draft import Draft
from ui.importing.parts import STATE_ICONS, Candidate, CandidateList, SampleBox, StackBar
from ui.importing.session import ImportSession
from ui.importing.words import field_label, title_icon
from ui.theme.theme import px
from ui.widgets.badges import Badge
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import ElidedLabel, IconLabel, Label, Link
from ui.widgets.themed import margins

_MOST_CANDIDATES = 4


class ColumnDetails(QScrollArea):
    """What the right side shows. ``target_chosen`` sends (column, field name); ``errors_wanted`` the column;
    ``option_chosen`` (column, option, value)."""

    target_chosen = Signal(int, str)
    errors_wanted = Signal(int)
    option_chosen = Signal(int, str, object)
    keep_chosen = Signal(bool)

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.column = -1
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self._inside = inside = QWidget()
        self._box = QVBoxLayout(inside)
        self.name = ElidedLabel("", "section")
        self.badge = Badge("", "neutral")
        self.filled = Label("", "secondary", "text-muted")
        self.place = Label("", "secondary", "text-muted", wrap=True)
        self.added = AddedBox(session)
        self._add_head()
        self.samples_title = Label("", "strong")
        self.samples = SampleBox()
        self.test_title = Label("", "strong")
        self.see = Link("", "name")
        self.see.activated.connect(lambda: self.errors_wanted.emit(self.column))
        self.bar = StackBar()
        self.tally = _Tally()
        self.likely_title = Label("", "strong")
        self.likely = CandidateList()
        self.likely.chosen.connect(lambda name: self.target_chosen.emit(self.column, name))
        self.order = _Option("date_order")
        self.decimal = _Option("decimal")
        self.blanks = _Option("blanks")
        for option in (self.order, self.decimal, self.blanks):
            option.chosen.connect(lambda key, value: self.option_chosen.emit(self.column, key, value))
        self.keep = _WrappedCheck()
        self.keep.box.clicked.connect(self.keep_chosen.emit)
        self._add_body()
        margins(inside, 20, 16, 16, 16, 0)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)

    def _add_head(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(px(8))
        line.addWidget(self.name)
        line.addWidget(self.badge)
        line.addStretch(1)
        line.addWidget(self.filled)
        self._box.addLayout(line)
        self._box.addSpacing(px(2))
        self._box.addWidget(self.place)
        self._box.addWidget(self.added)

    def _add_body(self) -> None:
        self._box.addSpacing(px(20))
        self._box.addWidget(self.samples_title)
        self._box.addSpacing(px(8))
        self._box.addWidget(self.samples)
        self._test = QWidget()
        test = QVBoxLayout(self._test)
        test.setContentsMargins(0, px(20), 0, 0)
        test.setSpacing(px(6))
        line = QHBoxLayout()
        line.addWidget(self.test_title)
        line.addStretch(1)
        line.addWidget(self.see)
        test.addLayout(line)
        test.addWidget(self.bar)
        test.addWidget(self.tally)
        self._box.addWidget(self._test)
        self._box.addSpacing(px(20))
        self._box.addWidget(self.likely_title)
        self._box.addSpacing(px(8))
        self._box.addWidget(self.likely)
        self._box.addSpacing(px(12))
        for widget in (self.order, self.decimal, self.blanks, self.keep):
            self._box.addWidget(widget)
            self._box.addSpacing(px(4))
        self._box.addStretch(1)

    # -- showing -----------------------------------------------------------------------------------------------

    def show_column(self, draft: Draft, column: int) -> None:
        """Show a column of the file."""
        self.column = column
        self._inside.setVisible(column >= 0)
        self.added.show_column(draft, column)
        if column < 0:
            return
        planned, guess, target = draft.planned(column), draft.columns()[column], draft.target(column)
        check = draft.checks.get(column)
        self.name.setText(planned.header)
        self._show_state(draft.state(column))
        filled = ngettext("{n} filled", "{n} filled", guess.filled).format(n=format_integer(guess.filled))
        self.filled.setText(filled)
        self.place.setText(self._place(draft, column))
        self._show_samples(draft, column, check, target)
        self._show_test(check, target, draft.guess.file.best.rows if draft.guess else 0)
        self._show_likely(draft, column, target)
        self._show_options(draft, column, target)

    def _show_state(self, state: str) -> None:
        words = {
            drafts.RECOGNISED: (_("recognised"), "success", "ph.check-circle"),
            drafts.CHECK: (_("check"), "warning", "ph.warning"),
            drafts.UNDECIDED: (_("choose"), "warning", "ph.question"),
            drafts.OUT: (_("left out"), "neutral", "ph.minus-circle"),
        }
        text, kind, icon = words[state]
        self.badge.set_kind(kind, icon)
        self.badge.setText(text)

    @staticmethod
    def _place(draft: Draft, column: int) -> str:
        headers = [one.header for one in draft.columns()]
        text = _("Column {n} of {all}.").format(n=column + 1, all=len(headers))
        before = headers[column - 1] if column else ""
        after = headers[column + 1] if column + 1 < len(headers) else ""
        if before and after:
            return text + " " + _("Between {before} and {after} in the file.").format(before=before, after=after)
        if after:
            return text + " " + _("Before {after} in the file.").format(after=after)
        return text + (" " + _("After {before} in the file.").format(before=before) if before else "")

    def _show_samples(self, draft: Draft, column: int, check: ColumnCheck | None, target: Field | None) -> None:
        samples = check.samples if check is not None else ()
        if not samples:
            raw = [value for value in draft.columns()[column].samples[:5] if value not in (None, "")]
            samples = tuple(SampleCell(0, shown_cell(value), "") for value in raw)
        mapped = target is not None and check is not None
        self.samples_title.setText(
            ngettext("{n} sample, before and after", "{n} samples, before and after", len(samples)).format(
                n=len(samples)
            )
            if mapped
            else ngettext("{n} sample", "{n} samples", len(samples)).format(n=len(samples))
        )
        self.samples_title.setVisible(bool(samples))
        self.samples.setVisible(bool(samples))
        self.samples.set_samples(samples, mapped=mapped)

    def _show_test(self, check: ColumnCheck | None, target: Field | None, rows: int) -> None:
        shown = check is not None and target is not None and check.filled > 0
        self._test.setVisible(shown)
        if check is None or target is None or not shown:
            return
        title = _("Type test: {kind}").format(kind=kind_word(target))
        if rows > CHECKED_ROWS and not check.whole:
            title = _("{test}, first {n} rows").format(test=title, n=format_integer(CHECKED_ROWS))
        self.test_title.setText(title)
        self.see.setText(ngettext("See the {n}", "See the {n}", check.bad).format(n=format_integer(check.bad)))
        self.see.setVisible(check.bad > 0)
        parts = [(check.good, "success"), (check.adjusted, "warning"), (check.bad, "danger")]
        told = self.tally.set_counts(check)
        self.bar.set_parts(parts, told)

    def _show_likely(self, draft: Draft, column: int, target: Field | None) -> None:
        assert draft.plan is not None
        entity = self.session.schema.entity(draft.plan.entity)
        mapped = draft.mapped(column)
        scores = dict(mapped.alternatives)
        if mapped.target:
            scores[mapped.target] = mapped.confidence
        if target is not None and target.name not in scores:
            scores[target.name] = 1.0
        found = []
        for name, score in sorted(scores.items(), key=lambda item: -item[1]):
            one = draft.field_named(name)
            if one is not None and (score >= 0.25 or one == target):
                icon = title_icon(one, entity, self.session.schema)
                found.append(Candidate(name, field_label(one), icon, score))
        kept = found[:_MOST_CANDIDATES]
        if target is not None and all(one.name != target.name for one in kept):
            kept[-1:] = [one for one in found if one.name == target.name]
        self.likely_title.setText(_("Likely fields"))
        self.likely_title.setVisible(bool(kept))
        self.likely.setVisible(bool(kept))
        self.likely.set_candidates(kept, target.name if target else "")

    def _show_options(self, draft: Draft, column: int, target: Field | None) -> None:
        assert draft.plan is not None and draft.guess is not None
        planned, kind = draft.planned(column), target.kind if target else None
        self.order.setVisible(kind in DATE_KINDS)
        self.order.show_options(
            _("Order of dates"), _("as in this region"), planned.date_order,
            [("dmy", _("day, month, year")), ("mdy", _("month, day, year")), ("ymd", _("year, month, day"))],
        )  # fmt: skip
        self.decimal.setVisible(kind in NUMERIC_KINDS)
        self.decimal.show_options(
            _("Decimal mark"), _("as each cell says"), planned.decimal, [(",", _("comma")), (".", _("point"))]
        )
        changes = (
            target is not None and not target.required and not target.system and target.name not in (TAGS, EXTERNAL_ID)
        )
        self.blanks.setVisible(changes and draft.plan.mode in (BOTH, UPDATE))
        usual = _("clears the value") if draft.plan.overwrite_blanks else _("leaves the value")
        self.blanks.show_options(
            _("An empty cell"), _("as everywhere: {usual}").format(usual=usual), planned.blanks,
            [(True, _("clears the value")), (False, _("leaves the value"))],
        )  # fmt: skip
        takes = remarks_field(draft.guess.targets) is not None
        self.keep.set_words(_("Keep what does not fit in the remarks"))
        self.keep.box.setChecked(draft.plan.keep_bad_cells)
        self.keep.setVisible(takes and target is not None and kind is not Kind.LONG_TEXT)


class _Tally(QWidget):
    """ "360 right, 40 adjusted, 18 not" with icons."""

    def __init__(self) -> None:
        super().__init__()
        self._labels: dict[str, tuple[QWidget, Label]] = {}
        flow = FlowLayout(self, 12, 2)
        flow.setContentsMargins(0, 0, 0, 0)
        for state in (GOOD, ADJUSTED, BAD):
            icon, token = STATE_ICONS[state]
            item = QWidget()
            row = QHBoxLayout(item)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(px(4))
            mark, label = IconLabel(icon, token, 14), Label("", "secondary", token)
            row.addWidget(mark)
            row.addWidget(label)
            self._labels[state] = (item, label)
            flow.addWidget(item)

    def set_counts(self, check: ColumnCheck) -> str:
        """Show the counts; returns them as a sentence."""
        words = {
            GOOD: (check.good, ngettext("{n} right", "{n} right", check.good)),
            ADJUSTED: (check.adjusted, ngettext("{n} adjusted", "{n} adjusted", check.adjusted)),
            BAD: (check.bad, ngettext("{n} does not fit", "{n} do not fit", check.bad)),
        }
        told = []
        for state, (number, text) in words.items():
            item, label = self._labels[state]
            label.setText(text.format(n=format_integer(number)))
            item.setVisible(number > 0 or state == GOOD)
            told.append(label.text())
        self.updateGeometry()
        return ", ".join(told)


class _WrappedCheck(QWidget):
    """A check box whose words wrap; a click on them counts."""

    def __init__(self) -> None:
        super().__init__()
        self.box = QCheckBox()
        self._label = Label("", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)

    def set_words(self, text: str) -> None:
        """Name it."""
        self._label.setText(text)
        self.box.setAccessibleName(text)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.box.click()


class _Option(QWidget):
    """A choice about how the cells of a column are read."""

    chosen = Signal(str, object)

    def __init__(self, key: str) -> None:
        super().__init__()
        self._label = Label("", "secondary", "text-muted")
        self.editor = ChoiceEditor(empty=None)
        self.editor.edited.connect(lambda: self.chosen.emit(key, self.editor.value()))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._label)
        row.addWidget(self.editor, 1)

    def show_options(self, name: str, usual: str, value: Any, options: Sequence[tuple[Any, str]]) -> None:
        """Offer these; ``usual`` is the text of the first one, which is None."""
        self._label.setText(name)
        self.editor.setAccessibleName(name)
        self.editor.set_options([(None, usual), *options])
        self.editor.set_value(value)


def kind_word(field: Field) -> str:
    """What a field holds, as one word."""
    words = {
        Kind.PHONE: _("phone"), Kind.EMAIL: _("e-mail"), Kind.URL: _("web address"), Kind.TAX_ID: _("tax number"),
        Kind.DATE: _("date"), Kind.DATETIME: _("date and time"), Kind.LOCAL_DATETIME: _("date and time"),
        Kind.INTEGER: _("number"), Kind.NUMBER: _("number"), Kind.MONEY: _("amount"), Kind.PERCENT: _("percent"),
        Kind.BOOL: _("yes or no"), Kind.CHOICE: _("choice"), Kind.CHOICES: _("choices"), Kind.COUNTRY: _("country"),
        Kind.CURRENCY: _("currency"),
        Kind.LINK: _("other record"), Kind.USER: _("user"), Kind.LONG_TEXT: _("long text"),
    }  # fmt: skip
    return words.get(field.kind, _("text"))
