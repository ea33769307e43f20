"""Recipes: how files with the same columns are imported, kept in the database for the whole office."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import RecordGone, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing import added_columns
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.recipe_fit import keys_of, keys_of_plan, mark_of, own_columns
from crm_desktop.importing.table import FileGuess, ReadOptions

VERSION = 1
_ABOUT_THE_FILE = frozenset({"kind", "sheet", "member", "added"})
"""What of the reading of a file no person decides, or is kept elsewhere."""


@dataclass(frozen=True)
class Seen:
    """A table as it was looked at, what is done with it, and what was decided about reading it."""

    file: FileGuess
    plan: ImportPlan
    given: ReadOptions = field(default_factory=ReadOptions)


@dataclass(frozen=True)
class RecipePart:
    """What a recipe does with one table: ``keys`` tell its own columns, ``given`` is what was decided about reading it.

    ``place`` and ``file`` are set where it was fitted to a file: the position of the table there, and the file as it was
    looked at for it. The formulas of added columns name the columns by their headers.
    """

    plan: ImportPlan
    keys: tuple[str, ...]
    fingerprint: str
    given: ReadOptions = field(default_factory=ReadOptions)
    member: str = ""
    sheet: str = ""
    place: int = -1
    file: FileGuess | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; only what was decided about reading."""
        plain = ReadOptions().as_dict()
        given = {key: value for key, value in self.given.as_dict().items() if value != plain[key]}
        return {
            "member": self.member, "sheet": self.sheet, "fingerprint": self.fingerprint, "keys": list(self.keys),
            "given": given, "plan": self.plan.as_dict(),
        }  # fmt: skip

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> RecipePart:
        """The reverse of :meth:`as_dict`; what is left out follows from the plan."""
        plan = ImportPlan.from_dict(values["plan"])
        given = ReadOptions.from_dict({**ReadOptions().as_dict(), **(values.get("given") or {})})
        own = plan.columns[: len(plan.columns) - len(given.added)]
        keys = tuple(str(one) for one in values.get("keys") or keys_of_plan(own))
        if len(keys) != len(own):
            raise ValueError("keys")
        return RecipePart(
            plan, keys, mark_of(plan.source.kind, keys), given, str(values.get("member") or ""),
            str(values.get("sheet") or ""),
        )  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """A recipe of the office; ``new``, ``missing`` and ``needed`` tell how a file that it was fitted to differs."""

    id: int
    name: str
    fingerprint: str
    parts: tuple[RecipePart, ...]
    file_name: str = ""
    used: int = 0
    used_at: datetime | None = None
    saved_at: datetime | None = None
    saved_by: str = ""
    new: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    other_kind: bool = False

    @property
    def plan(self) -> ImportPlan:
        """The plan of the first part."""
        return self.parts[0].plan

    @property
    def exact(self) -> bool:
        """Whether the file that it was fitted to has its columns, all and no more."""
        return not (self.new or self.missing or self.other_kind)

    @property
    def entities(self) -> tuple[str, ...]:
        """The record types that it imports, each once."""
        return tuple(dict.fromkeys(part.plan.entity for part in self.parts))


# -- reading ---------------------------------------------------------------------------------------------------------


def every(database: Database) -> list[Recipe]:
    """All recipes of the office by name; damaged ones are passed over."""
    with database.read() as connection:
        return read_all(connection)


def read_all(connection: sa.Connection) -> list[Recipe]:
    """All recipes by name, on a connection."""
    table, user = Base.metadata.tables["import_recipe"], Base.metadata.tables["user_account"]
    who = sa.func.coalesce(table.c.updated_by, table.c.created_by)
    rows = connection.execute(sa.select(table, user.c.name.label("who")).outerjoin(user, user.c.id == who)).mappings()
    found = [recipe for row in rows if (recipe := _from_row(row)) is not None]
    return sorted(found, key=lambda one: (fold(one.name), one.id))


def by_id(connection: sa.Connection, recipe_id: int) -> Recipe:
    """One recipe.

    Raises:
        RecordGone: it is not there any more.
    """
    found = next((one for one in read_all(connection) if one.id == recipe_id), None)
    if found is None:
        raise RecordGone("import_recipe", recipe_id)
    return found


def by_name(database: Database, name: str) -> Recipe:
    """The recipe with a name; capitals and accents do not matter.

    Raises:
        UserError: there is none, or there are several.
    """
    found = [one for one in every(database) if fold(one.name) == fold(name.strip())]
    if not found:
        raise UserError(N_("There is no recipe {name}."), name=name)
    if len(found) > 1:
        raise UserError(N_("There are several recipes {name}. Rename one of them."), name=name)
    return found[0]


