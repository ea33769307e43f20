"""A field of the office becomes one of another kind: what fits is carried over, what does not is told before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Choice, Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.core.text import fold
from crm_desktop.core.values import parse_value
from crm_desktop.db.database import Database
from crm_desktop.db.types import column_type, to_json
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import custom, field_service
from crm_desktop.records.custom_sql import custom_value
from crm_desktop.records.queries import custom_python

TARGETS = (
    Kind.TEXT, Kind.LONG_TEXT, Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.DATE, Kind.DATETIME, Kind.BOOL,
    Kind.CHOICE, Kind.CHOICES, Kind.PHONE, Kind.EMAIL, Kind.URL,
)  # fmt: skip
"""What a field can become. Links are made anew: a text names no record for certain."""
MOST_CHOICES = 50
_PACE = 2000
_MOST_KNOWN = 50_000
_NUMBERS = (Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.PERCENT)


@dataclass
class KindChange:
    """What a change of kind would do. ``misfits`` are texts that do not fit, with how many records have them."""

    kind: Kind
    fits: int = 0
    lost: int = 0
    misfits: Counter[str] = field(default_factory=Counter)
    choices: list[dict[str, Any]] = field(default_factory=list)


def plan_kind(
    database: Database, connection: sa.Connection, entity: str, name: str, kind: Kind, progress: Progress | None = None
) -> KindChange:
    """What would happen to the values of a field. For choices, the values that there are become the choices.

    Raises:
        FieldError: the field cannot become one of this kind.
    """
    one = custom.field_named(database, entity, name, connection)
    if kind not in TARGETS or one.kind not in (*TARGETS, Kind.TAX_ID, Kind.COUNTRY, Kind.CURRENCY, Kind.TIMEZONE):
        raise FieldError("kind", N_("This field cannot be changed into one of that kind. Make a new field instead."))
    plan, progress = KindChange(kind), progress or Progress()
    counts: Counter[str] = Counter()
    originals: dict[str, Any] = {}
    seen = 0
    for part in _values(database.schema.table(entity), connection, one):
        for _identity, _held, value in part:
            text = _text(one, value)
            counts[text] += 1
            originals.setdefault(text, value)
        seen += len(part)
        progress.update(seen)
    plan.choices = _choices(one, kind, counts)
    target = _target(one, kind, plan.choices)
    for number, (text, count) in enumerate(counts.items()):
        if not number % _PACE:
            progress.check()
        if _converted(one, target, originals[text]) is None:
            plan.lost += count
            plan.misfits[text] += count
        else:
            plan.fits += count
    return plan


def change_kind(
    uow: UnitOfWork, entity: str, name: str, plan: KindChange, progress: Progress | None = None
) -> int:  # fmt: skip
    """Give a field another kind and carry its values over; those that do not fit become empty. Returns how many fit.

    Records are read and written part by part, and values that are the same are converted once.
    """
    uow.ask_power("settings")
    one = custom.field_named(uow.database, entity, name, uow.connection)
    row = field_service.definition(uow.connection, entity, name)
    target, key, table = _target(one, plan.kind, plan.choices), name.removeprefix("custom."), uow.schema.table(entity)
    progress, known = progress or Progress(), dict[Any, Any]()
    seen = kept = 0
    for part in _values(table, uow.connection, one, lock=True):
        rows = []
        for identity, held, value in part:
            same = tuple(value) if isinstance(value, list) else value
            if same not in known:
                known[same] = to_json(column_type(target.kind), _converted(one, target, value))
            after = {**held, key: known[same]}
            if known[same] is None:
                after.pop(key)
            kept += known[same] is not None
            if after != held:
                rows.append((after or None, identity))
        with uow.unasked():  # the records of everybody
            uow.update_many(entity, ("custom",), rows)
        seen += len(part)
        progress.update(seen, max(seen, plan.fits + plan.lost))
        if len(known) > _MOST_KNOWN:
            known.clear()
    uow.update("custom_field", int(row["id"]), {
        "kind": plan.kind.value, "options": plan.choices or None, "default_value": None,
    })  # fmt: skip
    custom.forget(uow)
    return kept


def _values(
    table: sa.Table, connection: sa.Connection, one: Field, *, lock: bool = False
) -> Iterator[list[tuple[int, dict[str, Any], Any]]]:  # fmt: skip
    """(id, all own values, the value of the field) of the records that have one, in parts in the order of their ids.

    ``lock`` keeps others from changing them until they are written back.
    """
    key = one.name.removeprefix("custom.")
    statement = sa.select(table.c.id, table.c.custom).where(custom_value(table.c.custom, one).isnot(None))
    statement = statement.order_by(table.c.id).limit(_PACE)
    if lock:
        statement = statement.with_for_update()
    rows = connection.execute(statement).all()
    while rows:
        part = [(identity, dict(held), custom_python(one, held.get(key))) for identity, held in rows]
        yield [each for each in part if each[2] is not None]
        rows = connection.execute(statement.where(table.c.id > rows[-1].id)).all()


def _text(one: Field, value: Any) -> str:
    if one.kind in (Kind.CHOICE, Kind.CHOICES):
        return formats.format_value(one, value)
    if one.kind in _NUMBERS:
        return formats.edit_text(one, value)
    return formats.format_value(one, value) if one.kind in (Kind.DATE, Kind.DATETIME, Kind.BOOL) else str(value)


def _choices(one: Field, kind: Kind, counts: Counter[str]) -> list[dict[str, Any]]:
    if kind not in (Kind.CHOICE, Kind.CHOICES):
        return []
    if one.kind in (Kind.CHOICE, Kind.CHOICES):
        return [{"key": each.key, "label": each.label, "hue": each.hue} for each in one.choices]
    found: dict[str, dict[str, Any]] = {}
    for text, _count in counts.most_common():
        key = fold(" ".join(text.split())).replace(" ", "_").replace('"', "")[:60]
        if key and key not in found and len(found) < MOST_CHOICES and len(text) <= 80:
            found[key] = {"key": key, "label": " ".join(text.split()), "hue": 1 + len(found) % 8}
    if not found:
        found["choice"] = {"key": "choice", "label": "1", "hue": 1}
    return list(found.values())


def _target(one: Field, kind: Kind, choices: Sequence[dict[str, Any]]) -> Field:
    options = tuple(Choice(each["key"], each["label"], each["hue"]) for each in choices)
    return one.but(kind=kind, choices=options, max_length=0)


def _converted(one: Field, target: Field, value: Any) -> Any:
    """The value as the other kind has it; None where it does not fit."""
    if one.kind in (Kind.CHOICE, Kind.CHOICES) and target.kind in (Kind.CHOICE, Kind.CHOICES):
        keys = value if isinstance(value, list) else [value]
        return keys if target.kind is Kind.CHOICES else keys[0] if len(keys) == 1 else None
    if one.kind in _NUMBERS and target.kind in _NUMBERS:
        whole = target.kind is not Kind.INTEGER or value == int(value)
        return (
            (int(value) if target.kind is Kind.INTEGER else parse_value(target, str(value), decimal="."))
            if whole
            else None
        )
    if one.kind is Kind.DATETIME and target.kind is Kind.DATE:
        return value.astimezone(clock.local_zone()).date()
    try:
        made = parse_value(
            target, " ".join(_text(one, value).split()) if target.kind is Kind.CHOICE else _text(one, value)
        )
    except FieldError:
        return None
    return made if made not in ("", []) else None
