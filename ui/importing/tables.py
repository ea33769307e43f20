"""The tables of the file that is being imported, and which of them and of the record types in their rows take part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.importing import readers, rejects
from crm_desktop.importing.guess import PlanGuess, guess_plan
from crm_desktop.importing.parts import PartsGuess, TableGuess, guess_parts, guess_table
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.recipe_match import fit_recipe
from crm_desktop.importing.recipes import Recipe
from crm_desktop.importing.table import Evidence, FileGuess, ReadOptions, Row, SheetGuess
from ui.importing import recipe_use
from ui.importing.checks import CHECKED_ROWS
from ui.importing.draft import Draft


@dataclass(eq=False)
class Table:
    """A table of the file on its way: whether it comes in, what its rows are, and what else they speak of.

    ``main`` is the part of what a row is above all; ``further`` are the parts of the other record types that its rows
    speak of, ``also`` those of them that come in too. ``rows`` are the first ones, read when they are first needed.
    """

    main: Draft
    chosen: bool
    reason: Evidence | None = None
    like: int = -1
    further: dict[str, Draft] = field(default_factory=dict)
    also: set[str] = field(default_factory=set)
    rows: list[Row] | None = None

    @property
    def sheet(self) -> SheetGuess:
        """What was found out about the table."""
        assert self.main.guess is not None
        return self.main.guess.file.best

    @property
    def name(self) -> str:
        """What tells it apart in its file."""
        assert self.main.guess is not None
        return self.main.guess.file.options().part

    def drafts(self) -> list[Draft]:
        """The parts that come in."""
        return [self.main, *(one for name, one in self.further.items() if name in self.also)] if self.chosen else []


@dataclass(frozen=True)
class Looked:
    """What a look at a file found: its tables, the rows of those that take part, and a recipe that knows it.

    ``near`` are the recipes of which its columns only remind. ``corrected`` names the file whose rejected rows these are.
    """

    parts: PartsGuess
    rows: dict[int, list[Row]]
    recipe: Recipe | None = None
    near: tuple[Recipe, ...] = ()
    corrected: str = ""


@dataclass(frozen=True)
class LookedAgain:
    """What another look at one table found; ``only`` are the further record types that could take columns."""

    found: TableGuess
    rows: list[Row]
    only: frozenset[str] | None = None


def look(database: Any, path: Path, given: ReadOptions, like: ImportPlan | Recipe | None = None) -> Looked:
    """Look at every table of a file once; ``like`` is a recipe or the plan of an earlier import that is followed."""
    parts = guess_parts(database, path, options=given)
    file = parts.tables[parts.best].guess.file
    fixed = rejects.corrected(database, file) if like is None else None
    if fixed is not None:  # rejected rows that were corrected are imported as their file was
        like = fixed.plan
    if like is not None:
        known = recipe_use.Known(
            fit_recipe(like, file) if isinstance(like, Recipe) else recipe_use.of_import(like, file)
        )
    else:
        known = recipe_use.recognise(database, file)
    if known.recipe is not None:
        parts = recipe_use.with_recipe(database, parts, known.recipe)
    chosen = recipe_use.by_place(known.recipe) if known.recipe is not None else None
    taken = [i for i, one in enumerate(parts.tables) if (one.chosen if chosen is None else i in chosen)]
    rows = {i: first_rows(path, parts.tables[i].guess) for i in taken}
    return Looked(parts, rows, known.recipe, known.near, fixed.file if fixed is not None else "")


def look_by(database: Any, path: Path, file: FileGuess, recipe: Recipe, sheet: str) -> Looked:
    """Look at the tables that a recipe is for, which a person chose; at this one where it is for one table."""
    one = len({(part.member, part.sheet) for part in recipe.parts}) == 1
    fitted = fit_recipe(recipe, file, sheet if one else "")
    tables = {place: recipe_use.guess_as(database, own) for place, own in recipe_use.by_place(fitted).items()}
    rows = {place: first_rows(path, found.guess) for place, found in tables.items()}
    best = file.sheet if file.sheet in tables else min(tables)
    return Looked(PartsGuess(path, tuple(tables.values()), list(tables).index(best)), rows, fitted)


def look_again(
    database: Any, path: Path, known: FileGuess | None, given: ReadOptions, entity: str | None,
    only: frozenset[str] | None = None,
) -> LookedAgain:  # fmt: skip
    """Look at one table again: as another record type where ``known`` says how it is read, else read in another way."""
    if known is None:
        known = guess_plan(database, path, entity, options=given).file
    found = guess_table(database, known, entity, only)
    return LookedAgain(found, first_rows(path, found.guess), only)


def first_rows(path: Path, guess: PlanGuess) -> list[Row]:
    """The rows that columns are tried out on."""
    return list(islice(readers.read(path, guess.plan.source), CHECKED_ROWS))


def tables_from(path: Path, looked: Looked) -> list[Table]:
    """The tables of a fresh look, with nothing decided yet."""
    found = []
    for position, one in enumerate(looked.parts.tables):
        table = Table(Draft(path, position), one.chosen, one.reason, one.like, rows=looked.rows.get(position))
        take(table, one)
        table.also = set(table.further)
        found.append(table)
    return found


def follow_recipe(tables: Sequence[Table], recipe: Recipe) -> None:
    """Decide everything as a recipe says; tables that it does not know are left out."""
    own = recipe_use.by_place(recipe)
    for position, table in enumerate(tables):
        table.chosen = position in own
        if table.chosen:
            table.also = recipe_use.follow_table(table.main, table.further, recipe, own[position])


def add_columns(table: Table, added: tuple[tuple[str, str], ...]) -> None:
    """Say which columns of a table are worked out; it is looked at again then."""
    assert table.main.guess is not None
    options, plan = table.main.guess.file.options(), table.main.plan or table.main.guess.plan
    table.main.entity = plan.entity
    for one in (table.main, *table.further.values()):
        one.given = one.given.with_(sheet=options.sheet, member=options.member, added=added)
        one.touched = True


def take_looked(tables: Sequence[Table], found: Looked) -> Draft:
    """Take what was found when a recipe was chosen into the tables that it is for. Returns the part to show."""
    assert found.recipe is not None
    for place, guess in zip(found.rows, found.parts.tables, strict=True):
        table = tables[place]
        table.main.decided, table.main.settings, table.rows = {}, {}, found.rows[place]
        take(table, guess)
    follow_recipe(tables, found.recipe)
    for table in tables:
        for draft in table.drafts():
            draft.plan = None
    return tables[list(found.rows)[found.parts.best]].main


def take(table: Table, found: TableGuess, only: frozenset[str] | None = None) -> None:
    """Take what a look found into a table; parts whose record type is still there keep what was decided.

    Args:
        only: the further record types that could take columns; the others that were offered stay on offer.
    """
    main = table.main
    main.guess, main.rows, main.counts = found.guess, table.rows or [], {}
    before = table.further
    table.further = {} if only is None else {name: one for name, one in before.items() if name not in only}
    for guess in found.further:
        name = guess.plan.entity
        draft = before.get(name) or Draft(main.path, main.table, further=True)
        draft.guess, draft.rows, draft.counts = guess, main.rows, {}
        draft.given, draft.entity, draft.recipe = main.given, name, main.recipe
        table.further[name] = draft
    table.further = {name: table.further[name] for name in (*before, *table.further) if name in table.further}
    table.also &= table.further.keys()
    for draft in (main, *table.further.values()):
        _share_out(draft, [main, *(one for name, one in table.further.items() if only is None or name in only)])


def _share_out(draft: Draft, others: Sequence[Draft]) -> None:
    """Note which columns go to another part of the same rows."""
    draft.elsewhere = {}
    for other in others:
        if other is draft or other.guess is None or draft.guess is None:
            continue
        for place, (mine, theirs) in enumerate(zip(draft.guess.mapping, other.guess.mapping, strict=True)):
            if mine.target is None and theirs.target is not None:
                draft.elsewhere.setdefault(place, other.guess.plan.entity)


def leave_group(tables: Sequence[Table], position: int) -> None:
    """A table that is read in another way has a layout of its own; those that were like it keep each other."""
    group = [place for place, one in enumerate(tables) if one.like == position]
    for place in group:
        tables[place].like = group[0] if place != group[0] else -1
    tables[position].like = -1


def part_title(schema: Any, table: Table | None, draft: Draft, more: int) -> str:
    """What a part is called; ``table`` is its table where there are several, ``more`` how many are decided with it."""
    plural = translate(schema.entity(draft.record_type).plural) if draft.record_type else ""
    if table is None or not table.name:
        return plural or draft.path.name
    title = _("{table}: {records}").format(table=table.name, records=plural) if table.also else table.name
    return ngettext("{name} and {n} more", "{name} and {n} more", more).format(name=title, n=more) if more else title
