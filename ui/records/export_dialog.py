"""The window that asks what of a list is exported, with which columns, as what kind of file and where to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from crm_desktop.core import formats
from crm_desktop.core.filters import EVERYTHING
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.exporting import export as exports
from crm_desktop.exporting.allowed import exportable
from crm_desktop.exporting.export import Exported
from crm_desktop.exporting.table_files import CsvOptions
from crm_desktop.records import queries
from crm_desktop.reporting.output import write_document
from ui.framework import dialogs, settings
from ui.framework.office import Office
from ui.records.export_run import ask_replace, export_folder, refused, remember_folder, run_export
from ui.records.list_document import ListContent, list_document
from ui.records.output import ids_of
from ui.records.saving import plural_text
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label
from ui.widgets.themed import margins

SELECTED, LISTED, ALL = "selected", "listed", "all"
PDF = "pdf"
_ICONS = {"xlsx": "ph.table", "csv": "ph.file-text", "json": "ph.brackets-curly", "vcf": "ph.address-book",
          "vcf3": "ph.address-book", "ics": "ph.calendar-blank", PDF: "ph.file-pdf"}  # fmt: skip
_HINTS = {
    "xlsx": N_("For Excel and LibreOffice: dates and amounts stay dates and amounts."),
    "csv": N_("For almost any program. Texts that look like formulas are kept harmless."),
    "json": N_("For programmers: every field by its name, with all that belongs to a record."),
    "vcf": N_("For address books: names, phones, e-mails, addresses and tags."),
    "vcf3": N_("For older address books that do not know vCard 4.0."),
    "ics": N_("For calendars: appointments with their series and reminders, and tasks."),
    PDF: N_("To print or to send: the list as it is shown, with its groups and totals."),
}
_WITH_COLUMNS = ("xlsx", "csv", "json")


@dataclass(frozen=True)
class ExportChoice:
    """What a person chose."""

    what: str
    everything: bool
    record_ids: bool
    kind: str
    csv: CsvOptions
    path: Path


class ExportDialog(QDialog):
    """What, which columns, which kind of file, where to; the last choice is remembered for each record type."""

    def __init__(
        self, parent: QWidget, office: Office, entity: str, title: str, selected: int, listed: int, kind: str = ""
    ) -> None:
        super().__init__(parent)
        self._office, self._entity, self._title = office, entity, title
        self._spec = office.database.schema.entity(entity)
        self._own_path = False
        self.setWindowTitle(_("Export {plural}").format(plural=translate(self._spec.plural)))
        self._make_controls(selected, listed)
        self._lay_out()
        self._restore(selected, kind)
        for button in (*self.what_group.buttons(), *self.columns_group.buttons()):
            button.toggled.connect(lambda _on: self._refresh())
        self.format.currentIndexChanged.connect(lambda _index: self._refresh())
        self.path.textEdited.connect(self._on_path_edited)
        self._refresh()
        office.read(self, lambda connection: queries.count(office.database, connection, entity), self._show_count)

    # -- controls ----------------------------------------------------------------------------------------------

    def _make_controls(self, selected: int, listed: int) -> None:
        number = formats.format_integer
        plural = translate(self._spec.plural)
        self.selected = QRadioButton(_("The selected ones ({n})").format(n=number(selected)))
        self.listed = QRadioButton(_("What the list shows ({n})").format(n=number(listed)))
        self.all = QRadioButton(_("All of them: {plural}").format(plural=plural))
        self.selected.setVisible(selected > 0)
        self.what_group, self.columns_group = QButtonGroup(self), QButtonGroup(self)
        for button in (self.selected, self.listed, self.all):
            self.what_group.addButton(button)
        self.as_shown = QRadioButton(_("As shown in the list"))
        self.everything = QRadioButton(_("Everything: all fields, phones, addresses and tags"))
        for button in (self.as_shown, self.everything):
            self.columns_group.addButton(button)
        self.record_ids = QCheckBox(_("With record IDs, to correct the file and import it again"))
        kinds = [*exports.kinds_of(self._office.database, self._entity), PDF]
        names = {**exports.KINDS, PDF: N_("PDF document")}
        self.format = ChoiceEditor(
            [(kind, translate(names[kind]), _ICONS[kind]) for kind in kinds], name=_("Kind of file"), empty=None
        )
        self.hint = Label("", "secondary", "text-muted", wrap=True)
        self.delimiter = ChoiceEditor(
            [("", _("By the region")), (",", _("Comma")), (";", _("Semicolon")), ("\t", _("Tab"))],
            name=_("Between cells"), empty=None,
        )  # fmt: skip
        self.decimal = ChoiceEditor(
            [("", _("By the region")), (".", _("Point: 1.5")), (",", _("Comma: 1,5"))],
            name=_("Decimal mark"),
            empty=None,
        )
        self.dates = ChoiceEditor(
            [("iso", "2026-12-31"), ("region", _("As in this region"))], name=_("Dates"), empty=None
        )
        self.path = QLineEdit()
        self.path.setAccessibleName(_("File"))
        self.choose = Button(_("Choose…"), icon="ph.folder-open")
        self.choose.clicked.connect(self._choose)
        self.problem = Label("", "secondary", "danger", wrap=True)
        self.export_button = Button(_("Export"), icon="ph.export", kind="primary")
        self.export_button.setDefault(True)
        self.export_button.clicked.connect(self._accept)

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.addWidget(Label(self.windowTitle(), "section"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(16))
        grid.setColumnStretch(1, 1)

        def row(text: str, *widgets: QWidget) -> Label:
            at = grid.rowCount()
            label = Label(text, "secondary", "text-muted")
            label.setFixedHeight(px(20))
            grid.addWidget(label, at, 0, Qt.AlignmentFlag.AlignTop)
            box = QVBoxLayout()
            box.setSpacing(px(6))
            for widget in widgets:
                box.addWidget(widget)
            grid.addLayout(box, at, 1)
            return label

        row(_("What"), self.selected, self.listed, self.all)
        self.columns_label = row(_("Columns"), self.as_shown, self.everything, self.record_ids)
        self.csv_box = self._make_csv_box()
        row(_("Kind of file"), self.format, self.hint, self.csv_box)
        where = QWidget()
        line = QHBoxLayout(where)
        line.addWidget(self.path, 1)
        line.addWidget(self.choose)
        margins(where, 0, 0, 0, 0, 8)
        row(_("Where to"), where, self.problem)
        whole.addLayout(grid)
        whole.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.export_button)
        whole.addLayout(foot)
        margins(self, 24, 20, 24, 16, 16)
        self.setMinimumWidth(px(620))

    def _make_csv_box(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setHorizontalSpacing(px(12))
        for at, (text, editor) in enumerate(
            ((_("Between cells"), self.delimiter), (_("Decimal mark"), self.decimal), (_("Dates"), self.dates))
        ):
            grid.addWidget(Label(text, "secondary", "text-muted"), 0, at)
            grid.addWidget(editor, 1, at)
            grid.setColumnStretch(at, 1)
        margins(box, 0, 0, 0, 0, 4)
        return box

    def _show_count(self, count: int) -> None:
        text = _("All of them: {plural} ({n})")
        self.all.setText(text.format(plural=translate(self._spec.plural), n=formats.format_integer(count)))

    # -- what is chosen ----------------------------------------------------------------------------------------

    def _restore(self, selected: int, kind: str) -> None:
        kept: dict[str, Any] = dict(settings.remembered_value(f"export.{self._entity}") or {})
        what = SELECTED if selected else str(kept.get("what") or LISTED)
        {SELECTED: self.selected, ALL: self.all}.get(
            what if selected or what == ALL else LISTED, self.listed
        ).setChecked(True)
        (self.everything if kept.get("everything", True) else self.as_shown).setChecked(True)
        self.record_ids.setChecked(bool(kept.get("record_ids", False)))
        known = {self.format.itemData(at) for at in range(self.format.count())}
        wanted = kind or str(kept.get("kind") or "xlsx")
        self.format.set_value(wanted if wanted in known else "xlsx")
        self.delimiter.set_value(kept.get("delimiter") or "")
        self.decimal.set_value(kept.get("decimal") or "")
        self.dates.set_value(kept.get("dates") or "iso")

    def remember(self) -> None:
        """Keep what was chosen for the next time."""
        chosen = self.choice()
        settings.remember_value(f"export.{self._entity}", {
            "what": chosen.what, "everything": self.everything.isChecked(), "record_ids": self.record_ids.isChecked(),
            "kind": chosen.kind, "delimiter": self.delimiter.value(), "decimal": self.decimal.value(),
            "dates": self.dates.value(),
        })  # fmt: skip
        remember_folder(chosen.path)

    def choice(self) -> ExportChoice:
        """What is chosen."""
        kind = str(self.format.value())
        what = SELECTED if self.selected.isChecked() else ALL if self.all.isChecked() else LISTED
        csv = CsvOptions(str(self.delimiter.value() or ""), str(self.decimal.value() or ""), str(self.dates.value()))
        path = Path(self.path.text().strip() or ".").expanduser()
        return ExportChoice(
            what, self.everything.isChecked() and kind != PDF, self.record_ids.isChecked(), kind, csv, path
        )

    def _refresh(self) -> None:
        kind = str(self.format.value())
        with_columns = kind in _WITH_COLUMNS
        for widget in (self.columns_label, self.as_shown, self.everything, self.record_ids):
            widget.setEnabled(with_columns)
        self.record_ids.setEnabled(with_columns and self.as_shown.isChecked() and kind != "json")
        self.csv_box.setVisible(kind == "csv")
        self.hint.setText(translate(_HINTS[kind]))
        ending = "." + kind.rstrip("3")
        text = self.path.text().strip()
        if not self._own_path:
            self.path.setText(str(export_folder() / f"{_file_name(self._title)}{ending}"))
        elif text and Path(text).suffix.lower() != ending:
            self.path.setText(str(Path(text).with_suffix(ending)))
        self.problem.hide()

    def _on_path_edited(self, _text: str) -> None:
        self._own_path = True
        self.problem.hide()

    def _choose(self) -> None:
        kind = str(self.format.value())
        names = {**exports.KINDS, PDF: N_("PDF document")}
        chosen = dialogs.choose_save(
            self, _("Export"), self.path.text(), f"{translate(names[kind])} (*.{kind.rstrip('3')})"
        )
        if chosen is not None:
            self._own_path = True
            self.path.setText(str(chosen))
            self._refresh()

    def _accept(self) -> None:
        path = self.choice().path
        if not self.path.text().strip() or not path.parent.is_dir():
            self.problem.setText(_("This folder does not exist. Choose another one."))
            self.problem.show()
            self.path.setFocus()
            return
        if ask_replace(self, path):
            self.accept()


def _file_name(title: str) -> str:
    """A title as the name of a file."""
    return "".join(letter if letter.isalnum() or letter in " -_.,()" else " " for letter in title).strip() or "crm"


def ask_export(
    owner: QWidget, office: Office, entity: str, listed: ListContent, selected: ListContent | None, kind: str = ""
) -> None:
    """Ask how a list is exported, and export it as a job.

    Args:
        listed: the list as it is shown.
        selected: the same with the checked records only; None where none is checked.
    """
    if refused(owner, office, entity):
        return
    dialog = ExportDialog(owner, office, entity, listed.title, selected.size if selected else 0, listed.size, kind)
    accepted = dialogs.run_dialog(dialog)
    chosen = dialog.choice()
    if accepted:
        dialog.remember()
    dialog.deleteLater()
    if not accepted:
        return
    content = selected if chosen.what == SELECTED and selected is not None else listed
    if chosen.what == ALL:
        content = replace(
            listed, ids=(), filter=EVERYTHING, subtitle="", grouping=None, group_field=None, totals={}, count=0
        )
    spec = office.database.schema.entity(entity)

    def done_words(count: int) -> str:
        return plural_text(spec, count)

    title = _("Exporting {plural}").format(plural=translate(spec.plural).lower())
    what = done_words(content.size) if content.size else translate(spec.plural)
    run_export(owner, title, lambda progress: write_export(office, entity, content, chosen, progress), what)


def write_export(
    office: Office, entity: str, content: ListContent, chosen: ExportChoice, progress: Progress
) -> Exported:
    """Write what was chosen; called in a job."""
    laid_out = content.grouping is not None or bool(content.totals)
    if chosen.kind == PDF or not chosen.everything and laid_out and chosen.kind in ("xlsx", "csv"):
        left_out = 0
        with office.database.read() as connection:
            if not len(content.ids) and content.grouping is None:
                content = replace(content, ids=_all_ids(office, connection, entity, content))
            if office.database.access.scope(entity, "export") != "all":  # groups and totals tell of all records
                shown = ids_of(office, connection, entity, content)
                mine, left_out = exportable(office.database, connection, entity, shown)
                content = replace(content, ids=mine, grouping=None, totals={})
            document = list_document(office, connection, entity, content, progress)
        write_document(document, chosen.path, chosen.kind, progress=progress)  # type: ignore[arg-type]
        return Exported(chosen.path, content.size, left_out=left_out)
    ids = content.ids if len(content.ids) else None
    if ids is None and content.grouping is not None:
        with office.database.read() as connection:
            ids = ids_of(office, connection, entity, content)
    return exports.export_records(
        office.database, entity, chosen.path, chosen.kind, ids=ids, filter=content.filter, sort=content.sort,
        user_id=office.user_id, fields=None if chosen.everything else content.fields, record_ids=chosen.record_ids,
        csv=chosen.csv, progress=progress,
    )  # fmt: skip


def _all_ids(office: Office, connection: Any, entity: str, content: ListContent) -> Any:
    return queries.find_ids(
        office.database, connection, entity, filter=content.filter, sort=content.sort, user_id=office.user_id
    )
