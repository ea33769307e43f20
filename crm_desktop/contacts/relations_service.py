"""Writes of how people and companies belong together: further companies of a person, and relationships."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm_desktop.contacts.relation_words import kinds_between, one_way, symmetric
from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError, RecordGone, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork

PARTIES = ("contact", "company")
_AFFILIATION = ("role", "since", "until", "note")
_RELATIONSHIP = ("kind", "note", "since")


def add_affiliation(
    uow: UnitOfWork, contact_id: int, company_id: int, *, role: str | None = None, since: date | None = None,
    until: date | None = None, note: str | None = None,
) -> int:  # fmt: skip
    """Let a person work, or have worked, for a further company. Returns the affiliation's id.

    An affiliation with the person's main company holds since when; there is one at most.

    Raises:
        RecordGone: the person or the company was deleted.
        FieldError: the end is before the beginning, or the same is written down already.
    """
    _must_exist(uow, "contact", contact_id)
    _must_exist(uow, "company", company_id)
    row = {
        "contact_id": contact_id, "company_id": company_id, "role": _text(role), "since": since, "until": until,
        "note": _text(note),
    }  # fmt: skip
    _check_affiliation(uow, row)
    return uow.insert("affiliation", row)


def update_affiliation(uow: UnitOfWork, affiliation_id: int, values: Mapping[str, Any]) -> bool:
    """Change the role, the period or the note of an affiliation. Returns whether anything was different.

    Raises:
        RecordGone: it was removed.
        FieldError: see :func:`add_affiliation`.
    """
    row = _row(uow, "affiliation", affiliation_id)
    changed = _changed(row, values, _AFFILIATION)
    if changed:
        _check_affiliation(uow, row | changed)
        uow.update("affiliation", affiliation_id, changed)
    return bool(changed)


def end_affiliation(uow: UnitOfWork, affiliation_id: int, until: date | None = None) -> None:
    """Write down until when somebody worked for a company: until today where no day is given."""
    update_affiliation(uow, affiliation_id, {"until": until or clock.today()})


def remove_affiliations(uow: UnitOfWork, ids: Iterable[int]) -> int:
    """Remove affiliations that were never true. Returns how many there were."""
    return uow.delete("affiliation", ids)


def make_main(uow: UnitOfWork, affiliation_id: int, *, leaves: bool = False) -> None:
    """Make a further company the main one; what was the main one becomes a further one with its job title as role.

    Args:
        leaves: the person left the old main company: it ends today.

    Raises:
        RecordGone: the affiliation was removed.
        UserError: it has ended.
    """
    row = _row(uow, "affiliation", affiliation_id)
    if row["until"] is not None and row["until"] < clock.today():
        raise UserError(N_("This one has ended. Remove its last day first, or add the company again."))
    contact = _row(uow, "contact", row["contact_id"])
    old = contact["company_id"]
    if old == row["company_id"]:
        return
    if old is not None:
        _keep_old_main(uow, contact, clock.today() if leaves else None)
    uow.update("contact", contact["id"], {"company_id": row["company_id"], "job_title": row["role"]})


def update_main(uow: UnitOfWork, contact_id: int, values: Mapping[str, Any]) -> None:
    """Change the role, the beginning or the note of somebody's main company; the role is the person's job title.

    Raises:
        RecordGone: the person was deleted.
        FieldError: see :func:`add_affiliation`.
    """
    contact = _row(uow, "contact", contact_id)
    role = _text(values.get("role")) if "role" in values else contact["job_title"]
    if role != contact["job_title"]:
        uow.update("contact", contact_id, {"job_title": role})
    kept: dict[str, Any] = {"role": role, "since": values.get("since"), "note": _text(values.get("note"))}
    held = _held(uow, contact)
    if held is not None:
        update_affiliation(uow, held, kept)
    elif kept["since"] or kept["note"]:
        add_affiliation(uow, contact_id, contact["company_id"], **kept)


def _held(uow: UnitOfWork, contact: Mapping[str, Any]) -> int | None:
    """The affiliation that holds the period of a person's main company."""
    table = Base.metadata.tables["affiliation"]
    mine = (table.c.contact_id == contact["id"]) & (table.c.company_id == contact["company_id"])
    current = table.c.until.is_(None) | (table.c.until >= clock.today())
    found: int | None = uow.connection.execute(sa.select(table.c.id).where(mine & current).limit(1)).scalar()
    return found


def _keep_old_main(uow: UnitOfWork, contact: Mapping[str, Any], until: date | None) -> None:
    """The affiliation that holds the person's role at the main company; made where there is none yet."""
    held = _held(uow, contact)
    values = {"role": contact["job_title"], "until": until}
    if held is None:
        uow.insert("affiliation", {"contact_id": contact["id"], "company_id": contact["company_id"], **values})
    else:
        uow.update("affiliation", held, values)


