"""Recipes: accepted import plans, recognised by the columns of a file when it comes again next month."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crm_desktop.core import clock, paths
from crm_desktop.core.text import fold
from crm_desktop.importing import lexicon
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.table import TEXT_KINDS, FileGuess

_VERSION = 1


@dataclass(frozen=True)
class Recipe:
    """A plan that was carried out, and the file it was made for."""

    fingerprint: str
    name: str
    plan: ImportPlan
    file_name: str = ""
    saved_at: datetime | None = None
    used: int = 1


def fingerprint(file: FileGuess) -> str:
    """The mark of a file's layout: the set of its column names and whether it is a text, a workbook, cards or a calendar.

    The order of the columns does not matter, nor do capitals, accents and signs in their names.
    """
    names = sorted(
        {" ".join(lexicon.header_words(column.original)) or f"#{column.index}" for column in file.best.columns}
    )
    kind = "text" if file.kind in TEXT_KINDS else file.kind if file.kind in ("vcard", "ics") else "sheet"
    return hashlib.sha256(json.dumps([kind, *names], ensure_ascii=False).encode()).hexdigest()[:24]


def save(file: FileGuess, plan: ImportPlan, *, name: str = "") -> Recipe:
    """Remember a plan for files like this one; an older plan for them is replaced."""
    mark = fingerprint(file)
    before = load(mark)
    file_name = Path(file.path).name
    title = name or (before.name if before else "") or Path(file_name).stem
    recipe = Recipe(mark, title, plan, file_name, clock.now(), before.used + 1 if before else 1)
    content = {
        "version": _VERSION, "fingerprint": mark, "name": recipe.name, "file_name": file_name, "used": recipe.used,
        "saved_at": recipe.saved_at.isoformat() if recipe.saved_at else None, "plan": plan.as_dict(),
    }  # fmt: skip
    target = _path(mark)
    scratch = target.with_suffix(".tmp")
    scratch.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    scratch.replace(target)
    return recipe


def load(mark: str) -> Recipe | None:
    """The recipe with a fingerprint; None where there is none or its file cannot be read."""
    return _read(_path(mark))


def every() -> list[Recipe]:
    """All recipes by name."""
    found = [recipe for path in sorted(paths.recipes_folder().glob("*.json")) if (recipe := _read(path))]
    return sorted(found, key=lambda recipe: fold(recipe.name))


def match(file: FileGuess) -> Recipe | None:
    """The recipe for a file, its plan fitted to where the columns stand in this file; None where there is none."""
    recipe = load(fingerprint(file))
    if recipe is None:
        return None
    places = {
        " ".join(lexicon.header_words(column.original)) or f"#{column.index}": column for column in file.best.columns
    }
    moved: dict[int, int] = {}
    headers: dict[int, str] = {}
    for one in recipe.plan.columns:
        column = places.get(" ".join(lexicon.header_words(one.header))) or places.get(f"#{one.column}")
        if column is None:
            return None
        moved[one.column] = column.index
        headers[one.column] = column.header
    columns = sorted(
        (replace(one, column=moved[one.column], header=headers[one.column], pair=moved.get(one.pair, -1))
         for one in recipe.plan.columns), key=lambda one: one.column,
    )  # fmt: skip
    if len({one.column for one in columns}) != len(file.best.columns):
        return None
    plan = replace(recipe.plan, columns=tuple(columns), source=file.options(), rows=file.best.rows)
    return replace(recipe, plan=plan)


def forget(mark: str) -> None:
    """Delete a recipe."""
    _path(mark).unlink(missing_ok=True)


def _path(mark: str) -> Path:
    return paths.recipes_folder() / f"{mark}.json"


def _read(path: Path) -> Recipe | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.get("version") != _VERSION:
            return None
        saved = content.get("saved_at")
        return Recipe(
            content["fingerprint"], content["name"], ImportPlan.from_dict(content["plan"]), content.get("file_name", ""),
            datetime.fromisoformat(saved) if saved else None, int(content.get("used", 1)),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return None
