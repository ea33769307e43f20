"""What a recipe does, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.importing.plan import AS_NEW, CREATE, LEAVE, SKIP, UPDATE, ImportPlan
from crm_desktop.importing.recipes import Recipe, RecipePart
from crm_desktop.importing.targets import targets_of
from crm_desktop.records import custom
from ui.importing.words import field_label

_MOST = 6

Fields = Mapping[str, Field]


def fields_for(database: Any, recipe: Recipe) -> dict[str, dict[str, Field]]:
    """The fields that columns may go to, by record type; read in the background."""
    found: dict[str, dict[str, Field]] = {}
    for name in recipe.entities:
        if name in database.schema.entities:
            spec = database.schema.entity(name)
            targets = targets_of(database.schema, spec, custom.fields_of(database, name))
            found[name] = {one.name: one for one in (*spec.fields, *targets)}
    return found


def records_of(recipe: Recipe, schema: Any) -> str:
    """What kinds of records it imports: "Contacts, Companies"."""
    known = [translate(schema.entity(name).plural) if name in schema.entities else name for name in recipe.entities]
    return ", ".join(known)


def difference(recipe: Recipe) -> str:
    """How a file differs from what the recipe was made for, after "but"; "" where only its kind does."""
    parts = []
    if recipe.new:
        text = ngettext("the column {names} is new", "the columns {names} are new", len(recipe.new))
        parts.append(text.format(names=_named(recipe.new)))
    if recipe.missing:
        text = ngettext("the column {names} is missing", "the columns {names} are missing", len(recipe.missing))
        parts.append(text.format(names=_named(recipe.missing)))
    return _(" and ").join(parts)


def told(recipe: Recipe, fields: Mapping[str, Fields], schema: Any) -> list[tuple[str, str]]:
    """(heading, text) of everything that it does."""
    found: list[tuple[str, str]] = []
    several = len(recipe.parts) > 1
    for part in recipe.parts:
        known = fields.get(part.plan.entity, {})
        if several:
            plural = records_of(Recipe(0, "", "", (part,)), schema)
            name = " › ".join(one for one in (part.member, part.sheet) if one)
            title = _("{table}: {records}").format(table=name, records=plural) if name else plural
            found.append((title, ""))
        found += _part(part, known)
    return found


def _part(part: RecipePart, known: Fields) -> list[tuple[str, str]]:
    plan = part.plan
    found = []
    pairs = [
        _("{column} → {field}").format(column=one.header, field=_label(one.target, known))
        for one in plan.columns if one.target
    ]  # fmt: skip
    found.append((_("Columns"), "\n".join(pairs)))
    left = [one.header for one in plan.columns if not one.target]
    if left:
        found.append((_("Left out"), ", ".join(left)))
    if part.given.added:
        lines = [f"{name} = {formula}" for name, formula in part.given.added]
        found.append((_("Worked out"), "\n".join(lines)))
    found.append((_("Known records"), _keys(plan, known)))
    values = _values(plan, known)
    if values:
        found.append((_("Values"), values))
    if plan.defaults:
        lines = [f"{_label(name, known)}: {_shown(value, known.get(name))}" for name, value in plan.defaults.items()]
        found.append((_("New records get"), "\n".join(lines)))
    return found


def _keys(plan: ImportPlan, known: Fields) -> str:
    words = {
        CREATE: _("Every row becomes a new record."), SKIP: _("New ones are added; known ones stay as they are."),
        UPDATE: _("Known ones are changed; no new ones are added."),
    }  # fmt: skip
    lines = []
    if plan.mode != CREATE:
        keys = [_label(name, known) for name in plan.keys] or [_("all their fields together")]
        lines.append(_("Found by {fields}.").format(fields=_(", then by ").join(keys)))
    lines.append(words.get(plan.mode, _("New ones are added, known ones are changed.")))
    if plan.overwrite_blanks:
        lines.append(_("An empty cell clears the value that is there."))
    if plan.deleted == LEAVE:
        lines.append(_("Rows of deleted records are left out."))
    elif plan.deleted == AS_NEW:
        lines.append(_("Rows of deleted records are added as new ones."))
    if not plan.create_parents:
        lines.append(_("Companies and others that rows name are not added."))
    return " ".join(lines)


def _values(plan: ImportPlan, known: Fields) -> str:
    lines = []
    for one in plan.columns:
        if one.target and one.values:
            some = [
                _("“{text}” is {meaning}").format(text=text, meaning=_shown(meaning, known.get(one.target)))
                if meaning
                else _("“{text}” is left out").format(text=text)
                for text, meaning in list(one.values.items())[:_MOST]
            ]  # fmt: skip
            more = len(one.values) - _MOST
            if more > 0:
                some.append(ngettext("{n} more", "{n} more", more).format(n=format_integer(more)))
            lines.append(f"{one.header}: " + ", ".join(some))
    return "\n".join(lines)


def _label(name: str | None, known: Fields) -> str:
    one = known.get(name or "")
    return field_label(one) if one is not None else str(name)


def _shown(value: Any, field: Field | None) -> str:
    if field is not None and field.kind is Kind.CHOICE:
        label = field.choice_label(str(value))
        return label if field.custom else translate(label)
    return str(value)


def _named(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
