"""The import page: header, steps, the current step, footer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_duration, format_integer
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.recipes import Recipe
from crm_desktop.importing.rehearsed import RehearsalDiffers
from ui.framework import dialogs
from ui.framework.commands import command
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.importing.backing_up import NotBackedUp, ask_without
from ui.importing.columns_step import ColumnsStep
from ui.importing.differing import AGAIN, ANYWAY, ask_differing
from ui.importing.drop_zone import choose_import_file, dropped_path
from ui.importing.file_step import FileStep
from ui.importing.keys_step import KeysStep
from ui.importing.part_switcher import PartSwitcher
from ui.importing.recipes import RecipeButton, save_recipe
from ui.importing.rehearsal_step import RehearsalStep
from ui.importing.result_step import ResultStep
from ui.importing.run_step import WriteStep
from ui.importing.session import ImportSession
from ui.importing.step import Footer, Step
from ui.importing.types_step import TypesStep
from ui.importing.values_step import ValuesStep
from ui.importing.words import encoding_name, file_kind_name
from ui.theme.theme import px, theme
from ui.widgets.buttons import Button
from ui.widgets.headers import PageHeader
from ui.widgets.steps import StepBar
from ui.widgets.toast import show_toast


class ImportPage(Page):
    """The import assistant. ``activated(path=...)`` starts with a file."""

    def __init__(self, office: Office, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(navigator, parent)
        self.office = office
        self.setAcceptDrops(True)
        self.session = ImportSession(office, self)
        self.header = PageHeader()
        self.rejects = Button(icon="ph.download-simple")
        self.recipes = RecipeButton(self.session)
        self.print_rehearsal = Button(icon="ph.printer", trailing="ph.caret-down")
        self.header.add(self.recipes)
        self.header.add(self.print_rehearsal)
        self.header.add(self.rejects)
        self.bar = StepBar()
        self.bar.step_chosen.connect(self._on_step_chosen)
        self.file = FileStep(self.session, navigator)
        self.types = TypesStep(self.session)
        self.columns = ColumnsStep(self.session)
        self.keys = KeysStep(self.session)
        self.values = ValuesStep(self.session)
        self.rehearsal = RehearsalStep(self.session, navigator)
        self.write = WriteStep(self.session)
        self.result = ResultStep(self.session, navigator)
        self.steps: tuple[Step, ...] = (
            self.file, self.types, self.columns, self.keys, self.values, self.rehearsal, self.write, self.result,
        )  # fmt: skip
        self.parts = PartSwitcher(self.session)
        self.stack = QStackedWidget()
        self.footer = Footer()
        self.current: Step = self.file
        self._lay_out()
        self._connect()
        self.retranslate()
        self.go(self.file)

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.header)
        box.addWidget(self.bar)
        box.addWidget(self.parts)
        for step in self.steps:
            self.stack.addWidget(step)
        box.addWidget(self.stack, 1)
        box.addWidget(self.footer)

    def _connect(self) -> None:
        for step in self.steps:
            step.changed.connect(lambda step=step: self._refresh() if step is self.current else None)
            step.continue_requested.connect(self.go_on)
        self.file.file_chosen.connect(self.start)
        self.footer.cancel.clicked.connect(self.cancel)
        self.footer.back.clicked.connect(self.go_back)
        self.footer.go_on.clicked.connect(self.go_on)
        self.footer.save_recipe.clicked.connect(lambda: save_recipe(self, self.session))
        self.result.recipe_wanted.connect(lambda: save_recipe(self, self.session))
        self.rejects.clicked.connect(lambda: self.rehearsal.save_rejects())
        self.print_rehearsal.clicked.connect(self._offer_paper)
        self.session.written.connect(self._on_written)
        self.session.stopped.connect(self._on_stopped)
        self.session.opened.connect(self._refresh)
        self.session.parts_changed.connect(self._on_parts)

    # -- the way through ---------------------------------------------------------------------------------------

    def activated(self, **params: Any) -> None:
        path = params.get("path")
        if path:
            self.start(Path(path))
        elif self.current is self.file:
            self.file.entered()
        self._refresh()

    def start(self, path: Path, plan: ImportPlan | Recipe | None = None) -> None:
        """Start with a file, maybe like another was imported; what was being prepared is asked about before it goes."""
        if self.session.job is not None and self.session.job.active:
            show_toast(self, _("An import is running. Wait for it, or stop it first."), kind="warning")
            return
        if not self._may_leave():
            return
        self.go(self.file)
        self.session.open_file(path, plan)

    def shown_steps(self) -> list[Step]:
        """The steps that this import needs."""
        return [step for step in self.steps if step.applies()]

    def go(self, step: Step) -> None:
        """Go to a step; a rehearsal that is left is stopped."""
        if self.current is self.rehearsal and step is not self.rehearsal and self.rehearsal.running:
            self.rehearsal.stop()
        self.current = step
        self.stack.setCurrentWidget(step)
        step.entered()
        self._refresh()

    def _on_step_chosen(self, index: int) -> None:
        if self.current.may_go_back():
            self.go(self.shown_steps()[index])

    def go_on(self) -> None:
        """To the next step, or to what is missing."""
        missing = self.current.missing()
        if missing is not None:
            missing.jump()
            return
        if not self.footer.go_on.isVisibleTo(self.footer):
            return
        if self.current is self.result:
            self.session.close_file()
            self.go(self.file)
            return
        steps = self.shown_steps()
        self.go(steps[steps.index(self.current) + 1])

    def go_back(self) -> None:
        """To the step before; what was decided stays."""
        steps = self.shown_steps()
        place = steps.index(self.current) if self.current in steps else 0
        if place and self.current.may_go_back():
            self.go(steps[place - 1])
        elif self.current is self.file and self.session.draft is not None:
            self._forget()

    def cancel(self) -> None:
        """Leave this import; nothing was written."""
        if self.current is self.write and self.session.job is not None:
            self.session.job.cancel()
        elif self._may_leave():
            self._forget()

    def _forget(self) -> None:
        self.session.close_file()
        self.go(self.file)

    def _may_leave(self) -> bool:
        """Whether what was decided may go; asked only where something was decided."""
        draft = self.session.draft
        touched = any(
            one.main.touched or any(two.touched for two in one.further.values()) for one in self.session.tables
        )
        if draft is None or self.current is self.result or not (touched or draft.touched):
            return True
        return dialogs.confirm(
            self,
            _("Leave this import?"),
            _("Nothing has been written. What you decided about {name} is forgotten.").format(name=draft.path.name),
            yes=_("Leave it"),
            no=_("Stay"),
        )

    def _on_written(self) -> None:
        if self.current is self.write:
            self.go(self.result)
        elif self.session.draft is not None and self.session.draft.result is not None:
            self.current = self.result
            self.stack.setCurrentWidget(self.result)
            self._refresh()

    def _on_parts(self) -> None:
        """Another part is shown, or there are others."""
        if self.current is self.result:
            self.current.retranslate()
        self._refresh()

    def _on_stopped(self, error: Exception | None) -> None:
        if self.current is not self.write:
            return
        self.go(self.rehearsal)
        if error is None:
            show_toast(self, _("Stopped. Nothing was written."), kind="accent")
        elif isinstance(error, RehearsalDiffers):
            answer = ask_differing(self, error)
            if answer == AGAIN:
                self.rehearsal.start()
            elif answer == ANYWAY:
                self.write.anyway = True
                self.go(self.write)
        elif isinstance(error, NotBackedUp):
            if ask_without(self, error):
                self.write.without = True
                self.go(self.write)
        else:
            dialogs.show_error(self, error)

    # -- commands ----------------------------------------------------------------------------------------------

    @command("import.choose_file", text=N_("Choose a file to import…"), shortcut="Ctrl+O", icon="ph.folder-open")
    def choose_file(self) -> None:
        """Choose a file."""
        path = choose_import_file(self)
        if path is not None:
            self.start(path)

    @command("import.continue", text=N_("Continue the import"), shortcut="Ctrl+Return", icon="ph.arrow-right")
    def continue_import(self) -> None:
        """To the next step."""
        self.go_on()

    @command("import.back", text=N_("Back to the step before"), shortcut="Alt+Left", icon="ph.arrow-left")
    def back_import(self) -> None:
        """To the step before."""
        self.go_back()

    @command("import.print", text=N_("Print the rehearsal"), shortcut="Ctrl+P", icon="ph.printer")
    def print_import(self) -> None:
        """Show all that would happen as it would be printed."""
        if self._rehearsed:
            self.rehearsal.save("pdf")

    @command(
        "import.save_rehearsal", text=N_("Save the rehearsal as a workbook…"), shortcut="Ctrl+Shift+S", icon="ph.table"
    )
    def save_import(self) -> None:
        """Save all that would happen as a workbook."""
        if self._rehearsed:
            self.rehearsal.save("xlsx")

    def _offer_paper(self) -> None:
        menu = QMenu(self)
        menu.addAction(_("Print the rehearsal")).triggered.connect(lambda _on=False: self.print_import())
        menu.addAction(_("Save the rehearsal as a workbook…")).triggered.connect(lambda _on=False: self.save_import())
        menu.exec(self.print_rehearsal.mapToGlobal(QPoint(0, self.print_rehearsal.height() + px(4))))

    # -- what is shown -----------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        steps = self.shown_steps()
        place = steps.index(self.current) if self.current in steps else 0
        self.parts.show_for(grouped=self.current.grouped)
        self.parts.setVisible(self.current.per_part and len(self.parts.places()) > 1 and self.draft_ready)
        self.bar.set_steps([step.title() for step in steps])
        self.bar.set_current(place)
        self._refresh_header()
        missing = self.current.missing()
        if missing is not None:
            self.footer.show_missing(missing)
        else:
            self.footer.show_sentence(self.current.sentence())
        following = steps[place + 1].title() if place + 1 < len(steps) else ""
        text = self.current.continue_text(following)
        self.footer.go_on.setText(text)
        self.footer.go_on.setVisible(bool(text))
        before = steps[place - 1].title() if place else _("Another file") if self.session.draft is not None else ""
        self.footer.back.setText(before)
        self.footer.back.setVisible(bool(before) and self.current.may_go_back())
        self.footer.cancel.setVisible(self.session.draft is not None and self.current is not self.result)
        self.footer.setVisible(self.session.draft is not None)
        self.footer.save_recipe.setVisible(self.current in (self.columns, self.keys, self.values))
        self.recipes.setVisible(self.draft_ready and self.current not in (self.rehearsal, self.write, self.result))
        self.recipes.refresh()
        self.print_rehearsal.setVisible(self._rehearsed)
        self.rejects.setVisible(self._rehearsed and self.rehearsal.result.rejected_count > 0)
        shown = getattr(self.navigator, "set_shown", None)
        if shown is not None and self.isVisible():
            shown(self.current.shown_count())

    @property
    def _rehearsed(self) -> bool:
        """Whether a rehearsal is shown."""
        found = self.session.rehearsal is not None and self.session.draft is not None and self.session.draft.rehearsed
        return self.current is self.rehearsal and found and not self.rehearsal.running

    @property
    def draft_ready(self) -> bool:
        """Whether a file was looked at."""
        return self.session.draft is not None and self.session.draft.ready

    def _refresh_header(self) -> None:
        draft = self.session.draft
        if draft is None or draft.guess is None:
            self.header.set_title(_("Import"))
            self.header.set_count("")
            return
        if self.current is self.rehearsal and draft.rehearsed and draft.rehearsal is not None:
            self.header.set_title(_("Rehearsal of the import"))
            taken = self.session.rehearsal.seconds if self.session.rehearsal is not None else draft.rehearsal.seconds
            told = _("{name}, tried out in {time}").format(name=draft.path.name, time=format_duration(taken))
            self.header.set_count(told if taken >= 1 else draft.path.name)
            return
        self.header.set_title(_("Import {name}").format(name=draft.path.name))
        self.header.set_count(" · ".join(self._facts()))

    def _facts(self) -> list[str]:
        draft = self.session.draft
        if draft is None or draft.guess is None:
            return []
        chosen = [one.sheet for one in self.session.tables if one.chosen]
        if len(chosen) > 1 and self.current is not self.file:
            every = sum(one.rows for one in chosen)
            tables = ngettext("{n} table", "{n} tables", len(chosen)).format(n=format_integer(len(chosen)))
            return [tables, ngettext("{n} row", "{n} rows", every).format(n=format_integer(every))]
        file = draft.guess.file
        sheet = file.best
        parts = [_("sheet “{name}”").format(name=sheet.name)] if len(file.sheets) > 1 else [file_kind_name(file)]
        rows = ngettext("{n} row", "{n} rows", sheet.rows).format(n=format_integer(sheet.rows))
        parts.append(_("about {rows}").format(rows=rows) if sheet.estimated else rows)
        parts.append(ngettext("{n} column", "{n} columns", len(sheet.columns)).format(n=len(sheet.columns)))
        if file.encoding:
            parts.append(encoding_name(file.encoding))
        return parts

    def retranslate(self) -> None:
        self.rejects.setText(_("Rejected rows as XLSX"))
        self.print_rehearsal.setText(_("Print or save"))
        self.footer.retranslate()
        for step in self.steps:
            step.retranslate()
        self._refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), theme().color("surface"))

    # -- dropping a file anywhere ------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_path(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.start(path)
