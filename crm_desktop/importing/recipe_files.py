"""Recipes as files that go from one office to another, and those that older versions kept on each computer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_desktop.core import paths
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.version import VERSION as PROGRAM_VERSION
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing import recipes
from crm_desktop.importing.added_columns import check_column
from crm_desktop.importing.plan import DELETED, MODES, ImportPlan
from crm_desktop.importing.recipe_fit import keys_of_plan
from crm_desktop.importing.recipes import Recipe, RecipePart
from crm_desktop.importing.targets import targets_of
from crm_desktop.records import custom

ENDING = ".crmrecipe"
PROGRAM = "CRM Desktop"
_TAKEN = ".taken"
_MOST_BYTES = 8 * 1024 * 1024
_NO_RECIPE = N_("{name} is not a recipe of an import.")


@dataclass(frozen=True)
class RecipeFile:
    """A recipe that was read from a file and fits this office."""

    name: str
    file_name: str
    parts: tuple[RecipePart, ...]


def export_recipe(recipe: Recipe, path: Path) -> None:
    """Write a recipe to a file.

    Raises:
        UserError: the file cannot be written.
    """
    content = {
        "program": PROGRAM, "program_version": PROGRAM_VERSION, "what": "import recipe", "version": recipes.VERSION,
        "name": recipe.name, "file_name": recipe.file_name, "parts": [part.as_dict() for part in recipe.parts],
    }  # fmt: skip
    try:
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(
            N_("{name} cannot be written. Close it in other programs or choose another folder."),
            name=path.name, details=str(error),
        ) from error  # fmt: skip


def read_recipe(database: Database, path: Path) -> RecipeFile:
    """Read a recipe from a file and see that this program and this office can follow it.

    Raises:
        UserError: it is no recipe, was written by a newer program, or names a record type or a field that is not here.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("too large")
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UserError(N_("There is no file {name}. Check the path."), name=str(path)) from None
    except (OSError, ValueError) as error:
        raise UserError(_NO_RECIPE, name=path.name, details=str(error)) from error
    return from_content(database, content, path)


def from_content(database: Database, content: Any, path: Path) -> RecipeFile:
    """The recipe in the content of a file; see :func:`read_recipe`."""
    if not isinstance(content, Mapping):
        raise UserError(_NO_RECIPE, name=path.name)
    version = content.get("version", 1)
    if isinstance(version, int) and version > recipes.VERSION:
        raise UserError(
            N_("{name} was written by a newer version of the program ({version}). Update this one, then import it again."),
            name=path.name, version=str(content.get("program_version") or version),
        )  # fmt: skip
    try:
        parts = _parts(content)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise UserError(_NO_RECIPE, name=path.name, details=f"{type(error).__name__}: {error}") from error
    for part in parts:
        _check(database, part)
    return RecipeFile(str(content.get("name") or path.stem), str(content.get("file_name") or ""), parts)


def _parts(content: Mapping[str, Any]) -> tuple[RecipePart, ...]:
    """The parts of a recipe, or of a plan alone, as older versions wrote it."""
    if "parts" in content:
        return recipes.parts_from({"version": content.get("version", 1), "parts": content["parts"]})
    plan = ImportPlan.from_dict(content.get("plan", content))
    return (RecipePart.from_dict({"plan": plan.as_dict(), "keys": keys_of_plan(plan.columns)}),)


def _check(database: Database, part: RecipePart) -> None:
    """Raise where this office cannot follow a part, naming what is not here."""
    plan, schema = part.plan, database.schema
    if plan.entity not in schema.entities or not schema.entity(plan.entity).importable:
        raise UserError(N_("The recipe imports “{entity}”, a kind of record that is not here."), entity=plan.entity)
    spec = schema.entity(plan.entity)
    known = {one.name for one in targets_of(schema, spec, custom.fields_of(database, plan.entity))}
    known |= {one.name for one in spec.fields}
    for column in plan.columns:
        if column.target and column.target not in known:
            raise UserError(
                N_("The recipe sends the column “{column}” to the field “{field}”, which {plural} do not have here."),
                column=column.header, field=column.target, plural=translate(spec.plural),
            )  # fmt: skip
    wanted = {*plan.keys, *plan.apart, *plan.whole, *plan.defaults}
    for name in sorted(wanted - known):
        raise UserError(
            N_("The recipe uses the field “{field}”, which {plural} do not have here."),
            field=name, plural=translate(spec.plural),
        )  # fmt: skip
    if plan.mode not in MODES or plan.deleted not in DELETED:
        raise UserError(
            N_("The recipe does with known records what this program cannot do: “{mode}”."),
            mode=plan.mode if plan.mode not in MODES else plan.deleted,
        )  # fmt: skip
    headers = [one.header for one in plan.columns[: len(part.keys)]]
    for name, formula in part.given.added:
        check_column(name, formula, headers)
        headers.append(name)


def import_recipe(database: Database, path: Path, actor: Actor) -> Recipe:
    """Add the recipe of a file to the office; one of the same name for the same files is replaced.

    Raises:
        UserError: see :func:`read_recipe`.
    """
    found = read_recipe(database, path)
    with write(database, N_("Import recipe {name}"), actor=actor, params={"name": found.name}) as uow:
        return recipes.keep(uow, found.parts, name=found.name, file_name=found.file_name)


def take_over(database: Database, actor: Actor) -> int:
    """Bring the recipes that an older version kept on this computer into the office, once. Returns how many.

    Their files stay under another name. Those that this office cannot follow are left as they are.
    """
    if database.read_only:
        return 0
    count = 0
    for path in sorted(paths.recipes_folder().glob("*.json")):
        try:
            found = read_recipe(database, path)
        except UserError:
            continue
        with write(database, N_("Recipe {name} of this computer"), actor=actor, kind="system",
                   params={"name": found.name}) as uow:  # fmt: skip
            recipes.keep(uow, found.parts, name=found.name, file_name=found.file_name)
        path.replace(path.with_name(path.name + _TAKEN))
        count += 1
    return count


def as_recipe(found: RecipeFile) -> Recipe:
    """A recipe from a file that is used without being kept."""
    return Recipe(0, found.name, recipes.fingerprint(found.parts), found.parts, found.file_name)
