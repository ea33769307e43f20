"""Rows that whoever imports may not write, told one by one: a colleague's records, and what only colleagues see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.core.i18n import N_
from crm_desktop.db.predicates import always
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.row_keys import COLUMN, POINTS, Key, of_row
from crm_desktop.importing.table import Evidence
from crm_desktop.records.unseen import HELD, TAKEN, taken_values, unseen_emails

OTHERS = N_("This record is a colleague's, and your role does not change those. Ask an administrator.")
UNSEEN = N_("A colleague has this record. Ask who leads the office.")
FOR_OTHERS = N_("Your role adds no records for this person.")
NO_NEW = N_("Your role adds no records of this type.")
_PART = 500


class Foreign:
    """Takes the rows out of a batch that the rights of whoever imports do not allow.

    Args:
        keys: what tells records apart, best first.
        unique: names of the columns that the database lets no two records share.
    """

    def __init__(self, uow: UnitOfWork, entity: Entity, keys: Sequence[Key], unique: Sequence[str]) -> None:
        self._uow, self._entity, self._keys, self._unique = uow, entity, keys, frozenset(unique)
        self._guard = uow.guard

    def keep_matched(self, batch: Batch, matched: Mapping[int, int]) -> dict[int, int]:
        """The rows whose records may be changed; the others are rejected."""
        if self._guard is None or not matched:
            return dict(matched)
        predicates = self._guard.predicates
        allowed = predicates.record(self._entity.name, "edit")
        if always(allowed):
            return dict(matched)
        mine = self._those(matched, allowed)
        seen = self._those(matched, predicates.readable(self._entity.table))
        for position, identity in matched.items():
            if identity not in mine:
                batch.rejected[position] = ("", None, Evidence(OTHERS if identity in seen else UNSEEN))
        return {position: identity for position, identity in matched.items() if identity in mine}

    def _those(self, matched: Mapping[int, int], condition: sa.ColumnElement[bool]) -> set[int]:
        table, ids = self._uow.schema.table(self._entity), sorted(set(matched.values()))
        found: set[int] = set()
        for start in range(0, len(ids), _PART):
            chosen = sa.select(table.c.id).where(table.c.id.in_(ids[start : start + _PART]), condition)
            found |= set(self._uow.connection.execute(chosen).scalars())
        return found

    def keep_new(self, batch: Batch, new: Sequence[int]) -> list[int]:
        """The rows that may become records; the others are rejected."""
        if self._guard is None or not new:
            return list(new)
        access, name = self._guard.access, self._entity.name
        owners = batch.values.get("owner_id")
        for position in new:
            if access.scope(name, "create") == "none":
                batch.rejected[position] = ("", None, Evidence(NO_NEW))
            elif owners is not None and not access.covers(name, "create", owners[position], access.user_id):
                batch.rejected[position] = ("", None, Evidence(FOR_OTHERS))
        for key in self._keys:
            self._refuse_taken(batch, [one for one in new if one not in batch.rejected], key)
        return [position for position in new if position not in batch.rejected]

    def _refuse_taken(self, batch: Batch, new: Sequence[int], key: Key) -> None:
        database, connection = self._uow.database, self._uow.connection
        had = {position: of_row(batch, position, key) for position in new}
        values = {one for each in had.values() for one in each}
        why = HELD
        if key.place == POINTS and key.column == "email":
            taken = unseen_emails(database, connection, values)
        elif key.place == COLUMN and key.column in self._unique:
            taken, why = taken_values(database, connection, self._entity.name, key.column, values), TAKEN
        else:
            return
        for position, mine in had.items():
            if taken & {one.lower() for one in mine} or taken & mine:
                batch.rejected[position] = ("", sorted(mine)[0], Evidence(why))
