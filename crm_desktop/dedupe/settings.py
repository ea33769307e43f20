"""The office's rules for duplicates and how often they are searched: read, kept, and put back to what is built in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.fields import Choice
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.office_settings import NamedSetting
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.dedupe.rules import DEFAULTS, HOWS, Comparison, Rule, default_rule
from crm_desktop.records import settled
from crm_desktop.records.office_service import read_settings, save_settings

SCHEDULE = "duplicates.schedule"
SCHEDULES = (
    Choice("never", N_("Never by itself")), Choice("daily", N_("Every day")), Choice("weekly", N_("Every week")),
    Choice("two_weeks", N_("Every two weeks")), Choice("monthly", N_("Every month")),
)  # fmt: skip
SETTINGS = (
    NamedSetting(
        SCHEDULE, N_("How often duplicates are searched"),
        lambda value: translate({one.key: one.label for one in SCHEDULES}[value]),
    ),
)  # fmt: skip
_DAYS = {"daily": 1, "weekly": 7, "two_weeks": 14, "monthly": 30}
USUAL_SCHEDULE = "weekly"
ENTITIES = ("contact", "company")
"""The record types that are searched."""


def rules(connection: sa.Connection) -> dict[tuple[str, str], Rule]:
    """Every rule by (record type, moment): the office's own where it has one, else the one built in."""
    table = Base.metadata.tables["duplicate_rule"]
    found = dict(DEFAULTS)
    for row in connection.execute(sa.select(table).order_by(table.c.id)).mappings():
        rule = _from_row(dict(row))
        if rule is not None:
            found[rule.entity, rule.moment] = rule
    return found


def rule_for(connection: sa.Connection, entity: str, moment: str) -> Rule:
    """The rule in use for a record type at a moment.

    Raises:
        KeyError: there is none for this record type.
    """
    return rules(connection)[entity, moment]


def has_rule(entity: str) -> bool:
    """Whether duplicates of a record type are looked for at all."""
    return entity in ENTITIES


def _from_row(row: Mapping[str, Any]) -> Rule | None:
    known = {choice.key for choice in HOWS}
    comparisons = tuple(
        Comparison(str(one["field"]), str(one["how"]), float(one.get("weight", 1)))
        for one in row["comparisons"] or ()
        if isinstance(one, dict) and one.get("how") in known
    )
    if (row["entity"], row["moment"]) not in DEFAULTS or not comparisons:
        return None
    return Rule(
        row["entity"], row["moment"], comparisons, int(row["look_from"] or 70), int(row["same_from"] or 90),
        bool(row["active"]), row["name"] or "", row["id"],
    )  # fmt: skip


def check_rule(rule: Rule) -> None:
    """Refuse a rule that cannot work.

    Raises:
        FieldError: nothing is compared, a field twice, or the limits are the wrong way round.
    """
    if not rule.comparisons:
        raise FieldError("comparisons", N_("A rule compares at least one field."))
    names = [(one.field, one.how) for one in rule.comparisons]
    if len(set(names)) < len(names):
        raise FieldError("comparisons", N_("A field stands twice in the rule."))
    if not 1 <= rule.look_from <= rule.same_from <= 100:
        raise FieldError("look_from", N_("“Look” begins below “same”, both between 1 and 100."))


def save_rule(uow: UnitOfWork, rule: Rule, *, seen: Rule | None = None) -> None:
    """Keep a rule of the office; it replaces the one for the same record type and moment.

    Args:
        seen: the rule that whoever changes it saw; what a colleague changed since then stays.

    Raises:
        SettingChanged: a colleague changed the same of it meanwhile.
    """
    check_rule(rule)
    table = Base.metadata.tables["duplicate_rule"]
    same = (table.c.entity == rule.entity) & (table.c.moment == rule.moment)
    found = uow.connection.execute(sa.select(table).where(same).order_by(table.c.id).with_for_update()).mappings().all()
    stored = (_from_row(dict(found[-1])) if found else None) or default_rule(rule.entity, rule.moment)
    if seen is not None:
        known: dict[str, Any] = dict(found[-1]) if found else {}
        known |= _parts(stored)
        mine = settled.merged(uow, "duplicate_rule", known, _parts(rule), _parts(seen))
        rule = replace(stored, **mine)
        check_rule(rule)
    values = {
        "entity": rule.entity, "moment": rule.moment, "name": rule.name or f"{rule.entity}/{rule.moment}",
        "active": rule.active, "look_from": rule.look_from, "same_from": rule.same_from,
        "comparisons": [one.as_json() for one in rule.comparisons],
    }  # fmt: skip
    if found:
        uow.update("duplicate_rule", found[-1]["id"], values)
    else:
        uow.insert("duplicate_rule", values)


def _parts(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in ("active", "look_from", "same_from", "comparisons")}


def reset_rule(uow: UnitOfWork, entity: str, moment: str) -> None:
    """Go back to the built-in rule."""
    table = Base.metadata.tables["duplicate_rule"]
    same = (table.c.entity == entity) & (table.c.moment == moment)
    uow.delete("duplicate_rule", list(uow.connection.execute(sa.select(table.c.id).where(same)).scalars()))


def schedule(connection: sa.Connection) -> str:
    """How often the office searches: a key of SCHEDULES."""
    value = read_settings(connection).get(SCHEDULE)
    return value if value in {choice.key for choice in SCHEDULES} else USUAL_SCHEDULE


def set_schedule(uow: UnitOfWork, how_often: str) -> None:
    """Choose how often the office searches.

    Raises:
        UserError: it is none of SCHEDULES.
    """
    if how_often not in {choice.key for choice in SCHEDULES}:
        raise UserError(N_("Duplicates cannot be searched that often: {value}."), value=how_often)
    save_settings(uow, {SCHEDULE: how_often})


def due(how_often: str, last: datetime | None, now: datetime) -> bool:
    """Whether a search should run; one that was missed while the program was closed is due."""
    days = _DAYS.get(how_often)
    if days is None:
        return False
    return last is None or now - last >= timedelta(days=days) - timedelta(hours=1)


def is_default(rule: Rule) -> bool:
    """Whether a rule compares as the built-in one does."""
    usual = default_rule(rule.entity, rule.moment)
    mine: Sequence[Any] = (rule.comparisons, rule.look_from, rule.same_from, rule.active)
    return mine == (usual.comparisons, usual.look_from, usual.same_from, usual.active)
