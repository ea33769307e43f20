"""Recipes and the import that is being prepared: recognised, followed, saved, counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import N_
from crm_desktop.importing import recipes
from crm_desktop.importing.added_formulas import by_header
from crm_desktop.importing.guess import guess_table_plan
from crm_desktop.importing.parts import PartsGuess, TableGuess, guess_table
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.recipe_match import fit_recipe, match, near
from crm_desktop.importing.recipes import Recipe, RecipePart, Seen
from crm_desktop.importing.table import FileGuess, ReadOptions
from ui.framework.office import Office
from ui.importing.draft import Draft, follow


@dataclass(frozen=True)
class Known:
    """What recipes say about a file: the one that is followed, or those that it is like."""

    recipe: Recipe | None = None
    near: tuple[Recipe, ...] = ()


def recognise(database: Any, file: FileGuess) -> Known:
    """The recipe that knows a file, or those of which its columns remind."""
    found = match(database, file)
    return Known(found, () if found is not None else tuple(near(database, file)))


def of_import(plan: ImportPlan, file: FileGuess) -> Recipe:
    """The plan of an earlier import, to be followed once more."""
    own = plan.columns[: len(plan.columns) - len(plan.source.added)]
    part = RecipePart.from_dict({"plan": plan.with_(columns=own).as_dict()})
    headers = [one.header for one in plan.columns]
    added = tuple((name, by_header(text, headers)) for name, text in plan.source.added)
    part = replace(part, plan=plan, given=ReadOptions(added=added), sheet=plan.source.sheet, member=plan.source.member)
    return fit_recipe(Recipe(0, "", part.fingerprint, (part,)), file)


def with_recipe(database: Any, parts: PartsGuess, recipe: Recipe) -> PartsGuess:
    """What was found out about the tables of a file, looked at as a recipe says."""
    tables = list(parts.tables)
    for place, own in by_place(recipe).items():
        tables[place] = guess_as(database, own)
    best = parts.best if parts.best in by_place(recipe) else min(by_place(recipe))
    return PartsGuess(parts.path, tuple(tables), best)


def by_place(recipe: Recipe) -> dict[int, list[RecipePart]]:
    """The parts of a fitted recipe by the position of their table."""
    found: dict[int, list[RecipePart]] = {}
    for part in recipe.parts:
        found.setdefault(part.place, []).append(part)
    return found


def guess_as(database: Any, own: Sequence[RecipePart]) -> TableGuess:
    """What is found out about a table where it is known which record types it holds."""
    first = own[0]
    assert first.file is not None
    found = guess_table(database, first.file, first.plan.entity)
    there = {one.plan.entity for one in found.further}
    more = tuple(
        guess_table_plan(database, part.file, part.plan.entity) for part in own[1:]
        if part.plan.entity not in there and part.file is not None
    )  # fmt: skip
    return replace(found, further=(*found.further, *more), chosen=True, reason=None, like=-1)


def follow_table(main: Draft, further: dict[str, Draft], recipe: Recipe, own: Sequence[RecipePart]) -> set[str]:
    """Decide everything about a table as a recipe says. Returns the further record types that come in."""
    also = set()
    for number, part in enumerate(own):
        draft = main if number == 0 else further.get(part.plan.entity)
        if draft is None:
            continue
        if number:
            also.add(part.plan.entity)
        if part.given.added or recipes.decided(part.given):
            draft.given = part.given
        draft.recipe = recipe if recipe.name else None
        draft.touched = False
        follow(draft, part.plan, ask=recipe.new)
    return also


def seen(drafts: Sequence[Draft]) -> list[Seen]:
    """What a recipe would keep of an import."""
    return [
        Seen(one.guess.file, one.plan, one.given) for one in drafts if one.guess is not None and one.plan is not None
    ]


def save(
    owner: QWidget, office: Office, drafts: Sequence[Draft], name: str, on_done: Callable[[Recipe], None]
) -> None:  # fmt: skip
    """Remember the import as it is now; files with these columns are recognised from now on."""
    tables = seen(drafts)

    def done(recipe: Recipe) -> None:
        for draft in drafts:
            draft.recipe = recipe
        on_done(recipe)

    if tables:
        office.write(
            owner, N_("Save recipe {name}"), lambda uow: recipes.save(uow, tables, name=name), done,
            params={"name": name},
        )  # fmt: skip


def count_uses(owner: QWidget, office: Office, drafts: Sequence[Draft]) -> None:
    """Note that files were imported by the recipes that these parts follow."""
    used = {one.recipe.id for one in drafts if one.recipe is not None and one.recipe.id}

    def work(uow: Any) -> None:
        for identity in used:
            recipes.count_use(uow, identity)

    if used:
        office.write(owner, N_("Recipe used"), work, kind="system")


def name_for(drafts: Sequence[Draft], path: Path) -> str:
    """What a recipe is called unless a person says otherwise."""
    known = next((one.recipe.name for one in drafts if one.recipe is not None), "")
    return known or path.stem
