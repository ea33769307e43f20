"""What a unit of work asks before it writes: whether whoever is signed in may, with one statement at most for each write.

Where everything is allowed nothing is asked at all. What the person made in the same unit of work they may also complete.
What the database does by itself (cascades, triggers) and what follows from other rows is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.access import Access
from crm_desktop.core.i18n import translate
from crm_desktop.core.refusals import (
    CLOSED,
    OTHERS_NOTE,
    OTHERS_ROW,
    OTHERS_VIEW,
    UNSEEN,
    NotAllowed,
    Other,
    refused,
    without_power,
)  # fmt: skip
from crm_desktop.db.base import BOOKKEEPING, Base
from crm_desktop.db.predicates import Condition, Predicates, always
from crm_desktop.db.protection import Protection
from crm_desktop.db.schema import Schema

_PART = 500
_MOST = 200
"""So many records in the way are read to be named and counted."""
_POWERS = {"settings": "settings", "users": "users", "import": "import", "erase": "erase", "backup": "backup",
           "tags": "settings"}  # fmt: skip
"""By rule of ``db.protection`` the power that its writes need."""
_OPEN = frozenset({"tags", "personal", "shared", "blob"})
"""Rules under which everybody adds rows."""

_WORDS = frozenset({"body"})
"""Columns of notes that only who wrote them changes; the rest is arranged by who may edit the record."""


class Guard:
    """Refuses what the person of ``access`` may not write.

    Args:
        connection: gives the connection of the unit of work.
        change_set_id: of the unit of work: newer ids of the same person are its own new rows.
        hides: whether sensitive columns are refused; not where their values come from the database itself.
    """

    def __init__(
        self, schema: Schema, access: Access, connection: Callable[[], sa.Connection], change_set_id: int,
        hides: bool = True,
    ) -> None:  # fmt: skip
        self.schema, self.access = schema, access
        self.predicates = Predicates(schema, access, change_set_id)
        self._connection = connection
        self._hides = hides
        self._made: set[int] = set()
        self._quiet = 0

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Ask nothing inside the block: whoever opens it has asked already, or does what follows from an allowed write."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Ask nothing about sensitive fields inside the block: their values come from the history, not from the person."""
        before, self._hides = self._hides, False
        try:
            yield
        finally:
            self._hides = before

    def inserting(self, table: sa.Table, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
        """Before rows are inserted; ``values`` stand column by column, with the ids among them."""
        given = dict(zip(columns, values, strict=True))
        ids = given.get("id", ())
        if not self._quiet:
            self._ask_insert(self.predicates.protection(table.name), given)
        self._made.update(one for one in ids if isinstance(one, int))

    def _ask_insert(self, protection: Protection, given: Mapping[str, Sequence[Any]]) -> None:
        rule = protection.rule
        if rule == "record":
            self._ask_new(protection, given)
        elif rule in ("child", "mention", "words"):
            words = rule == "words" and set(given.get("created_by", ())) <= {self.access.user_id, None}
            action = "read" if words else "edit"
            self._ask_parents(protection, given.get(protection.column, ()), action)
        elif rule == "views":
            owners = {one for one in given.get("owner_id", ()) if one is not None}
            if owners - {self.access.user_id}:
                self.power("views")
        elif rule == "secret":
            if set(given.get("user_id", ())) - {self.access.user_id}:
                self.power("users")
        elif rule in _POWERS and rule not in _OPEN:
            self.power(_POWERS[rule])
        elif rule not in _OPEN:
            raise NotAllowed(CLOSED)

    def _ask_new(self, protection: Protection, given: Mapping[str, Sequence[Any]]) -> None:
        entity = protection.entity
        scope = self.access.scope(entity, "create")
        if scope == "none":
            raise refused("create", entity, self._plural(entity), scope, ())
        self._ask_hidden(protection.table, [name for name, cells in given.items() if any(_filled(c) for c in cells)])
        if scope != "all":
            self._ask_owners(protection, given.get(protection.owner, ()))

    def _ask_owners(self, protection: Protection, owners: Sequence[Any]) -> None:
        """Whom records may be made for. To whom they go later is up to who may edit them."""
        entity, me = protection.entity, self.access.user_id
        bad = {one for one in set(owners) if not self.access.covers(entity, "create", one, me)}
        if bad:
            scope = self.access.scope(entity, "create")
            names = self._people(bad)
            others = [Other(0, "", names.get(one, "—")) for one in sorted(bad)]
            raise refused("create", entity, self._plural(entity), scope, others[:1])

    def _ask_hidden(self, table: str, names: Collection[str]) -> None:
        hidden = self.predicates.hidden(table) if self._hides else frozenset()
        if not hidden.isdisjoint(names):
            entity = self.schema.by_table[table].name
            raise refused("sensitive", entity, self._plural(entity), "none", ())

    def _ask_parents(self, protection: Protection, parents: Sequence[Any], action: str) -> None:
        """Whether something may hang on these records, or no longer hang on them."""
        wanted = sorted({one for one in parents if isinstance(one, int)} - self._made)
        if not wanted:
            return
        for name in protection.parents:
            table = self.schema.table(name)
            hidden = protection.sensitive and self._hides and not self.access.may(name, "sensitive")
            seen = action == "read"
            allowed = self.predicates.readable(table.name) if seen else self.predicates.writable(table.name, action)
            if hidden:
                allowed = sa.false()
            if always(allowed):
                continue
            for start in range(0, len(wanted), _PART):
                chosen = table.c.id.in_(wanted[start : start + _PART])
                others = self._in_the_way(table, chosen, allowed)
                if others and hidden:
                    raise refused("sensitive", name, self._plural(name), "none", ())
                if others:
                    raise self._refusal(self.predicates.protection(table.name), action, others)

    def changing(
        self, table: sa.Table, action: str, wheres: Sequence[Condition],
        values: Mapping[str, Sequence[Any]] | None = None,
    ) -> None:  # fmt: skip
        """Before rows are changed ("edit") or deleted ("delete").

        Args:
            wheres: which rows: those of every one of these conditions.
            values: by column the values that are about to be written; a ClauseElement is not looked into.
        """
        if self._quiet or (values and BOOKKEEPING.issuperset(values)):
            return
        protection = self.predicates.protection(table.name)
        if self.blind_to(table):
            entity = protection.parents[0]
            raise refused("sensitive", entity, self._plural(entity), "none", ())
        spoken = protection.rule == "words" and not _WORDS.isdisjoint(values or ())
        allowed = self.predicates.writable(table.name, "delete" if spoken else action)
        if not always(allowed):
            others = [one for where in wheres for one in self._in_the_way(table, where, allowed)]
            if others:
                raise self._refusal(protection, action, others)
        if values:
            self._ask_values(protection, table, wheres, values)

    def _ask_values(
        self, protection: Protection, table: sa.Table, wheres: Sequence[Condition], values: Mapping[str, Sequence[Any]]
    ) -> None:
        if protection.rule == "record":
            self._ask_hidden(table.name, values.keys())
        elif protection.parents and protection.column in values:
            parents = [one for one in values[protection.column] if not isinstance(one, sa.ClauseElement)]
            self._ask_parents(protection, parents, "read" if protection.rule == "words" else "edit")

    def bulk(self, entity: str, ids: Sequence[int]) -> None:
        """Before many records of a type are changed, tagged or deleted at once. One record is not many."""
        if self._quiet or len(ids) < 2 or entity not in self.schema.entities or not self.schema.entity(entity).listed:
            return
        scope = self.access.scope(entity, "bulk")
        if scope == "none":
            raise refused("bulk", entity, self._plural(entity), scope, ())
        allowed = self.predicates.record(entity, "bulk")
        if always(allowed):
            return
        table = self.schema.table(entity)
        others: list[Other] = []
        for start in range(0, len(ids), _PART):
            others += self._in_the_way(table, table.c.id.in_(list(ids[start : start + _PART])), allowed)
        if others:
            raise self._refusal(self.predicates.protection(table.name), "bulk", others)

    def blind_to(self, table: sa.Table) -> bool:
        """Whether a table holds sensitive rows that the person does not see."""
        protection = self.predicates.protection(table.name)
        return (
            not self._quiet and self._hides and protection.sensitive
            and not any(self.access.may(name, "sensitive") for name in protection.parents)
        )  # fmt: skip

    def power(self, power: str) -> None:
        """Refuse who does not have a power."""
        if not self._quiet and not self.access.can(power):
            raise without_power(power)

    def _in_the_way(self, table: sa.Table, where: Condition, allowed: Condition) -> list[Other]:
        """The rows of those chosen that are not allowed, but for those that were made just now."""
        spec = self.schema.by_table.get(table.name)
        protection = self.predicates.protection(table.name)
        none = sa.literal(None, sa.BigInteger)
        title = table.c[spec.title_field] if spec is not None else sa.literal("")
        owner = table.c.get(protection.owner or "owner_id", table.c.get("created_by", none))
        if protection.rule not in ("record", "views"):
            owner = table.c.get("user_id", table.c.get("created_by", none))
        parent = table.c[protection.column] if protection.column else none
        # a condition that is neither true nor false (an empty value) does not allow
        denied = sa.case((allowed, sa.literal(0)), else_=sa.literal(1)) == 1
        shown = self.predicates.readable(table.name) if protection.rule == "record" else sa.true()
        seen = sa.case((shown, sa.literal(1)), else_=sa.literal(0)).label("seen")
        statement = sa.select(table.c.id, title.label("title"), owner.label("owner"), parent.label("parent"), seen)
        statement = statement.where(where, denied)
        rows = [
            row
            for row in self._connection().execute(statement.limit(None if self._made else _MOST)).all()
            if row.id not in self._made and row.parent not in self._made
        ]
        names = self._people({row.owner for row in rows if row.owner is not None})
        if protection.parents and protection.rule == "child" and rows:
            return self._parents_of(protection, [row.parent for row in rows])
        return [Other(row.id, str(row.title or ""), names.get(row.owner, ""), bool(row.seen)) for row in rows]

    def _parents_of(self, protection: Protection, ids: Sequence[int]) -> list[Other]:
        """The records that rows hang on, for the sentence; the first few tell it."""
        wanted = list(dict.fromkeys(ids))[:_PART]
        found: list[Other] = []
        for name in protection.parents:
            spec, table = self.schema.entity(name), self.schema.table(name)
            owner = table.c.get(self.predicates.protection(table.name).owner or "created_by", table.c.id)
            seen = sa.case((self.predicates.readable(table.name), sa.literal(1)), else_=sa.literal(0)).label("seen")
            rows = self._connection().execute(
                sa.select(table.c.id, table.c[spec.title_field].label("title"), owner.label("owner"), seen)
                .where(table.c.id.in_(wanted))
            ).all()  # fmt: skip
            names = self._people({row.owner for row in rows if row.owner is not None})
            found += [Other(row.id, str(row.title or ""), names.get(row.owner, ""), bool(row.seen)) for row in rows]
        return found or [Other(one, "", "") for one in wanted]

    def _refusal(self, protection: Protection, action: str, others: Sequence[Other]) -> NotAllowed:
        rule = protection.rule
        if rule == "record":
            entity, scope = protection.entity, self.access.scope(protection.entity, action)
            return refused(action, entity, self._plural(entity), scope, others)
        if rule == "child":
            return self._about_parent(others)
        if rule in _POWERS:
            return without_power(_POWERS[rule])
        texts = {"words": OTHERS_NOTE, "mention": OTHERS_NOTE, "views": OTHERS_VIEW, "closed": CLOSED}
        ids = [one.id for one in others]
        return NotAllowed(texts.get(rule, OTHERS_ROW), action=action, ids=ids, owner=others[0].owner or "—")

    def _about_parent(self, others: Sequence[Other]) -> NotAllowed:
        """What hangs on a record is changed by who may change the record."""
        ids = [one.id for one in others]
        for entity in self.schema.entities.values():
            table = self.schema.table(entity)
            if not entity.listed:
                continue
            there = self._connection().execute(sa.select(table.c.id).where(table.c.id.in_(ids[:_PART]))).scalars().all()
            if there:
                mine = [one for one in others if one.id in set(there)]
                return refused(
                    "edit", entity.name, self._plural(entity.name), self.access.scope(entity.name, "edit"), mine
                )
        return NotAllowed(UNSEEN, action="edit", ids=ids)

    def _people(self, ids: Collection[int]) -> dict[int, str]:
        if not ids:
            return {}
        user = Base.metadata.tables["user_account"]
        rows = self._connection().execute(sa.select(user.c.id, user.c.name).where(user.c.id.in_(sorted(ids))))
        return {row.id: row.name for row in rows}

    def _plural(self, entity: str) -> str:
        return translate(self.schema.entity(entity).plural).lower()


def _filled(value: Any) -> bool:
    return value is not None and value != ""
