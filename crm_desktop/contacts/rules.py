"""What every contact and company obeys, whoever writes it: a name agrees with its parts, no company is above itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_
from crm_desktop.core.names import full_name, split_name
from crm_desktop.core.phones import format_phone
from crm_desktop.db.base import Base
from crm_desktop.records.service import RuleContext

_PARTS = ("prefix", "first_name", "last_name", "suffix")
_FEW = 50
_REACH = ("email", "email2", "mobile", "phone", "phone2")


def complete_contact(context: RuleContext, values: dict[str, Any], current: Mapping[str, Any] | None) -> None:
    """Join or split the name, and name a contact that came without one."""
    before = current or {}
    get = values.get
    given = get("prefix") or get("first_name") or get("last_name") or get("suffix")
    if values.get("name") and not given:
        _split(values, before)
    elif not values.get("name") and any(part in values for part in _PARTS):
        joined = _joined(values, before)
        if joined:
            values["name"] = joined
    if current is None and not values.get("name"):
        stand_in = _stand_in(context, values)
        if stand_in:
            values["name"] = stand_in
    if current is None:
        values["lifecycle"] = values.get("lifecycle") or "lead"
    elif "company_id" in values and current.get("company_id") not in (None, values["company_id"]):
        _end_main(context, current)


def _end_main(context: RuleContext, current: Mapping[str, Any]) -> None:
    """Who moves to another company leaves the old one today, where its period is written down.

    Where many move, those who have such a period are read at once.
    """
    held = Base.metadata.tables["affiliation"]
    contact_id, company_id = current["id"], current["company_id"]
    context.cache["moves"] = context.cache.get("moves", 0) + 1
    if context.cache["moves"] > _FEW:
        if "periods" not in context.cache:
            everybody = sa.select(held.c.contact_id, held.c.company_id).where(held.c.until.is_(None))
            context.cache["periods"] = {tuple(row) for row in context.uow.connection.execute(everybody)}
        if (contact_id, company_id) not in context.cache["periods"]:
            return
    mine = (held.c.contact_id == contact_id) & (held.c.company_id == company_id)
    context.uow.update_where("affiliation", {"until": clock.today()}, mine & held.c.until.is_(None))


def complete_company(context: RuleContext, values: dict[str, Any], current: Mapping[str, Any] | None) -> None:
    """Refuse a parent company that is the company itself or one of its branches.

    What a longer job decided before is looked at too, whether it is written already or not: of two rows of a file that
    name each other, the second is refused.
    """
    if current is None or "parent_id" not in values:
        return
    parents: dict[int, int | None] = context.cache.setdefault("parents", {})
    at, seen = values["parent_id"], set[int]()
    while at is not None and at not in seen:
        if at == current["id"]:
            raise FieldError("parent_id", N_("This company is the same one or one of its branches. Choose another."))
        seen.add(at)
        if at not in parents:
            company = Base.metadata.tables["company"]
            asked = sa.select(company.c.parent_id).where(company.c.id == at)
            parents[at] = context.uow.connection.execute(asked).scalar()
        at = parents[at]
    parents[current["id"]] = values["parent_id"]


def _joined(values: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    prefix, first, last, suffix = (values.get(part, before.get(part)) for part in _PARTS)
    return full_name(first, last, prefix, suffix)


def _split(values: dict[str, Any], before: Mapping[str, Any]) -> None:
    if before and values["name"] == _joined({}, before):
        return
    prefix, first, last, suffix = split_name(values["name"])
    values["prefix"], values["first_name"] = prefix or None, first or None
    values["last_name"], values["suffix"] = last or None, suffix or None


def _stand_in(context: RuleContext, values: Mapping[str, Any]) -> str:
    """What a contact without a name goes by: its nickname, e-mail, phone or company."""
    if values.get("nickname"):
        return str(values["nickname"])
    for field in _REACH:
        value = context.given.get(field)
        if value:
            return str(value) if field.startswith("email") else format_phone(str(value))
    for point in context.given.get("points", ()):
        if point.get("value") and point.get("kind") in ("email", "phone"):
            return str(point["value"])
    if values.get("company_id"):
        company = Base.metadata.tables["company"]
        statement = sa.select(company.c.name).where(company.c.id == values["company_id"])
        return str(context.uow.connection.execute(statement).scalar() or "")
    return ""
