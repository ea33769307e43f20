"""What the chosen keys find in the database: counted in the background while they are chosen, with what is odd about them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer, format_percent
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.importing.key_counts import KeyCounts, count_keys
from crm_desktop.importing.plan import AS_NEW, CREATE, LEAVE, SKIP, UPDATE, ImportPlan
from ui.importing.draft import Draft
from ui.importing.parts import StackBar
from ui.importing.session import ImportSession
from ui.importing.words import field_label
from ui.theme.theme import px
from ui.widgets.labels import IconLabel, Label
from ui.widgets.themed import margins

_PAUSE = 250
"""So many milliseconds after the last change the rows are counted."""
_ODD_SHARE = 0.2
"""A key that is empty in more of the rows than this is worth a word."""
_SHOWN = 5


class KeysFound(QWidget):
    """The counts of the current part, counted again whenever its keys change while this is seen."""

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.counts: KeyCounts | None = None
        self._asked: Any = None
        self._shown: Any = None
        self.title = Label("", "section")
        self.lead = Label("", "body", "text-muted", wrap=True)
        self.bar = StackBar()
        self._lines = QGridLayout()
        self._lines.setVerticalSpacing(px(6))
        self._lines.setColumnStretch(1, 1)
        self.odd_title = Label("", "section")
        self._odd = QVBoxLayout()
        self._odd.setSpacing(px(8))
        box = QVBoxLayout(self)
        box.setSpacing(px(12))
        box.addWidget(self.title)
        box.addWidget(self.lead)
        box.addWidget(self.bar)
        box.addLayout(self._lines)
        box.addSpacing(px(8))
        box.addWidget(self.odd_title)
        box.addLayout(self._odd)
        box.addStretch(1)
        margins(self, 20, 24, 20, 24, 12)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._count)

    def retranslate(self) -> None:
        """Write the words in the language in use."""
        self.title.setText(_("What the keys find"))
        self.odd_title.setText(_("Worth a look"))
        self.setAccessibleName(self.title.text())
        self._fill()

    # -- counting ----------------------------------------------------------------------------------------------

    def follow(self, draft: Draft) -> None:
        """Count anew where the plan of a part says something else than what is shown."""
        mark = _mark(draft)
        if mark == self._asked:
            return
        self._asked = mark
        self._timer.start()
        self._fill()

    @property
    def up_to_date(self) -> bool:
        """Whether the counts are those of the keys as they are."""
        return self._shown is not None and self._shown == self._asked

    def forget(self) -> None:
        """Count again although the plan is the same: the database may have changed."""
        self._asked = None

    def _count(self) -> None:
        draft = self.session.draft
        if draft is None or draft.plan is None:
            return
        if draft.plan.mode == CREATE:
            self._take(self._asked, KeyCounts())
            return
        database, path, plan, mark = self.session.office.database, draft.path, draft.plan, _mark(draft)
        self.session.office.read(
            self,
            lambda connection: count_keys(database, connection, path, plan),
            lambda found: self._take(mark, found),
            lambda error: self._fail(mark, error),
            supersede="import-keys",
        )

    def _take(self, mark: Any, found: KeyCounts) -> None:
        if mark == self._asked:
            self.counts, self._shown = found, mark
            self._fill()

    def _fail(self, mark: Any, error: Exception) -> None:
        if mark == self._asked:
            self.counts, self._shown = None, mark
            self._clear()
            self.lead.setText(_("This could not be counted: {error}").format(error=str(error)))

    # -- showing -----------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        for layout in (self._lines, self._odd):
            while (item := layout.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()
        self.bar.hide()
        self.odd_title.hide()

    def _fill(self) -> None:
        draft = self.session.draft
        self._clear()
        if draft is None or draft.plan is None:
            return
        counts = self.counts
        if draft.plan.mode == CREATE:
            self.lead.setText(_("Every row becomes a new record, so nothing is looked up."))
            return
        if counts is None or not self.up_to_date:
            self.lead.setText(_("Counting…"))
            return
        self._fill_counts(draft, draft.plan, counts)
        self._fill_odd(draft, counts)

    def _fill_counts(self, draft: Draft, plan: ImportPlan, counts: KeyCounts) -> None:
        n = format_integer(counts.rows)
        of_all = ngettext("Of {n} row of the file:", "Of {n} rows of the file:", counts.rows)
        of_first = ngettext("Of the first {n} row of the file:", "Of the first {n} rows of the file:", counts.rows)
        self.lead.setText((of_all if counts.whole else of_first).format(n=n))
        here = sum(counts.here.values())
        self.bar.show()
        self.bar.set_parts(
            [(counts.new, "success"), (here, "chart-2"), (counts.deleted + counts.again, "chart-4"),
             (counts.conflicts, "danger")], self.summary(),
        )  # fmt: skip
        for name, number in sorted(counts.here.items(), key=lambda item: -item[1]):
            field = draft.field_named(name)
            label = field_label(field) if field is not None else name
            self._line(number, _("are here, by {field}").format(field=label))
        what = {AS_NEW: "", LEAVE: _("were deleted lately and are left out")}.get(
            plan.deleted, _("were deleted lately and come back")
        )
        self._line(counts.deleted, what)
        self._line(counts.again, _("are the same as an earlier row"))
        self._line(counts.conflicts, _("have keys of several records and are rejected"), "danger")
        new = _("have no record and are rejected") if plan.mode == UPDATE else _("are new")
        self._line(counts.new, new, "danger" if plan.mode == UPDATE else "text", always=True)
        if plan.mode == SKIP and here:
            self._line(here, _("are left alone, because their record is here"))

    def _line(self, number: int, text: str, color: str = "text", *, always: bool = False) -> None:
        if not text or not number and not always:
            return
        row = self._lines.count() // 2
        count = Label(format_integer(number), "strong")
        count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self._lines.addWidget(count, row, 0)
        words = Label(text, "body", color, wrap=True)
        self._lines.addWidget(words, row, 1)

    def _fill_odd(self, draft: Draft, counts: KeyCounts) -> None:
        def label(name: str) -> str:
            field = draft.field_named(name)
            return field_label(field) if field is not None else name

        for name, number in counts.empty.items():
            share = number / counts.rows if counts.rows else 0.0
            if share > _ODD_SHARE:
                percent = format_percent(min(99, round(100 * share)) if number < counts.rows else 100)
                self._remark(_("{field} is empty in {percent} of the rows.").format(field=label(name), percent=percent))
        for name, values in counts.repeated.items():
            if not values or name == self._title_field(draft):
                continue
            told = ", ".join(f"{text} ({format_integer(n)}×)" for text, n in values[:_SHOWN])
            more = len(values) - _SHOWN
            if more > 0:
                told = ngettext("{values} and {n} more", "{values} and {n} more", more).format(values=told, n=more)
            self._remark(_("{field} repeats inside the file: {values}").format(field=label(name), values=told))
        self.odd_title.setVisible(self._odd.count() > 0)

    def _title_field(self, draft: Draft) -> str:
        assert draft.plan is not None
        return str(self.session.schema.entity(draft.plan.entity).title_field)

    def _remark(self, text: str) -> None:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        row.addWidget(IconLabel("ph.warning", "warning"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(Label(text, "body", wrap=True), 1)
        self._odd.addWidget(line)

    def summary(self) -> str:
        """The counts as one sentence."""
        counts = self.counts
        if counts is None:
            return ""
        return _("{here} are here, {deleted} were deleted lately, {again} repeat, {conflicts} are in conflict, {new} are new").format(
            here=format_integer(sum(counts.here.values())), deleted=format_integer(counts.deleted),
            again=format_integer(counts.again), conflicts=format_integer(counts.conflicts), new=format_integer(counts.new),
        )  # fmt: skip


def _mark(draft: Draft) -> tuple[Any, ...]:
    """What the counts follow from."""
    plan = draft.plan
    assert plan is not None
    targets = tuple((one.column, one.target, one.transform, one.date_order) for one in plan.columns if one.target)
    kept = (
        plan.mode,
        plan.keys,
        plan.apart,
        plan.whole,
        plan.deleted,
        plan.country,
        plan.program,
        plan.similar,
    )
    return (id(draft), plan.entity, plan.source, targets, *kept)
