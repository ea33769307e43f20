"""Imports without anybody watching: which files wait, which were imported before, what is done with them afterwards."""

from __future__ import annotations

import glob
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing import readers, recipes
from crm_desktop.importing.large import may_be_large
from crm_desktop.importing.parts import guess_parts
from crm_desktop.importing.plan import ImportPart, ImportPlan
from crm_desktop.importing.recipe_match import NO_SHEET, fit_recipe, is_called, match
from crm_desktop.importing.recipes import Recipe
from crm_desktop.importing.rejects import write_rejects
from crm_desktop.importing.result import ImportResult, ImportResults
from crm_desktop.importing.run import FileChanged, digest_of, run_imports
from crm_desktop.importing.table import Evidence, ReadOptions

DONE, FAILED = "done", "failed"
IMPORTED, KNOWN, LEFT, OVER, BROKEN = "imported", "known", "left", "over", "broken"
"""What became of a file: imported; imported before; still being written; too many rejected rows; not imported."""
SETTLED_AFTER = 5.0
"""A file that was changed less than so many seconds ago is looked at twice."""
PAUSE = 0.6
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".lock")


class TooManyRejected(UserError):
    """More rows were rejected than allowed; nothing was kept. ``results`` are the numbers."""

    def __init__(self, results: ImportResults, limit: str) -> None:
        super().__init__(
            N_("{rejected} of {rows} rows were rejected, more than {limit}. Nothing was kept."),
            rejected=results.total("rejected_count"), rows=results.total("rows_read"), limit=limit,
        )  # fmt: skip
        self.results = results


@dataclass(frozen=True)
class Orders:
    """What is wanted of every file.

    Attributes:
        entity, sheet: what the rows are, and where; guessed where empty.
        every: take all tables that hold records, not only the best one.
        recipe: followed for every file. Without it and without ``entity`` the one that knows the file.
        mode, keys: in place of those of the recipe or the guess.
        most: how many rows may be rejected; "5" or "2%"; "" is any number.
        again: import what was imported already.
    """

    entity: str = ""
    sheet: str = ""
    recipe: Recipe | None = None
    mode: str = ""
    keys: tuple[str, ...] = ()
    dry_run: bool = False
    most: str = ""
    again: bool = False
    every: bool = False


@dataclass
class Outcome:
    """What became of one file."""

    path: Path
    state: str
    results: ImportResults | None = None
    recipe: str = ""
    recipe_id: int = 0
    error: Exception | None = None
    notes: list[Evidence] = field(default_factory=list)
    not_backed_up: UserError | None = None
    rejects: list[Path] = field(default_factory=list)
    moved_to: Path | None = None

    @property
    def rejected(self) -> list[ImportResult]:
        """The parts with rejected rows."""
        return [one for one in self.results.parts if one.rejected_count] if self.results is not None else []


def files_in(target: str) -> list[Path]:
    """The files that a path, a folder or a pattern names, the oldest first; unfinished and hidden ones are left out.

    Raises:
        UserError: a single file or folder is not there.
    """
    path = Path(target)
    if path.is_dir():
        found = [one for one in path.iterdir() if one.is_file()]
    elif path.exists() or not glob.has_magic(target):
        if not path.exists():
            raise UserError(N_("There is no file {name}. Check the path."), name=target)
        return [path]
    else:
        found = [Path(one) for one in glob.glob(target) if Path(one).is_file()]
    return sorted((one for one in found if not _unfinished(one)), key=lambda one: (one.stat().st_mtime, one.name))


def is_single(target: str) -> bool:
    """Whether a target names one file."""
    return not Path(target).is_dir() and (Path(target).exists() or not glob.has_magic(target))


def _unfinished(path: Path) -> bool:
    return path.name.startswith((".", "~$")) or path.suffix.lower() in _UNFINISHED


def still_written(paths: Sequence[Path]) -> set[Path]:
    """Those files that another program is writing just now."""
    before = {path: _stamp(path) for path in paths}
    young = [path for path, (_size, changed) in before.items() if time.time() - changed < SETTLED_AFTER]
    if not young:
        return set()
    time.sleep(PAUSE)
    return {path for path in young if _stamp(path) != before[path] or _locked(path)}


def _stamp(path: Path) -> tuple[int, float]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0.0
    return found.st_size, found.st_mtime


def _locked(path: Path) -> bool:
    """Whether another program keeps the file to itself, as some do while they write."""
    try:
        with path.open("rb"):
            return False
    except PermissionError:
        return True
    except OSError:
        return False


def import_one(
    database: Database, actor: Actor, path: Path, orders: Orders, progress: Progress | None = None, *,
    before: Callable[[], None] | None = None,
) -> Outcome:  # fmt: skip
    """Import one file, all of it or nothing; whatever is wrong with it is told in what is returned.

    Args:
        before: called before a large import, to make a backup; where that fails the import goes on, and it is told.

    Raises:
        Cancelled: the person stopped it.
    """
    outcome = Outcome(path, IMPORTED)
    try:
        parts = _parts(database, path, orders, outcome)
        if not orders.again and not orders.dry_run and _known(database, path, parts):
            outcome.state = KNOWN
            return outcome
        if before is not None and not orders.dry_run and may_be_large(parts):
            _prepare(before, outcome)
        outcome.results = run_imports(
            database, parts, actor, progress=progress, dry_run=orders.dry_run,
            check=lambda results: _check(results, orders.most),
        )  # fmt: skip
    except Cancelled:
        raise
    except TooManyRejected as error:
        outcome.state, outcome.error, outcome.results = OVER, error, error.results
    except FileChanged as error:
        outcome.state, outcome.error = LEFT, error
    except Exception as error:  # the next file has its turn, whatever is wrong with this one
        outcome.state, outcome.error = BROKEN, error
    return outcome