def _from_row(row: Mapping[Any, Any]) -> Recipe | None:
    try:
        parts = parts_from(row["content"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return Recipe(
        row["id"], row["name"], row["fingerprint"], parts, row["file_name"] or "", int(row["used"] or 0), row["used_at"],
        row["updated_at"] or row["created_at"], row["who"] or "",
    )  # fmt: skip


def parts_from(content: Mapping[str, Any]) -> tuple[RecipePart, ...]:
    """The parts of a recipe as it is kept.

    Raises:
        KeyError, TypeError, ValueError: it is damaged.
    """
    if int(content["version"]) > VERSION or not content["parts"]:
        raise ValueError("version")
    return tuple(RecipePart.from_dict(one) for one in content["parts"])


# -- writing ---------------------------------------------------------------------------------------------------------


def part_of(seen: Seen) -> RecipePart:
    """What a recipe keeps of a table and its plan."""
    sheet, plan = seen.file.best, seen.plan
    own, options = own_columns(sheet), seen.file.options()
    keys = tuple(keys_of(own))
    added = added_columns.shown(sheet)
    columns = plan.columns[: len(own)] + plan.columns[len(sheet.columns) - len(added) :]
    given = replace(seen.given, kind="", sheet="", member="", added=added)
    source = replace(plan.source, added=added)
    return RecipePart(
        plan.with_(columns=columns, source=source), keys, mark_of(seen.file.kind, keys), given, options.member,
        options.sheet,
    )  # fmt: skip


def fingerprint(parts: Iterable[RecipePart]) -> str:
    """The mark of what a recipe is for: of its table, or of all its tables."""
    marks = sorted({part.fingerprint for part in parts})
    return marks[0] if len(marks) == 1 else mark_of("", marks)


def save(uow: UnitOfWork, tables: Sequence[Seen], *, name: str = "") -> Recipe:
    """Remember what is done with the tables of a file.

    The recipe of this name for files like it is replaced; without a name the one that was used last, else a new one is
    made with the name of the file.
    """
    parts = tuple(part_of(one) for one in tables)
    return keep(uow, parts, name=name, file_name=Path(tables[0].file.path).name)


def keep(uow: UnitOfWork, parts: Sequence[RecipePart], *, name: str = "", file_name: str = "") -> Recipe:
    """Write a recipe down, in place of the one for the same files with this name."""
    mark = fingerprint(parts)
    same = [one for one in read_all(uow.connection) if one.fingerprint == mark]
    if name:
        same = [one for one in same if fold(one.name) == fold(name.strip())]
    before = max(same, key=last_touched, default=None)
    title = name.strip() or (before.name if before else "") or Path(file_name).stem
    values = {
        "name": title, "fingerprint": mark, "file_name": file_name or None,
        "content": {"version": VERSION, "parts": [part.as_dict() for part in parts]},
    }  # fmt: skip
    if before is None:
        identity = uow.insert("import_recipe", {**values, "used": 0})
    else:
        identity = before.id
        uow.update("import_recipe", identity, values)
    return by_id(uow.connection, identity)


def last_touched(recipe: Recipe) -> datetime:
    """When a recipe was used or saved last: among several that know a file, the newest counts."""
    times = [one for one in (recipe.used_at, recipe.saved_at) if one is not None]
    assert times
    return max(times)


def rename(uow: UnitOfWork, recipe_id: int, name: str) -> None:
    """Give a recipe another name.

    Raises:
        UserError: the name is empty or taken.
    """
    _free_name(uow, name, but=recipe_id)
    uow.update("import_recipe", recipe_id, {"name": name.strip()})


def duplicate(uow: UnitOfWork, recipe_id: int, name: str) -> int:
    """A copy under another name, to change for other cases. Returns its id.

    Raises:
        UserError: the name is empty or taken.
    """
    _free_name(uow, name)
    table = uow.table("import_recipe")
    row = uow.connection.execute(sa.select(table).where(table.c.id == recipe_id)).mappings().first()
    if row is None:
        raise RecordGone("import_recipe", recipe_id)
    values = {key: row[key] for key in ("fingerprint", "file_name", "content")}
    return uow.insert("import_recipe", {**values, "name": name.strip(), "used": 0})


def free_name(taken: Iterable[str], name: str) -> str:
    """A name like this one that no recipe has: "Clientes (2)"."""
    known = {fold(one) for one in taken}
    number, candidate = 1, name.strip()
    while fold(candidate) in known:
        number += 1
        candidate = f"{name.strip()} ({number})"
    return candidate


def _free_name(uow: UnitOfWork, name: str, *, but: int | None = None) -> None:
    if not name.strip():
        raise UserError(N_("Give the recipe a name."))
    if any(fold(one.name) == fold(name.strip()) and one.id != but for one in read_all(uow.connection)):
        raise UserError(N_("There is a recipe “{name}” already. Choose another name."), name=name.strip())


def count_use(uow: UnitOfWork, recipe_id: int) -> None:
    """Note that a file was imported by a recipe. In a unit of work of kind "system", which Undo passes over."""
    table = uow.table("import_recipe")
    used = uow.connection.execute(sa.select(table.c.used).where(table.c.id == recipe_id)).scalar()
    if uow.connection.execute(sa.select(table.c.id).where(table.c.id == recipe_id)).first() is not None:
        uow.update("import_recipe", recipe_id, {"used": int(used or 0) + 1, "used_at": uow.now})


def forget(uow: UnitOfWork, recipe_ids: Iterable[int]) -> int:
    """Delete recipes; undo brings them back. Returns how many."""
    return uow.delete("import_recipe", recipe_ids)


def decided(given: ReadOptions) -> bool:
    """Whether a person decided something about reading the file."""
    plain = ReadOptions()
    names = [one.name for one in fields(ReadOptions) if one.name not in _ABOUT_THE_FILE]
    return any(getattr(given, name) != getattr(plain, name) for name in names)