def add_relationship(
    uow: UnitOfWork, first: tuple[str, int], second: tuple[str, int], kind: str, *, note: str | None = None,
    since: date | None = None,
) -> int:  # fmt: skip
    """Write down that ``second`` is the ``kind`` of ``first``: (record type, id) each. Returns the relationship's id.

    Raises:
        RecordGone: one of them was deleted.
        FieldError: somebody with themselves, a company's spouse, or something that is written down already.
    """
    for entity, record_id in (first, second):
        _must_exist(uow, entity, record_id)
    row = {
        "from_entity": first[0], "from_id": first[1], "to_entity": second[0], "to_id": second[1], "kind": kind,
        "note": _text(note), "since": since,
    }  # fmt: skip
    _check_relationship(uow, row)
    return uow.insert("relationship", row)


def update_relationship(
    uow: UnitOfWork, relationship_id: int, values: Mapping[str, Any], *, turn: bool = False
) -> bool:
    """Change the kind, the beginning or the note of a relationship. Returns whether anything was different.

    Args:
        turn: the two change places: the client is the accountant after all.

    Raises:
        RecordGone: it was removed.
        FieldError: see :func:`add_relationship`.
    """
    row = _row(uow, "relationship", relationship_id)
    changed = _changed(row, values, _RELATIONSHIP)
    if turn:
        changed |= {
            "from_entity": row["to_entity"], "from_id": row["to_id"], "to_entity": row["from_entity"],
            "to_id": row["from_id"],
        }  # fmt: skip
    if changed:
        _check_relationship(uow, row | changed)
        uow.update("relationship", relationship_id, changed)
    return bool(changed)


def remove_relationships(uow: UnitOfWork, ids: Iterable[int]) -> int:
    """Remove relationships. Returns how many there were."""
    return uow.delete("relationship", ids)


def _check_affiliation(uow: UnitOfWork, row: Mapping[str, Any]) -> None:
    since, until = row["since"], row["until"]
    if since and until and until < since:
        raise FieldError("until", N_("The last day is before the first one. Change one of them."))
    table = Base.metadata.tables["affiliation"]
    same = (table.c.contact_id == row["contact_id"]) & (table.c.company_id == row["company_id"])
    for other in uow.connection.execute(sa.select(table).where(same)).mappings().all():
        if (
            other["id"] != row.get("id")
            and _overlap(other, row)
            and fold(other["role"] or "") == fold(row["role"] or "")
        ):
            raise FieldError(
                "company_id", N_("This company is in the person's list already, with the same role and period.")
            )


def _overlap(one: Any, other: Mapping[str, Any]) -> bool:
    first = max(one["since"] or date.min, other["since"] or date.min)
    return first <= min(one["until"] or date.max, other["until"] or date.max)


def _check_relationship(uow: UnitOfWork, row: Mapping[str, Any]) -> None:
    kind, ends = row["kind"], (row["from_id"], row["to_id"])
    if ends[0] == ends[1]:
        raise FieldError("to_id", N_("Nobody has a relationship with themselves. Choose somebody else."))
    if kind not in kinds_between(row["from_entity"], row["to_entity"]):
        raise FieldError("kind", N_("Only two people can be this to each other. Choose another relationship."))
    table = Base.metadata.tables["relationship"]
    there = (table.c.from_id == ends[0]) & (table.c.to_id == ends[1])
    back = (table.c.from_id == ends[1]) & (table.c.to_id == ends[0])
    both = there | back if symmetric(kind) or one_way(kind) else there
    statement = sa.select(table.c.id, table.c.from_id).where(both & (table.c.kind == kind))
    for identity, from_id in uow.connection.execute(statement):
        if identity == row.get("id"):
            continue
        if one_way(kind) and from_id != ends[0]:
            raise FieldError("kind", N_("It is written down the other way round already. Change that one first."))
        raise FieldError("kind", N_("This relationship is written down already."))


def _must_exist(uow: UnitOfWork, entity: str, record_id: int) -> None:
    if entity not in PARTIES:
        raise FieldError("to_id", N_("Only people and companies have relationships."))
    table = uow.table(entity)
    if uow.connection.execute(sa.select(table.c.id).where(table.c.id == record_id)).first() is None:
        raise RecordGone(entity, record_id)


def _row(uow: UnitOfWork, name: str, record_id: int) -> dict[str, Any]:
    table = uow.table(name)
    found = uow.connection.execute(sa.select(table).where(table.c.id == record_id)).mappings().first()
    if found is None:
        raise RecordGone(name, record_id)
    return dict(found)


def _changed(row: Mapping[str, Any], values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    cleaned = {
        name: _text(value) if isinstance(value, str) else value for name, value in values.items() if name in names
    }
    return {name: value for name, value in cleaned.items() if row[name] != value}


def _text(value: str | None) -> str | None:
    return " ".join(value.split()) or None if value else None
