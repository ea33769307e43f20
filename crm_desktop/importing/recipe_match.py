"""Which recipe knows a file: the one for its columns, or one from which they differ by a column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from crm_desktop.core.errors import UserError
from crm_desktop.core.formula_names import fields_in
from crm_desktop.core.formula_words import FormulaError
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.db.database import Database
from crm_desktop.importing import readers
from crm_desktop.importing.recipe_fit import Fitted, fit, keys_of, marks_of, own_columns, renames
from crm_desktop.importing.recipes import Recipe, RecipePart, decided, every, last_touched
from crm_desktop.importing.table import FileGuess, ReadOptions, SheetGuess

_MOST_READ_AGAIN = 12
_SHARED = 2


def match(database: Database, file: FileGuess) -> Recipe | None:
    """The recipe for a file, fitted to where its columns stand; None where there is none.

    Among several for the same columns it is the one that was used or saved last; one that knows more tables of the file
    goes before one that knows fewer. A recipe that needs the file read in another way is tried by reading it so.
    """
    known = _usable(database)
    found = [fitted for recipe in known if (fitted := _exact(recipe, file)) is not None]
    if not found:
        own = [one for one in known if decided(one.parts[0].given)]
        found = [one for recipe in own[:_MOST_READ_AGAIN] if (one := _read_its_way(recipe, file)) is not None]
    return max(found, key=lambda one: len({part.place for part in one.parts}), default=None)


def near(database: Database, file: FileGuess) -> list[Recipe]:
    """Recipes whose columns are those of the file but for one that is new and one that is missing, the likest first.

    Also those for a file of another kind with the same columns.
    """
    found = []
    for recipe in _usable(database):
        if len({(part.member, part.sheet) for part in recipe.parts}) > 1:
            continue
        own = set(recipe.parts[0].keys)
        there = set(keys_of(own_columns(file.best)))
        if len(own & there) < max(_SHARED, 0.5 * len(own)) or len(own - there) > 1 or len(there - own) > 1:
            continue
        fitted = _fitted(recipe, file, dict.fromkeys(range(len(recipe.parts)), file.sheet))
        if not fitted.exact:
            found.append(fitted)
    return sorted(found, key=lambda one: (len(one.missing) + len(one.new), one.other_kind))


def fit_recipe(recipe: Recipe, file: FileGuess, sheet: str = "") -> Recipe:
    """A recipe fitted to a file for which a person chose it, whatever the columns are; it tells what differs.

    Args:
        sheet: the table to take, where the recipe is for one; the one that looks like it best otherwise.
    """
    if not sheet:
        exact = _exact(recipe, file) or (_read_its_way(recipe, file) if decided(recipe.parts[0].given) else None)
        if exact is not None:
            return exact
    places = {}
    for number, part in enumerate(recipe.parts):
        wanted = sheet or part.sheet
        named = [i for i, one in enumerate(file.sheets) if wanted and is_called(one, wanted)]
        if sheet and not named:
            raise UserError(NO_SHEET, name=sheet)
        places[number] = named[0] if named else _likest(part, file)
    return _fitted(recipe, file, places)


NO_SHEET = N_("There is no sheet {name} in this file.")


def _usable(database: Database) -> list[Recipe]:
    """The recipes whose record types there are, the one used last first."""
    known = [one for one in every(database) if all(name in database.schema.entities for name in one.entities)]
    return sorted(known, key=last_touched, reverse=True)


def is_called(sheet: SheetGuess, name: str) -> bool:
    """Whether a person means this table by a name: its own, its sheet's or its member's."""
    names = {sheet.name, sheet.name.rsplit(" › ", 1)[-1], sheet.member}
    return fold(name) in {fold(one) for one in names if one}


def _likest(part: RecipePart, file: FileGuess) -> int:
    own = set(part.keys)
    shares = [len(own & set(keys_of(own_columns(sheet)))) for sheet in file.sheets]
    best = max(shares)
    return file.sheet if shares[file.sheet] == best else shares.index(best)


def _exact(recipe: Recipe, file: FileGuess) -> Recipe | None:
    """The recipe on the tables that it knows; None where one of its layouts is not in the file."""
    places: dict[str, list[int]] = {}
    order = sorted(range(len(file.sheets)), key=lambda place: place != file.sheet)
    for place in order:
        for mark in marks_of(file, file.sheets[place]):
            places.setdefault(mark, []).append(place)
    if any(part.fingerprint not in places for part in recipe.parts):
        return None
    parts, chosen = list(recipe.parts), {}
    for mark in dict.fromkeys(part.fingerprint for part in recipe.parts):
        groups: dict[tuple[str, str], list[int]] = {}
        for number, part in enumerate(recipe.parts):
            if part.fingerprint == mark:
                groups.setdefault((part.member, part.sheet), []).append(number)
        free = list(places[mark])
        named = {key: next((p for p in free if key[1] and is_called(file.sheets[p], key[1])), -1) for key in groups}
        for key in sorted(groups, key=lambda key: named[key] < 0):
            place = named[key] if named[key] in free else free[0] if free else -1
            if place >= 0:
                free.remove(place)
                chosen.update(dict.fromkeys(groups[key], place))
        if len(groups) > 1:  # sheets of the same layout all come in: so do those that are new this time
            model = [number for number in next(iter(groups.values())) if number in chosen]
            for place in sorted(free):
                for number in model:
                    chosen[len(parts)] = place
                    parts.append(parts[number])
    return _fitted(replace(recipe, parts=tuple(parts)), file, chosen)


def _read_its_way(recipe: Recipe, file: FileGuess) -> Recipe | None:
    given = replace(recipe.parts[0].given, added=())
    try:
        other = readers.inspect(file.path, given)
    except UserError:
        return None
    return _exact(recipe, other)


def _fitted(recipe: Recipe, file: FileGuess, places: dict[int, int]) -> Recipe:
    """The recipe with those parts that have a place in the file."""
    parts: list[RecipePart] = []
    told: list[Fitted] = []
    looked: dict[tuple[int, ReadOptions], FileGuess] = {}
    for number, place in sorted(places.items(), key=lambda one: (one[1], one[0])):
        part = recipe.parts[number]
        base, sheet = file.options(place), file.sheets[place]
        renamed = renames(part.plan, part.keys, sheet)
        added = tuple((name, _with_headers(formula, renamed)) for name, formula in part.given.added)
        given = part.given.with_(sheet=base.sheet, member=base.member, added=added)
        own = file.at(place)
        if added or decided(given) or own.best.added:
            key = (place, given)
            own = looked[key] = looked.get(key) or _look(part, file, given)
            if part.fingerprint not in marks_of(own, own.best):
                given = ReadOptions(sheet=base.sheet, member=base.member, added=added)
        fitted = fit(part.plan, part.keys, own, own.best)
        told.append(fitted)
        parts.append(replace(part, plan=fitted.plan, given=given, place=place, file=own))
    return replace(
        recipe, parts=tuple(parts), new=_all(one.new for one in told), missing=_all(one.missing for one in told),
        needed=_all(one.needed for one in told),
        other_kind=any(one.other_kind for one in told) and not _known_marks(parts),
    )  # fmt: skip


def _look(part: RecipePart, file: FileGuess, given: ReadOptions) -> FileGuess:
    """The file as it was read for the recipe; where that does not give its columns, as it seems best."""
    found = readers.inspect(file.path, given)
    if decided(given) and part.fingerprint not in marks_of(found, found.best):
        found = readers.inspect(file.path, ReadOptions(sheet=given.sheet, member=given.member, added=given.added))
    return found


def _known_marks(parts: Sequence[RecipePart]) -> bool:
    """Whether the tables are known in spite of their kind: rejected rows are a workbook, whatever they were before."""
    return all(part.file is not None and part.fingerprint in marks_of(part.file, part.file.best) for part in parts)


def _all(names: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for some in names for name in some))


def _with_headers(formula: str, renamed: dict[str, str]) -> str:
    """The formula with its columns called as in another file."""
    try:
        places = list(fields_in(formula))
    except FormulaError:
        return formula
    by_name = {fold(old): new for old, new in renamed.items()}
    for start, end, name in reversed(places):
        new = by_name.get(fold(name.strip()))
        if new is not None and not set("[]") & set(new):
            formula = f"{formula[:start]}[{new}]{formula[end:]}"
    return formula
