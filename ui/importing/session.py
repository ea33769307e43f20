"""One import on its way through the assistant: opens the file, keeps the plan of each part, rehearses, writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from crm_desktop.core import clock
from crm_desktop.core.fields import Field
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.importing import guess
from crm_desktop.importing.guess import PlanGuess
from crm_desktop.importing.plan import ImportPart, ImportPlan
from crm_desktop.importing.recipes import Recipe
from crm_desktop.importing.result import ImportResults
from crm_desktop.importing.run import run_imports
from crm_desktop.importing.table import FileGuess, ReadOptions, Row
from ui.framework import tasks
from ui.framework.office import Office
from ui.framework.tasks import JobHandle
from ui.importing import backing_up, recipe_use
from ui.importing import tables as looks
from ui.importing.checks import CHECKED_ROWS, ColumnCheck, check_columns, check_whole_file
from ui.importing.draft import Decision, Draft, apply_decisions, with_options, with_target
from ui.importing.runs import remember_path
from ui.importing.tables import Looked, LookedAgain, Table
from ui.widgets.toast import show_toast

T = TypeVar("T")


class ImportSession(QObject):
    """What the steps of the assistant share.

    ``tables`` are all tables of the file, ``drafts`` the parts that come in: a table and a record type of its rows each.
    The steps work on ``draft``, which is ``drafts[current]``; ``choose_part`` makes another one current. What is decided
    about a part is decided about all parts of the same layout (``alike``). ``rehearsal`` and ``results`` are those of
    all parts, each draft has its own in ``draft.rehearsal`` and ``draft.result``.

    ``opened`` is sent when a file (or another way to read it) has been looked at and whenever another part is current;
    ``failed`` with the error where it cannot be read; ``parts_changed`` when parts come or go or another is current;
    ``plan_changed`` after every decision; ``checked`` when the columns were tried out anew; ``rehearsed`` and
    ``written`` at the ends of the two runs, ``stopped`` where one was cancelled or failed.
    """

    opened = Signal()
    failed = Signal(object)
    opening = Signal()
    parts_changed = Signal()
    plan_changed = Signal()
    checked = Signal()
    rehearsed = Signal()
    written = Signal()
    stopped = Signal(object)

    def __init__(self, office: Office, owner: QWidget) -> None:
        super().__init__(owner)
        self.office = office
        self.owner = owner
        self.tables: list[Table] = []
        self.drafts: list[Draft] = []
        self.current = 0
        self.rehearsal: ImportResults | None = None
        self.last_backup: datetime | None = None
        self.results: ImportResults | None = None
        self.job: JobHandle | None = None
        self.busy = False
        self.near: tuple[Recipe, ...] = ()  # those of which the columns of the file remind

    @property
    def schema(self) -> Any:
        """The record types of this office."""
        return self.office.database.schema

    @property
    def draft(self) -> Draft | None:
        """The part that the steps work on; None without a file."""
        return self.drafts[self.current] if self.current < len(self.drafts) else None

    @property
    def table(self) -> Table | None:
        """The table of the current part, once the file was looked at."""
        return self.tables[self.draft.table] if self.draft is not None and self.tables else None

    # -- the parts ---------------------------------------------------------------------------------------------

    def choose_part(self, part: int) -> None:
        """Make another part the one that the steps work on."""
        if part != self.current and 0 <= part < len(self.drafts):
            self.current = part
            self._tell()

    def alike(self, draft: Draft) -> list[Draft]:
        """A part and those of the same layout and record type, as sheets of twelve months are; the first is the model."""
        if not self.tables:
            return [draft]
        group = self._group(draft.table)
        return [one for one in self.drafts if one is draft
                or self._group(one.table) == group and one.record_type == draft.record_type and one.further == draft.further]  # fmt: skip

    def _group(self, table: int) -> int:
        like = self.tables[table].like
        return table if like < 0 else like

    def part_title(self, draft: Draft, *, with_alike: bool = False) -> str:
        """What a part is called: its table where there are several, its record type where a table has several."""
        table = self.tables[draft.table] if self.tables and len({one.table for one in self.drafts}) > 1 else None
        more = len(self.alike(draft)) - 1 if with_alike else 0
        return looks.part_title(self.schema, table, draft, more)

    def choose_table(self, position: int, on: bool) -> None:
        """Take a table in, or leave it out; the last one stays."""
        table = self.tables[position]
        if table.chosen == on or not on and sum(one.chosen for one in self.tables) == 1:
            self._tell()
            return
        table.chosen = on
        self._gather(table.main if on else None)

    def show_table(self, position: int) -> None:
        """Look at a table. One that was left out comes in; where only one was to come in, it takes its place."""
        table = self.tables[position]
        if not table.chosen:
            chosen = [one for one in self.tables if one.chosen]
            if len(chosen) == 1:
                chosen[0].chosen = False
            table.chosen = True
        self._gather(table.main)

    def choose_further(self, position: int, entity: str, on: bool) -> None:
        """Import a further record type of the rows of a table too, or not."""
        for table in self._same_tables(position):
            (table.also.add if on else table.also.discard)(entity)
            table.main.touched = True
            self._look_again(table, known=True, only=frozenset(table.also))

    def _same_tables(self, position: int) -> list[Table]:
        group = self._group(position)
        return [one for place, one in enumerate(self.tables) if self._group(place) == group]

    def _gather(self, current: Draft | None) -> None:
        """Collect the parts anew and go to one of them; the one that was current where none is given."""
        before = current or self.draft
        self.drafts = [draft for table in self.tables for draft in table.drafts()]
        self.current = next((i for i, one in enumerate(self.drafts) if one is before), 0)
        names = self.schema.entities
        for draft in self.drafts:
            draft.elsewhere = {at: names[one].plural if one in names else one for at, one in draft.elsewhere.items()}
            if draft.plan is None:
                self._adopt(draft, apply_decisions(draft, draft.guess.plan, draft.guess.targets), fresh=True)  # type: ignore[union-attr]
        self._stale()
        self._read_rows()
        self._tell()

    def _read_rows(self) -> None:
        """Read the first rows of tables that were left out so far."""
        for table in self.tables:
            if table.chosen and table.rows is None and table.main.guess is not None:
                table.rows = []
                self._read_table(table, table.main.guess)

    def _read_table(self, table: Table, found: PlanGuess) -> None:
        def done(rows: list[Row]) -> None:
            self._take_rows(table, rows)

        tasks.run_read(self.owner, lambda: looks.first_rows(table.main.path, found), done)

    def _take_rows(self, table: Table, rows: list[Row]) -> None:
        if table not in self.tables:
            return
        table.rows = rows
        for draft in (table.main, *table.further.values()):
            draft.rows, draft.checks, draft.checked = rows, {}, None
            if draft.plan is not None:
                self._check(draft)
        self.opened.emit()

    def _tell(self) -> None:
        """The parts or the current one changed."""
        self.parts_changed.emit()
        self.plan_changed.emit()
        self.opened.emit()

    # -- the file ----------------------------------------------------------------------------------------------

    def open_file(self, path: Path, plan: ImportPlan | Recipe | None = None) -> None:
        """Start with a file; with ``plan``, import it like another file was, or by a recipe. Else one may know it."""
        waiting = Draft(path)
        self.tables, self.drafts, self.current, self.rehearsal, self.results = [], [waiting], 0, None, None
        database = self.office.database
        self.near = ()

        def work() -> Looked:
            return looks.look(database, path, ReadOptions(), plan)

        def done(found: Looked) -> None:
            self.busy = False
            if self.draft is not waiting:
                return
            self.tables = looks.tables_from(path, found)
            best = self.tables[found.parts.best]
            self.near = found.near
            if found.recipe is not None:
                looks.follow_recipe(self.tables, found.recipe)
            self._gather(best.main)
            if found.corrected:
                text = _("These are the rejected rows of {file}: they are imported as it was.")
                show_toast(self.owner, text.format(file=found.corrected), kind="accent")

        self._begin(work, done, waiting)

    def read_with(self, given: ReadOptions) -> None:
        """Look at the same table again, read in another way; another sheet is another table."""
        draft, table = self.draft, self.table
        if draft is None or table is None:
            return
        wanted = (given.part, given.sheet)
        other = next((i for i, one in enumerate(self.tables) if one.sheet.name in wanted), draft.table)
        if given.part and other != draft.table:
            self.show_table(other)
            return
        for one in (table.main, *table.further.values()):
            one.given = given
        looks.leave_group(self.tables, draft.table)
        self._look_again(table, known=False)

    def add_columns(self, added: tuple[tuple[str, str], ...]) -> None:
        """Work out these columns of the current table and of those alike, in place of those added before."""
        for table in self._same_tables(self.draft.table) if self.draft is not None else ():
            looks.add_columns(table, added)
            self._look_again(table, known=False)

    def choose_entity(self, entity: str, position: int | None = None) -> None:
        """Import the rows of a table, the current one if none is given, as another record type."""
        if self.draft is None or not self.tables:
            return
        for table in self._same_tables(self.draft.table if position is None else position):
            if entity != table.main.record_type:
                table.main.entity = entity
                self._look_again(table, known=True)

    def close_file(self) -> None:
        """Start again with nothing."""
        if self.job is not None and self.job.active:
            self.job.cancel()
        self.tables, self.drafts, self.current, self.rehearsal, self.results = [], [], 0, None, None
        self.opened.emit()

    def use_recipe(self, recipe: Recipe | None) -> None:
        """Decide everything as a recipe says, about the current table where it is for one; None guesses anew."""
        table = self.table
        if table is None or table.main.guess is None:
            return
        if recipe is not None:
            self._follow(recipe, table, table.main.guess.file)
            return
        known = not table.main.given.added
        table.main.forget_decisions()
        self._look_again(table, known=known)

    def _follow(self, recipe: Recipe, table: Table, file: FileGuess) -> None:
        database, path, sheet = self.office.database, table.main.path, table.sheet.name

        def done(found: Looked) -> None:
            self.busy = False
            if table not in self.tables or found.recipe is None:
                return
            for place in found.rows:
                looks.leave_group(self.tables, place)
            self.near = ()
            self._gather(looks.take_looked(self.tables, found))

        self._begin(lambda: looks.look_by(database, path, file, recipe, sheet), done, table.main)

    def _look_again(self, table: Table, *, known: bool, only: frozenset[str] | None = None) -> None:
        draft = table.main
        assert draft.guess is not None
        file = draft.guess.file if known else None
        database, path, given, entity = self.office.database, draft.path, draft.given, draft.entity or None
        if only is not None:
            entity = draft.record_type

        def work() -> LookedAgain:
            return looks.look_again(database, path, file, given, entity, only)

        def done(found: LookedAgain) -> None:
            self.busy = False
            if table not in self.tables:
                return
            table.rows = found.rows
            looks.take(table, found.found, found.only)
            if only is None:
                table.also = set(table.further)
            for one in (table.main, *table.further.values()):
                one.plan = None
            self._gather(None)

        self._begin(work, done, draft, f"import-open-{draft.table}")

    def _begin(
        self, work: Callable[[], T], done: Callable[[T], None], draft: Draft, supersede: str = "import-open"
    ) -> None:
        def failed(error: Exception) -> None:
            self.busy = False
            if draft in self.drafts:
                self.failed.emit(error)

        self.busy = True
        self.opening.emit()
        tasks.run_read(self.owner, work, done, failed, supersede=supersede)

    # -- the plan ----------------------------------------------------------------------------------------------

    def _deciding(self) -> list[Draft]:
        """The parts that a decision about the current one is for."""
        draft = self.draft
        return [one for one in self.alike(draft) if one.plan is not None] if draft is not None else []

    def set_target(self, column: int, name: str | None) -> None:
        """Send a column to a field, or leave it out."""
        self.set_targets({column: name})

    def set_targets(self, targets: dict[int, str | None]) -> None:
        """Send columns to fields, or leave them out."""
        for draft in self._deciding():
            before = plan = draft.plan
            assert before is not None and plan is not None
            for column, name in targets.items():
                plan = with_target(plan, column, draft.field_named(name) if name else None)
            for position, (old, new) in enumerate(zip(before.columns, plan.columns, strict=True)):
                if position in targets or old.target != new.target:
                    draft.remember(position, Decision(new.target, new.transform))
            self._adopt(draft, plan, fresh=False)
        self._changed()

    def set_option(self, column: int, option: str, value: Any) -> None:
        """Say how the cells of a column are read: "date_order" or "decimal"."""
        for draft in self._deciding():
            assert draft.plan is not None
            before, planned = draft.decision(column), draft.planned(column)
            options = {**(before.options if before else {}), option: value}
            draft.remember(column, Decision(planned.target, planned.transform, planned.values, options))
            draft.plan = draft.plan.with_column(planned.column, **{option: value})
            self._check(draft)
        self._changed()

    def leave_out(self, columns: Sequence[int]) -> None:
        """Leave columns out."""
        self.set_targets(dict.fromkeys(columns))

    def set_values(self, column: int, values: dict[str, Any]) -> None:
        """Say what the values of a column stand for."""
        for draft in self._deciding():
            assert draft.plan is not None
            planned = draft.planned(column)
            own = values if draft is self.draft else {**planned.values, **values}
            draft.remember(column, Decision(planned.target, planned.transform, own))
            draft.plan = draft.plan.with_column(planned.column, values=own)
            self._check(draft)
        self._changed()

    def change(self, **changes: Any) -> None:
        """Change what holds for the whole plan."""
        for draft in self._deciding():
            assert draft.plan is not None
            draft.remember_setting(**changes)
            draft.plan = draft.plan.with_(**changes)
            if "country" in changes:
                self._check(draft)
        self._changed()

    def _changed(self) -> None:
        self._stale()
        self.plan_changed.emit()

    def _stale(self) -> None:
        """A rehearsal is one of all parts as they are: where one changes, all of it is to be done again."""
        if len(self.drafts) > 1 or self.rehearsal is not None and len(self.rehearsal.parts) != len(self.drafts):
            self.rehearsal = None
            for draft in self.drafts:
                draft.rehearsal = None

    def _adopt(self, draft: Draft, plan: ImportPlan, *, fresh: bool) -> None:
        """Take a plan with other columns; keys and parsing follow, decisions stay."""
        assert draft.guess is not None
        if not fresh or plan.columns != draft.guess.plan.columns:
            plan = guess.replan(self.office.database, draft.guess, plan)
        settings = dict(draft.settings.get(plan.entity, {}))
        if "keys" in settings:
            fitting = tuple(key for key in settings["keys"] if key in (*plan.targets, *plan.keys))
            settings["keys"] = fitting or plan.keys
        draft.plan = with_options(draft, plan.with_(**settings))
        if fresh:
            draft.checks, draft.checked = {}, None
        self._check(draft)

    def _check(self, draft: Draft) -> None:
        """Try the columns of a part out on the first rows."""
        assert draft.plan is not None
        plan, rows, before, kept = draft.plan, draft.rows, draft.checked, dict(draft.checks)
        targets = [draft.target(i) for i in range(len(plan.columns))]

        def work() -> dict[int, ColumnCheck]:
            return check_columns(plan, targets, rows, before, kept)

        def done(found: dict[int, ColumnCheck]) -> None:
            if draft in self.drafts and draft.plan is not None and draft.plan.columns == plan.columns:
                draft.checks, draft.checked = found, plan
                self.checked.emit()
                self._check_all_rows(draft, plan, targets)

        tasks.run_read(self.owner, work, done, supersede=f"import-check-{draft.table}-{draft.plan.entity}")

    def _check_all_rows(self, draft: Draft, plan: ImportPlan, targets: list[Field | None]) -> None:
        """Where the file has more rows than were tried at once, try the others too."""
        assert draft.guess is not None
        first = dict(draft.checks)
        if draft.guess.file.best.rows <= CHECKED_ROWS or all(check.whole for check in first.values()):
            return

        def stopped() -> bool:
            return draft not in self.drafts or draft.plan is None or draft.plan.columns != plan.columns

        def work() -> dict[int, ColumnCheck]:
            return check_whole_file(draft.path, plan, targets, first, stopped)

        def done(found: dict[int, ColumnCheck]) -> None:
            if found and not stopped():
                draft.checks = found
                self.checked.emit()

        tasks.run_read(self.owner, work, done, lambda _error: None, supersede=f"import-check-all-{draft.table}")

    # -- the runs ----------------------------------------------------------------------------------------------

    def _parts(self) -> list[ImportPart]:
        return [ImportPart(one.path, one.plan) for one in self.drafts if one.plan is not None]

    def rehearse(self) -> JobHandle:
        """Do all parts and take them back: what would happen."""
        drafts, parts = list(self.drafts), self._parts()
        database, actor = self.office.database, self.office.actor

        def work(progress: Progress) -> ImportResults:
            return run_imports(database, parts, actor, progress=progress, dry_run=True)

        def done(found: ImportResults) -> None:
            if self.drafts != drafts:
                return
            self.rehearsal = found
            for draft, result in zip(drafts, found.parts, strict=True):
                draft.rehearsal, draft.rehearsed_at = result, clock.now()
            self.rehearsed.emit()
            backing_up.look(self.owner, self.office, self)

        return self._start(_("Rehearsing {name}").format(name=drafts[0].path.name), work, done)

    @property
    def large(self) -> bool:
        """Whether a backup is made before writing."""
        return backing_up.is_large(self.rehearsal)

    def write(self, *, anyway: bool = False, back_up: bool = True) -> JobHandle:
        """Import all parts for good, exactly as rehearsed, a large one after a backup; cancelled, it leaves nothing.

        Args:
            anyway: also where the database changed since the rehearsal.
            back_up: False where the person decided against it.
        """
        rehearsed = None if anyway else self.rehearsal
        drafts, parts = list(self.drafts), self._parts()
        database, actor, path = self.office.database, self.office.actor, drafts[0].path

        def run(progress: Progress) -> ImportResults:
            return run_imports(database, parts, actor, progress=progress, rehearsed=rehearsed)

        def done(found: ImportResults) -> None:
            if self.drafts != drafts:
                return
            self.results = found
            for draft, result in zip(drafts, found.parts, strict=True):
                draft.result = result
            recipe_use.count_uses(self.owner, self.office, drafts)
            remember_path(found.change_set, path)
            self.written.emit()

        work = backing_up.after_backup(self.office, run, back_up and self.large)
        return self._start(_("Importing {name}").format(name=path.name), work, done)

    def _start(self, title: str, work: Callable[[Progress], T], done: Callable[[T], None]) -> JobHandle:
        job = tasks.run_job(title, work, done, self.stopped.emit, owner=self.owner)
        self.job = job
        job.finished.connect(lambda: self.stopped.emit(None) if job.state == "cancelled" else None)
        return job
