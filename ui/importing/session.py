"""One import on its way through the assistant: opens the file, keeps the plan, rehearses, writes, undoes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from crm_desktop.core import clock, filters
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.importing import guess, readers, recipes
from crm_desktop.importing.guess import PlanGuess, guess_plan
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.recipes import Recipe
from crm_desktop.importing.result import ImportResult
from crm_desktop.importing.run import run_import
from crm_desktop.importing.table import ReadOptions, Row
from crm_desktop.records import queries
from ui.framework import settings, tasks
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.tasks import JobHandle
from ui.importing.checks import CHECKED_ROWS, ColumnCheck, check_column
from ui.importing.draft import Decision, Draft, apply_decisions, follow, with_options, with_target
from ui.importing.rehearsal_rows import linked_ids

T = TypeVar("T")
_PATHS = "import.paths"
_MOST_PATHS = 50


@dataclass(frozen=True)
class _Rehearsed:
    result: ImportResult
    cells: dict[int, list[Any]]
    titles: dict[int, str]


@dataclass(frozen=True)
class _Opened:
    guess: PlanGuess
    rows: list[Row]
    recipe: Recipe | None


class ImportSession(QObject):
    """What the steps of the assistant share.

    ``opened`` is sent when a file (or another way to read it) has been looked at; ``failed`` with the error where it
    cannot be read; ``plan_changed`` after every decision; ``checked`` when the columns were tried out anew;
    ``rehearsed`` and ``written`` at the ends of the two runs, ``stopped`` where one was cancelled or failed.
    """

    opened = Signal()
    failed = Signal(object)
    opening = Signal()
    plan_changed = Signal()
    checked = Signal()
    rehearsed = Signal()
    written = Signal()
    stopped = Signal(object)

    def __init__(self, office: Office, owner: QWidget) -> None:
        super().__init__(owner)
        self.office = office
        self.owner = owner
        self.draft: Draft | None = None
        self.job: JobHandle | None = None
        self.busy = False

    @property
    def schema(self) -> Any:
        """The record types of this office."""
        return self.office.database.schema

    # -- the file ----------------------------------------------------------------------------------------------

    def open_file(self, path: Path, plan: ImportPlan | None = None) -> None:
        """Start with a file; with ``plan``, import it like another file was. Else a recipe may know it."""
        self.draft = Draft(path)
        if plan is not None:
            follow(self.draft, plan)
        self._look(recognise=plan is None)

    def read_with(self, given: ReadOptions) -> None:
        """Look at the same file again, read in another way."""
        if self.draft is not None:
            self.draft.given = given
            self._look()

    def choose_entity(self, entity: str) -> None:
        """Import it as another record type."""
        if self.draft is not None and entity != (self.draft.plan.entity if self.draft.plan else ""):
            self.draft.entity = entity
            self._look()

    def close_file(self) -> None:
        """Start again with nothing."""
        if self.job is not None and self.job.active:
            self.job.cancel()
        self.draft = None
        self.opened.emit()

    def use_recipe(self, recipe: Recipe | None) -> None:
        """Decide everything as a recipe says; None guesses anew."""
        draft = self.draft
        if draft is not None:
            draft.decided, draft.settings, draft.entity, draft.touched = {}, {}, "", False
            draft.recipe = recipe
            if recipe is not None:
                follow(draft, recipe.plan)
            self._look()

    def save_recipe(self, name: str) -> Recipe | None:
        """Remember the plan as it is now; files with these columns are recognised from now on."""
        draft = self.draft
        if draft is None or draft.guess is None or draft.plan is None:
            return None
        draft.recipe = recipes.save(draft.guess.file, draft.plan, name=name)
        self.plan_changed.emit()
        return draft.recipe

    def _look(self, *, recognise: bool = False) -> None:
        draft = self.draft
        assert draft is not None
        database, path, given, entity = self.office.database, draft.path, draft.given, draft.entity or None

        def work() -> _Opened:
            found = guess_plan(database, path, entity, options=given)
            recipe = recipes.match(found.file) if recognise else None
            if recipe is not None and recipe.plan.entity not in database.schema.entities:
                recipe = None
            if recipe is not None and recipe.plan.entity != found.plan.entity:
                found = guess_plan(database, path, recipe.plan.entity, options=given)
            return _Opened(found, list(islice(readers.read(path, found.plan.source), CHECKED_ROWS)), recipe)

        def done(found: _Opened) -> None:
            self.busy = False
            if self.draft is not draft:
                return
            draft.guess, draft.rows = found.guess, found.rows
            draft.counts = {}
            if found.recipe is not None:
                draft.recipe = found.recipe
                follow(draft, found.recipe.plan)
            self._adopt(apply_decisions(draft, found.guess.plan, found.guess.targets), fresh=True)
            self.opened.emit()

        def failed(error: Exception) -> None:
            self.busy = False
            if self.draft is draft:
                self.failed.emit(error)

        self.busy = True
        self.opening.emit()
        tasks.run_read(self.owner, work, done, failed, supersede="import-open")

    # -- the plan ----------------------------------------------------------------------------------------------

    def set_target(self, column: int, name: str | None) -> None:
        """Send a column to a field, or leave it out."""
        draft = self.draft
        assert draft is not None and draft.plan is not None
        target = draft.field_named(name) if name else None
        before = draft.plan
        plan = with_target(before, column, target)
        for position, (old, new) in enumerate(zip(before.columns, plan.columns, strict=True)):
            if position == column or old.target != new.target:
                draft.remember(position, Decision(new.target, new.transform))
        self._adopt(plan, fresh=False)

    def set_option(self, column: int, option: str, value: Any) -> None:
        """Say how the cells of a column are read: "date_order" or "decimal"."""
        draft = self.draft
        assert draft is not None and draft.plan is not None
        before = draft.decision(column)
        planned = draft.planned(column)
        options = {**(before.options if before else {}), option: value}
        draft.remember(column, Decision(planned.target, planned.transform, planned.values, options))
        draft.plan = draft.plan.with_column(planned.column, **{option: value})
        self.plan_changed.emit()
        self._check()

    def leave_out(self, columns: Sequence[int]) -> None:
        """Leave columns out."""
        for column in columns:
            self.set_target(column, None)

    def set_values(self, column: int, values: dict[str, Any]) -> None:
        """Say what the values of a column stand for."""
        draft = self.draft
        assert draft is not None and draft.plan is not None
        planned = draft.planned(column)
        draft.remember(column, Decision(planned.target, planned.transform, values))
        draft.plan = draft.plan.with_column(planned.column, values=values)
        self.plan_changed.emit()
        self._check()

    def change(self, **changes: Any) -> None:
        """Change what holds for the whole plan."""
        draft = self.draft
        assert draft is not None and draft.plan is not None
        draft.remember_setting(**changes)
        draft.plan = draft.plan.with_(**changes)
        self.plan_changed.emit()
        if "country" in changes:
            self._check()

    def _adopt(self, plan: ImportPlan, *, fresh: bool) -> None:
        """Take a plan with other columns; keys and parsing follow, decisions stay."""
        draft = self.draft
        assert draft is not None and draft.guess is not None
        if not fresh or plan.columns != draft.guess.plan.columns:
            plan = guess.replan(self.office.database, draft.guess, plan)
        settings = dict(draft.settings.get(plan.entity, {}))
        if "keys" in settings:
            settings["keys"] = tuple(name for name in settings["keys"] if name in plan.targets) or plan.keys
        draft.plan = with_options(draft, plan.with_(**settings))
        if fresh:
            draft.checks, draft.checked = {}, None
        self.plan_changed.emit()
        self._check()

    def _check(self) -> None:
        """Try the columns out on the first rows."""
        draft = self.draft
        assert draft is not None and draft.plan is not None
        plan, rows, before, kept = draft.plan, draft.rows, draft.checked, dict(draft.checks)
        targets = [draft.target(i) for i in range(len(plan.columns))]

        def same(position: int) -> bool:
            """Whether what was found out about a column still holds."""
            if before is None or before.country != plan.country or position not in kept:
                return False
            return before.columns[position] == plan.columns[position]

        def work() -> dict[int, ColumnCheck]:
            found = {}
            for position, (planned, target) in enumerate(zip(plan.columns, targets, strict=True)):
                if same(position):
                    found[position] = kept[position]
                    continue
                cells = ((number, cells[position] if position < len(cells) else None) for number, cells in rows)
                found[position] = check_column(planned, target, cells, plan.country)
            return found

        def done(found: dict[int, ColumnCheck]) -> None:
            if self.draft is draft and draft.plan is not None and draft.plan.columns == plan.columns:
                draft.checks, draft.checked = found, plan
                self.checked.emit()

        tasks.run_read(self.owner, work, done, supersede="import-check")

    # -- the runs ----------------------------------------------------------------------------------------------

    def rehearse(self) -> JobHandle:
        """Do it all and take it back: what would happen."""
        draft = self.draft
        assert draft is not None and draft.plan is not None

        database, actor, path, plan = self.office.database, self.office.actor, draft.path, draft.plan

        def work(progress: Progress) -> _Rehearsed:
            result = run_import(database, path, plan, actor, progress=progress, dry_run=True)
            return _Rehearsed(result, _cells_of(draft, result), _titles_of(database, draft, result))

        def done(found: _Rehearsed) -> None:
            if self.draft is draft:
                draft.rehearsal, draft.cells, draft.titles = found.result, found.cells, found.titles
                draft.rehearsed_at = clock.now()
                self.rehearsed.emit()

        return self._start(_("Rehearsing {name}").format(name=path.name), work, done)

    def write(self) -> JobHandle:
        """Import for good; cancelled, it leaves nothing."""
        draft = self.draft
        assert draft is not None and draft.plan is not None

        database, actor, path, plan = self.office.database, self.office.actor, draft.path, draft.plan

        def done(result: ImportResult) -> None:
            if self.draft is draft:
                draft.result = result
                self._count_recipe(draft)
                remember_path(result.change_set, path)
                self.written.emit()

        def work(progress: Progress) -> ImportResult:
            return run_import(database, path, plan, actor, progress=progress)

        return self._start(_("Importing {name}").format(name=path.name), work, done)

    def _count_recipe(self, draft: Draft) -> None:
        """A recipe that was followed as it is has been used once more."""
        known, file, plan = draft.recipe, draft.guess.file if draft.guess else None, draft.plan
        if known is not None and file is not None and plan is not None and not draft.touched:
            tasks.run_write(self.owner, lambda: recipes.save(file, plan, name=known.name))

    def list_page(self, navigator: Any, entity: str) -> str:
        """The page that lists records of a type; "" where there is none."""
        pages = navigator.palette_pages() if hasattr(navigator, "palette_pages") else ()
        return next((page.name for page in pages if page.entity == entity), "")

    def show_imported(self, navigator: Navigator, result: ImportResult) -> None:
        """Go to the list of the imported record type, narrowed to what the import made or changed."""
        page = self.list_page(navigator, result.plan.entity)
        if not page or result.change_set is None:
            return
        if result.created and result.batch_id is not None:
            # ids are given out in time, and the log of the import comes last
            narrowed = filters.where("id", "between", [result.change_set, result.batch_id])
        else:
            narrowed = filters.where("updated_at", "eq", clock.today().isoformat())
        navigator.open_page(page, filter=filters.to_json(narrowed))

    def _start(self, title: str, work: Callable[[Progress], T], done: Callable[[T], None]) -> JobHandle:
        job = tasks.run_job(title, work, done, self._on_failed, owner=self.owner)
        self.job = job
        job.finished.connect(lambda: self.stopped.emit(None) if job.state == "cancelled" else None)
        return job

    def _on_failed(self, error: Exception) -> None:
        self.stopped.emit(error)


def remember_path(change_set: int | None, path: Path) -> None:
    """Keep on this computer where an imported file was, for its rejected rows."""
    paths = dict(settings.remembered_value(_PATHS, {}))
    paths[str(change_set)] = str(path)
    settings.remember_value(_PATHS, dict(list(paths.items())[-_MOST_PATHS:]))


def remembered_path(change_set: int) -> Path | None:
    """Where an imported file was, if it still is there."""
    kept = settings.remembered_value(_PATHS, {}).get(str(change_set))
    return Path(kept) if kept and Path(kept).is_file() else None


def _cells_of(draft: Draft, result: ImportResult) -> dict[int, list[Any]]:
    """The raw cells of the rows that the rehearsal shows one by one."""
    wanted = {one.row for one in result.samples}
    found = {number: cells for number, cells in draft.rows if number in wanted}
    wanted -= found.keys()
    last = max(wanted, default=0)
    if wanted:
        for number, cells in readers.read(draft.path, result.plan.source):
            if number in wanted:
                found[number] = cells
            if number >= last:
                break
    return found


def _titles_of(database: Any, draft: Draft, result: ImportResult) -> dict[int, str]:
    """The titles of records that the rehearsal speaks of; those it made for the time being are not there."""
    found: dict[int, str] = {}
    wanted = linked_ids(draft, result)
    own = {one.record_id for one in result.duplicate_rows if one.record_id is not None}
    wanted.setdefault(result.plan.entity, set()).update(own)
    with database.read() as connection:
        for entity, ids in wanted.items():
            if entity in database.schema.entities:
                found.update(queries.titles(database.schema, connection, entity, ids))
    return found