def _prepare(before: Callable[[], None], outcome: Outcome) -> None:
    try:
        before()
    except UserError as error:
        outcome.not_backed_up = error


def _parts(database: Database, path: Path, orders: Orders, outcome: Outcome) -> list[ImportPart]:
    options = ReadOptions(sheet=orders.sheet)
    recipe = orders.recipe
    if recipe is not None:
        recipe = fit_recipe(recipe, readers.inspect(path), orders.sheet)
    elif not orders.entity:
        recipe = match(database, readers.inspect(path, options))
    if recipe is None:
        guessed = guess_parts(database, path, orders.entity or None, options=options)
        sheets = guessed.tables[guessed.best].guess.file.sheets
        if orders.sheet and not any(is_called(sheet, orders.sheet) for sheet in sheets):
            raise UserError(NO_SHEET, name=orders.sheet)
        parts = guessed.parts(only_best=not orders.every or bool(orders.sheet))
    else:
        outcome.recipe, outcome.recipe_id = recipe.name, recipe.id
        _refuse_missing(recipe, path)
        if recipe.new:
            outcome.notes.append(
                Evidence(N_("New columns are left out: {names}"), {"names": ", ".join(recipe.new)})
            )  # fmt: skip
        parts = [ImportPart(path, part.plan) for part in recipe.parts]
    return [replace(part, plan=_ordered(part.plan, orders)) for part in parts]


def _refuse_missing(recipe: Recipe, path: Path) -> None:
    if recipe.needed:
        raise UserError(
            N_("{file} does not have what the recipe {recipe} needs: {names}."),
            file=path.name, recipe=recipe.name, names=", ".join(recipe.needed),
        )  # fmt: skip


def _ordered(plan: ImportPlan, orders: Orders) -> ImportPlan:
    """The plan with what was said on the command line."""
    for name in orders.keys:
        if name not in plan.targets and name not in plan.keys:
            raise UserError(
                N_("No column goes to the field “{field}”, so it cannot be a key. Fields: {known}."),
                field=name, known=", ".join(sorted(plan.targets)),
            )  # fmt: skip
    changes = {"mode": orders.mode, "keys": orders.keys}
    return plan.with_(**{name: value for name, value in changes.items() if value})


def _known(database: Database, path: Path, parts: Sequence[ImportPart]) -> bool:
    """Whether a file with this content was imported before, as the same record types."""
    batch = Base.metadata.tables["import_batch"]
    digest = digest_of(path)
    with database.read_all() as connection:  # also of colleagues, whose rejected rows are not for everybody
        if database.locked:
            kinds = sa.ARRAY(sa.Text)
            found = connection.execute(sa.select(sa.func.crm_imported(digest, type_=kinds))).scalar_one()
        else:
            done = sa.select(batch.c.entity).where(batch.c.digest == digest, batch.c.state == "done")
            found = list(connection.execute(done).scalars())
        return bool(digest) and {part.plan.entity for part in parts} <= set(found)


def _check(results: ImportResults, most: str) -> None:
    if most and results.total("rejected_count") > allowed(most, results.total("rows_read")):
        raise TooManyRejected(results, most)


def allowed(most: str, rows: int) -> float:
    """How many rows may be rejected: "5" is five, "2%" two of a hundred.

    Raises:
        ValueError: it is neither.
    """
    text = most.strip()
    number = float(text.removesuffix("%").replace(",", "."))
    if number < 0 or (text.endswith("%") and number > 100):
        raise ValueError(most)
    return number * rows / 100 if text.endswith("%") else number


def count_use(database: Database, actor: Actor, outcome: Outcome) -> None:
    """Note that the recipe of a file was used."""
    if outcome.recipe_id:
        with write(database, N_("Recipe used"), actor=actor, kind="system") as uow:
            recipes.count_use(uow, outcome.recipe_id)


def save_rejects(outcome: Outcome, target: Path, *, several: bool) -> None:
    """Write the rejected rows of a file as workbooks to correct; into a folder, or beside each other where there are several."""
    parts = outcome.rejected
    if target.is_dir() or not target.suffix:
        target.mkdir(parents=True, exist_ok=True)
        target, several = target / f"{outcome.path.stem}.xlsx", False
    if several:
        target = target.with_name(f"{target.stem} {outcome.path.stem}{target.suffix}")
    for number, one in enumerate(parts):
        own = target if len(parts) == 1 else target.with_name(f"{target.stem} {number + 1}{target.suffix}")
        write_rejects(one, own)
        outcome.rejects.append(own)


def move(outcome: Outcome, folder: Path) -> None:
    """Put a file away: into "done" or "failed" below a folder, under a name that is free.

    Raises:
        UserError: it cannot be moved.
    """
    below = folder / (DONE if outcome.state in (IMPORTED, KNOWN) else FAILED)
    try:
        below.mkdir(parents=True, exist_ok=True)
        stamp = clock.now().astimezone(clock.local_zone()).strftime("%Y-%m-%d-%H%M%S")
        target, number = below / outcome.path.name, 1
        while target.exists():
            again = f" {number}" if number > 1 else ""
            target = below / f"{outcome.path.stem} {stamp}{again}{outcome.path.suffix}"
            number += 1
        outcome.moved_to = Path(shutil.move(outcome.path, target))
    except OSError as error:
        raise UserError(
            N_("{name} cannot be moved to {folder}. Check that nobody has it open and that you may write there."),
            name=outcome.path.name, folder=str(below), details=str(error),
        ) from error  # fmt: skip
