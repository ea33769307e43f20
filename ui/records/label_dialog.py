"""The window that asks how labels are to be printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.records import tokens
from crm_desktop.records.labels import ADDRESS, TEMPLATES, WHICH, Labels, read_labels
from crm_desktop.reporting.label_sheets import OWN, PAPERS, SHEETS, LabelSheet, own_sheet, sheet_of
from ui.framework import dialogs, settings, tasks
from ui.framework.office import Office
from ui.framework.scratch import scratch_folder
from ui.records.label_sheet import SheetPicture
from ui.records.print_window import show_print
from ui.records.room import later
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast

_MEASURES = ("columns", "rows", "width", "height", "left", "top", "pitch_x", "pitch_y")


@dataclass(frozen=True)
class LabelJob:
    """What is to be printed, and how."""

    sheet: LabelSheet
    template: str
    which: str
    or_main: bool
    by_postcode: bool
    start: int
    outline: bool
    bold_first: bool


class LabelDialog(QDialog):
    """The sheet, the first label, what stands on each, and which address; how many there will be is told at once."""

    def __init__(self, parent: QWidget, office: Office, entity: str, ids: Sequence[int]) -> None:
        super().__init__(parent)
        self._office, self._entity, self._ids = office, entity, list(ids)
        self.setWindowTitle(_("Print labels"))
        self.labels: Labels | None = None
        self._problem = ""
        self._make_controls()
        self._lay_out()
        self._restore()
        self._read_timer = later(self, 150, self._read)
        for signal in (self.template.textChanged, self.which.edited, self.or_main.toggled, self.by_postcode.toggled):
            signal.connect(lambda *_args: self._read_timer.start())
        self.sheet.edited.connect(self._show_sheet)
        for spin in self._spins.values():
            spin.valueChanged.connect(lambda _value: self._show_sheet())
        self.paper.edited.connect(self._show_sheet)
        self.start.valueChanged.connect(self.picture.set_start)
        self.picture.start_changed.connect(self.start.setValue)
        self._show_sheet()
        self._read()

    # -- controls ----------------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        options = [(one.key, _sheet_text(one)) for one in SHEETS] + [(OWN, _("Own measures…"))]
        self.sheet = ChoiceEditor(options, name=_("Sheet"), empty=None)
        self.paper = ChoiceEditor([(one, one) for one in PAPERS], name=_("Paper"), empty=None)
        words = {
            "columns": _("Columns"), "rows": _("Rows"), "width": _("Width"), "height": _("Height"),
            "left": _("Left margin"), "top": _("Top margin"), "pitch_x": _("Step to the right"),
            "pitch_y": _("Step down"),
        }  # fmt: skip
        self._spins: dict[str, QSpinBox | QDoubleSpinBox] = {}
        for name in _MEASURES:
            spin = QSpinBox() if name in ("columns", "rows") else QDoubleSpinBox()
            if isinstance(spin, QDoubleSpinBox):
                spin.setSuffix(" mm")
                spin.setSingleStep(0.1)
            spin.setRange(1 if name in ("columns", "rows") else 0, 30 if name in ("columns", "rows") else 300)
            spin.setAccessibleName(words[name])
            self._spins[name] = spin
        self._spin_words = words
        self.start = QSpinBox()
        self.start.setAccessibleName(_("Begin at label"))
        self.template = QPlainTextEdit()
        self.template.setAccessibleName(_("Text of a label"))
        self.template.setTabChangesFocus(True)
        self.template.setFixedHeight(px(84))
        self.insert = Button(_("Insert a field…"), icon="ph.plus", kind="accent", small=True)
        self.insert.clicked.connect(self._choose_token)
        which = [(key, translate(text)) for key, text in WHICH.items() if self._entity != "company" or key != "company"]
        self.which = ChoiceEditor(which, name=_("Address"), empty=None)
        self.or_main = QCheckBox(_("Where there is none of this kind, the main one"))
        self.by_postcode = QCheckBox(_("Sort by postcode"))
        self.bold_first = QCheckBox(_("First line in bold"))
        self.outline = QCheckBox(_("Draw the edges, for a trial on plain paper"))
        self.picture = SheetPicture()
        self.sample = Label("", "secondary", wrap=True)
        self.summary = Label("", "strong", wrap=True)
        self.note = Label("", "secondary", "text-muted", wrap=True)
        self.preview = Button(_("Preview"), icon="ph.printer", kind="primary")
        self.preview.clicked.connect(self.accept)

    def _lay_out(self) -> None:
        left, grid = QVBoxLayout(), QGridLayout()
        left.setSpacing(px(8))

        def row(label: str, widget: QWidget) -> None:
            left.addWidget(Label(label, "secondary", "text-muted"))
            left.addWidget(widget)

        row(_("Sheet"), self.sheet)
        self.own = QWidget()
        grid.addWidget(Label(_("Paper"), "secondary", "text-muted"), 0, 0)
        grid.addWidget(self.paper, 0, 1, 1, 3)
        for number, name in enumerate(_MEASURES):
            place = 1 + number // 2, 2 * (number % 2)
            grid.addWidget(Label(self._spin_words[name], "secondary", "text-muted"), *place)
            grid.addWidget(self._spins[name], place[0], place[1] + 1)
        self.own.setLayout(grid)
        margins(self.own, 0, 0, 0, 0, 8)
        left.addWidget(self.own)
        row(_("Begin at label"), self.start)
        row(_("Text of a label"), self.template)
        left.addWidget(self.insert, 0, Qt.AlignmentFlag.AlignLeading)
        row(_("Address"), self.which)
        for box in (self.or_main, self.by_postcode, self.bold_first, self.outline):
            left.addWidget(box)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(px(8))
        right.addWidget(self.picture)
        right.addWidget(self.summary)
        right.addWidget(self.note)
        right.addWidget(self.sample)
        right.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(px(24))
        columns.addLayout(left, 1)
        columns.addLayout(right)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.preview)
        whole = QVBoxLayout(self)
        whole.addWidget(Label(_("Print labels"), "section"))
        whole.addLayout(columns, 1)
        whole.addLayout(foot)
        margins(self, 24, 20, 24, 16, 12)
        self.picture.setFixedWidth(px(212))
        for label in (self.summary, self.note, self.sample):
            label.setFixedWidth(px(212))
        self.setMinimumWidth(px(660))

    def _choose_token(self) -> None:
        menu = QMenu(self)
        menu.addAction(_("Address, all its lines")).triggered.connect(lambda: self._insert(ADDRESS))
        menu.addSeparator()
        linked: dict[str, QMenu] = {}
        for token in tokens.tokens_of(self._office.database, self._entity):
            stem, point, _rest = token.name.partition(".")
            target = menu
            if point and stem != "custom":
                head = token.label.split(" › ")[0]
                target = linked.get(head) or linked.setdefault(head, QMenu(head, menu))
            action = target.addAction(token.label.split(" › ")[-1])
            action.triggered.connect(lambda _on=False, name=token.name: self._insert("{" + name + "}"))
        for sub in linked.values():
            menu.addMenu(sub)
        menu.exec(self.insert.mapToGlobal(self.insert.rect().bottomLeft()))

    def _insert(self, text: str) -> None:
        self.template.insertPlainText(text)
        self.template.setFocus()

    # -- what is chosen ----------------------------------------------------------------------------------------

    def _restore(self) -> None:
        kept: dict[str, Any] = dict(settings.remembered_value(f"labels.{self._entity}") or {})
        self.sheet.set_value(kept.get("sheet") if kept.get("sheet") in {*(s.key for s in SHEETS), OWN} else "L7160")
        own = kept.get("own") or {}
        known = sheet_of("L7160")
        assert known is not None
        self.paper.set_value(own.get("paper") or "A4")
        for name, spin in self._spins.items():
            spin.setValue(own.get(name, getattr(known, name)))
        self.template.setPlainText(str(kept.get("template") or TEMPLATES.get(self._entity) or "{name}\n{address}"))
        self.which.set_value(kept.get("which") or "primary")
        self.or_main.setChecked(bool(kept.get("or_main", True)))
        self.by_postcode.setChecked(bool(kept.get("by_postcode", False)))
        self.bold_first.setChecked(bool(kept.get("bold_first", True)))

    def remember(self) -> None:
        """Keep what was chosen for the next time."""
        own: dict[str, Any] = {name: spin.value() for name, spin in self._spins.items()}
        settings.remember_value(f"labels.{self._entity}", {
            "sheet": self.sheet.value(), "own": {**own, "paper": self.paper.value()},
            "template": self.template.toPlainText(), "which": self.which.value(), "or_main": self.or_main.isChecked(),
            "by_postcode": self.by_postcode.isChecked(), "bold_first": self.bold_first.isChecked(),
        })  # fmt: skip

    def chosen_sheet(self) -> LabelSheet:
        """The sheet that is chosen.

        Raises:
            FieldError: the measures do not fit on the paper.
        """
        known = sheet_of(str(self.sheet.value()))
        if known is not None:
            return known
        numbers = {name: spin.value() for name, spin in self._spins.items()}
        columns, rows = int(numbers.pop("columns")), int(numbers.pop("rows"))
        return own_sheet(str(self.paper.value()), columns, rows, **numbers)

    def job(self) -> LabelJob:
        """What is to be printed."""
        return LabelJob(
            self.chosen_sheet(), self.template.toPlainText(), str(self.which.value()), self.or_main.isChecked(),
            self.by_postcode.isChecked(), self.start.value(), self.outline.isChecked(), self.bold_first.isChecked(),
        )  # fmt: skip

    def _show_sheet(self) -> None:
        self.own.setVisible(self.sheet.value() == OWN)
        self._problem = ""
        try:
            sheet = self.chosen_sheet()
        except FieldError as error:
            self._problem = str(error)
        else:
            self.start.setRange(1, sheet.count)
            self.picture.set_sheet(sheet)
        self._tell()

    def _read(self) -> None:
        """What the labels will say, in the background; the whole list, so that the count is right."""
        database, entity, ids = self._office.database, self._entity, self._ids
        template, which = self.template.toPlainText(), str(self.which.value())
        or_main, by_postcode = self.or_main.isChecked(), self.by_postcode.isChecked()

        def work(connection: Any) -> Labels:
            return read_labels(
                database, connection, entity, ids, template, which=which, or_main=or_main, by_postcode=by_postcode
            )

        self._office.read(self, work, self._on_read, self._on_failed, supersede="labels")

    def _on_read(self, labels: Labels) -> None:
        self.labels = labels
        self._tell()

    def _on_failed(self, error: Exception) -> None:
        self.labels = None
        self._tell(str(error) if isinstance(error, UserError) else _("The labels could not be read."))

    def _tell(self, problem: str = "") -> None:
        problem = problem or self._problem
        labels = self.labels
        count = len(labels.lines) if labels is not None else 0
        self.picture.set_used(count)
        self.preview.setEnabled(not problem and count > 0)
        self.note.set_color("danger" if problem else "text-muted")
        if problem or labels is None:
            self.summary.setText("")
            self.note.setText(problem or _("counting…"))
            self.sample.setText("")
            return
        sheets = -(-(count + self.start.value() - 1) // self.picture.sheet.count) if count else 0
        on = ngettext("{labels} on {n} sheet", "{labels} on {n} sheets", sheets)
        one = ngettext("{n} label", "{n} labels", count).format(n=format_integer(count))
        self.summary.setText(on.format(labels=one, n=format_integer(sheets)))
        left_out = len(labels.skipped)
        text = ngettext(
            "{n} record without an address is left out.", "{n} records without an address are left out.", left_out
        )
        self.note.setText(text.format(n=format_integer(left_out)) if left_out else "")
        self.sample.setText("\n".join(labels.lines[0]) if count else "")


def _sheet_text(sheet: LabelSheet) -> str:
    return _("{name}: {width} × {height} mm, {count} on {paper}").format(
        name=sheet.name, width=f"{sheet.width:g}", height=f"{sheet.height:g}", count=sheet.count, paper=sheet.paper
    )


def print_labels(owner: QWidget, office: Office, entity: str, ids: Sequence[int]) -> None:
    """Ask how labels are to be printed, lay them out, and open them where they can be looked at and printed."""
    dialog = LabelDialog(owner, office, entity, ids)
    accepted = dialogs.run_dialog(dialog)
    if not accepted:
        dialog.deleteLater()
        return
    chosen = dialog.job()
    dialog.remember()
    dialog.deleteLater()
    path = scratch_folder() / f"{_('Labels')}.pdf"

    def job(progress: Progress) -> tuple[Path, int, int]:
        from crm_desktop.reporting.labels import write_labels  # lazy: heavy

        with office.database.read() as connection:
            labels = read_labels(
                office.database, connection, entity, ids, chosen.template, which=chosen.which, or_main=chosen.or_main,
                by_postcode=chosen.by_postcode, progress=progress,
            )  # fmt: skip
        write_labels(
            labels.lines, chosen.sheet, path, start=chosen.start, outline=chosen.outline, bold_first=chosen.bold_first,
            title=_("Labels"), progress=progress,
        )  # fmt: skip
        return path, len(labels.lines), len(labels.skipped)

    def done(made: tuple[Path, int, int]) -> None:
        show_print(owner, _("Labels"), made[0])
        if made[2]:
            text = ngettext(
                "{n} record without an address is left out.", "{n} records without an address are left out.", made[2]
            )
            show_toast(owner, text.format(n=format_integer(made[2])))

    tasks.run_job(_("Preparing labels"), job, done, owner=owner)
