"""From what a person may do to a condition over the rows of a table: one predicate, never a check for each row.

What it says is what ``Access.covers`` says of one record, and what ``db.protection`` says of every other table. Files
read through it (``db.shadow``), units of work ask it before they write (``db.guard``); the policies of a locked server
mean the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.access import Access
from crm_desktop.db.base import Base
from crm_desktop.db.protection import Protection, hidden_columns, protections
from crm_desktop.db.schema import Schema

Condition = sa.ColumnElement[bool]
Rows = sa.FromClause
"""A table, or an alias of one."""
_ALWAYS: Condition = sa.true()
_NEVER: Condition = sa.false()


def always(condition: Condition) -> bool:
    """Whether a condition lets every row through, so that nothing has to be asked."""
    return isinstance(condition, type(sa.true()))


def never(condition: Condition) -> bool:
    """Whether a condition lets no row through."""
    return isinstance(condition, type(sa.false()))


@dataclass(frozen=True, eq=False)
class Predicates:
    """The conditions of one person.

    Attributes:
        access: what the person may do.
        since: inside a unit of work its change set: what it made itself, it may also change and delete.
    """

    schema: Schema
    access: Access
    since: int | None = None

    @cached_property
    def protections(self) -> dict[str, Protection]:
        """How each table is protected, by its name."""
        return protections(self.schema)

    @cached_property
    def _aliases(self) -> dict[str, Rows]:
        return {}

    def alias(self, table: str, over: Any) -> Rows:
        """A table under another name, for conditions over ``over``. Making its columns costs, so it is made once."""
        known = self._aliases.get(table)
        if known is None:
            known = self._aliases[table] = Base.metadata.tables[table].alias()
        return Base.metadata.tables[table].alias() if known is over else known

    def protection(self, table: str) -> Protection:
        """How a table is protected; one that nobody knows is closed."""
        return self.protections.get(table) or Protection(table, "closed")

    def record(self, entity: str, action: str, rows: Rows | None = None) -> Condition:
        """The records of a type that an action is allowed for. Only what can be read can be changed or taken along."""
        over = self.schema.table(entity) if rows is None else rows
        allowed = self._covered(entity, action, over)
        if action in ("edit", "delete") and self.since is not None and not always(allowed):
            own = (over.c.id > self.since) & (over.c.created_by == self.access.user_id)
            allowed = sa.or_(own, allowed)
        if action not in ("read", "create"):
            allowed = sa.and_(self._covered(entity, "read", over), allowed)
        return allowed

    def _covered(self, entity: str, action: str, over: Rows) -> Condition:
        access, scope = self.access, self.access.scope(entity, action)
        if scope in ("all", "none"):
            return _ALWAYS if scope == "all" else _NEVER
        protection = self.protection(self.schema.entity(entity).table)
        owner = over.c[protection.owner or "created_by"]
        if scope == "team":
            people = access.team if access.user_id is None else access.team | {access.user_id}
            return sa.or_(owner.is_(None), owner.in_(sorted(people)))
        if access.user_id is None:
            return _NEVER
        unowned = owner.is_(None) & (over.c.created_by == access.user_id)
        return sa.or_(owner == access.user_id, unowned) if protection.owner else owner == access.user_id

    def readable(self, table: str, rows: Rows | None = None) -> Condition:
        """The rows of a table that the person sees."""
        over = Base.metadata.tables[table] if rows is None else rows
        if self.access.everything:
            return _ALWAYS
        protection = self.protection(table)
        if protection.rule == "record":
            return self.record(protection.entity, "read", over)
        return _READ[protection.rule](self, protection, over)

    def writable(self, table: str, action: str, rows: Rows | None = None) -> Condition:
        """The rows of a table that the person may change ("edit") or delete ("delete"), beside what cascades."""
        over = Base.metadata.tables[table] if rows is None else rows
        if self.access.everything:
            return _ALWAYS
        protection = self.protection(table)
        if protection.rule == "record":
            return self.record(protection.entity, action, over)
        if protection.rule == "words" and action == "edit":  # who may edit the record moves what hangs on it, words too
            return sa.or_(_made(self, protection, over), self.by_parent(protection, over, "edit"))
        return _WRITE[protection.rule](self, protection, over)

    def hidden(self, table: str) -> frozenset[str]:
        """The columns of a table that read as empty."""
        protection = self.protection(table)
        if protection.rule != "record" or self.access.may(protection.entity, "sensitive"):
            return frozenset()
        return hidden_columns(self.schema, protection.entity)

    def by_parent(self, protection: Protection, over: Rows, action: str) -> Condition:
        """The rows of a child table whose record an action is allowed for."""
        return self.of_parents(protection, over.c[protection.column], over, action)

    def deleted(self, protection: Protection, over: Rows) -> Condition:
        """Of the changes that deleted a record: those of records that the person would see."""
        access, scope = self.access, self.access.scope(protection.entity, "read")
        if protection.rule != "record" or access.user_id is None or scope not in ("own", "team"):
            return _NEVER
        owner = over.c.data[protection.owner or "created_by"].as_string()
        if scope == "team":
            people = [str(one) for one in sorted(access.team | {access.user_id})]
            seen = sa.or_(owner.is_(None), owner.in_(people))
        else:
            maker = over.c.data["created_by"].as_string()
            me = str(access.user_id)
            seen = sa.or_(owner == me, owner.is_(None) & (maker == me))
        return (over.c.op == "D") & seen

    def of_parents(self, protection: Protection, column: sa.ColumnElement[int], over: Rows, action: str) -> Condition:
        whole: list[str] = []
        parts: dict[str, Condition] = {}
        for name in protection.parents:
            if protection.sensitive and not self.access.may(name, "sensitive"):
                continue
            table = self.schema.table(name)
            parent = self.alias(table.name, over)
            reads = action == "read"
            allowed = self.readable(table.name, parent) if reads else self.writable(table.name, action, parent)
            if always(allowed):
                whole.append(name)
            if not never(allowed):
                parts[name] = sa.exists().where(parent.c.id == column, allowed)
        if len(whole) == len(protection.parents):
            return _ALWAYS
        told = protection.column.removesuffix("_id") + "_entity"
        kind = over.c.get(told, over.c.get("entity"))
        if action == "read" and whole and kind is not None:  # the row says what it belongs to: nothing to look up
            partly = [condition for name, condition in parts.items() if name not in whole]
            return sa.or_(kind.in_(whole), *partly)
        return sa.or_(_NEVER, *parts.values())


def _power(power: str) -> Callable[[Predicates, Protection, Rows], Condition]:
    return lambda self, _protection, _over: _ALWAYS if self.access.can(power) else _NEVER


def _child(self: Predicates, protection: Protection, over: Rows) -> Condition:
    return self.by_parent(protection, over, "read")


def _child_write(self: Predicates, protection: Protection, over: Rows) -> Condition:
    return self.by_parent(protection, over, "edit")


def _mine(self: Predicates, over: Rows, name: str = "user_id") -> Condition:
    return _NEVER if self.access.user_id is None else over.c[name] == self.access.user_id


def _own(self: Predicates, _protection: Protection, over: Rows) -> Condition:
    return _mine(self, over)


def _secret_write(self: Predicates, _protection: Protection, over: Rows) -> Condition:
    return _ALWAYS if self.access.can("users") else _mine(self, over)


def _made(self: Predicates, _protection: Protection, over: Rows) -> Condition:
    return _mine(self, over, "created_by")


def _imports(self: Predicates, _protection: Protection, over: Rows) -> Condition:
    """Of what others imported, rejected rows say what stood in the file: who sees sensitive fields sees them."""
    mine = _mine(self, over, "created_by")
    if not self.access.can("import"):
        return mine
    listed = [one.name for one in self.schema.entities.values() if one.listed]
    shown = [name for name in listed if self.access.may(name, "sensitive")]
    if "rejected" not in over.c or shown == listed:
        return _ALWAYS
    return sa.or_(mine, sa.func.coalesce(over.c.rejected, 0) == 0, over.c.entity.in_(shown))


def _views(self: Predicates, _protection: Protection, over: Rows) -> Condition:
    parts = [_mine(self, over, "owner_id"), over.c.scope == "everyone"]
    if self.access.team_id is not None:
        parts.append((over.c.scope == "team") & (over.c.team_id == self.access.team_id))
    return sa.or_(*parts)


def _views_write(self: Predicates, protection: Protection, over: Rows) -> Condition:
    own = _mine(self, over, "owner_id")
    return sa.or_(own, _views(self, protection, over)) if self.access.can("views") else own


def _mention(self: Predicates, protection: Protection, over: Rows) -> Condition:
    return sa.or_(_mine(self, over), self.by_parent(protection, over, "read"))


def _mention_write(self: Predicates, protection: Protection, over: Rows) -> Condition:
    return sa.or_(_mine(self, over), self.by_parent(protection, over, "edit"))


def _blob(self: Predicates, _protection: Protection, over: Rows) -> Condition:
    if "sha256" not in over.c:
        blob = self.alias("blob", over)
        allowed = self.readable("blob", blob)
        return _ALWAYS if always(allowed) else sa.exists().where(blob.c.id == over.c.blob_id, allowed)
    revision = self.alias("attachment_revision", over)
    allowed = self.readable("attachment_revision", revision)
    return _ALWAYS if always(allowed) else sa.exists().where(revision.c.sha256 == over.c.sha256, allowed)


def _search(self: Predicates, _protection: Protection, over: Rows) -> Condition:
    return _by_type(
        self, [(one.name, one.table) for one in self.schema.entities.values() if one.searchable],
        over.c.entity, over.c.id,
    )  # fmt: skip


def _by_type(
    self: Predicates, types: Sequence[tuple[str, str]], named: sa.ColumnElement[str], identity: sa.ColumnElement[int]
) -> Condition:
    """Rows that name what they are about by its type and id."""
    whole: list[str] = []
    parts: list[Condition] = []
    for name, table in types:
        row = self.alias(table, getattr(named, "table", None))
        allowed = self.readable(table, row)
        if always(allowed):
            whole.append(name)
        elif not never(allowed):
            parts.append((named == name) & sa.exists().where(row.c.id == identity, allowed))
    if len(whole) == len(types):
        return _ALWAYS
    return sa.or_(_NEVER, *([named.in_(whole)] if whole else []), *parts)


def _always(_self: Predicates, _protection: Protection, _over: Rows) -> Condition:
    return _ALWAYS


def _closed(_self: Predicates, _protection: Protection, _over: Rows) -> Condition:
    return _NEVER


def _change(self: Predicates, _protection: Protection, over: Rows) -> Condition:
    """Changes of rows that are seen, of deleted ones that would be, and one's own."""
    change_set = self.alias("change_set", over)
    parts: list[Condition] = []
    if self.access.user_id is not None:
        own = change_set.c.user_id == self.access.user_id
        parts.append(sa.exists().where(change_set.c.id == over.c.change_set_id, own))
    whole: list[str] = []
    alike: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    for table in self.schema.tracked_tables:
        protection = self.protection(table.name)
        if protection.parents:  # tables that hang on the same records are asked together
            alike.setdefault((protection.parents, protection.sensitive), []).append(table.name)
            continue
        row = self.alias(table.name, over)
        allowed = self.readable(table.name, row)
        if always(allowed):
            whole.append(table.name)
        elif not never(allowed):
            seen = sa.exists().where(row.c.id == over.c.record_id, allowed)
            parts.append((over.c.table_name == table.name) & sa.or_(seen, self.deleted(protection, over)))
    for (_parents, _sensitive), names in alike.items():
        allowed = self.of_parents(self.protection(names[0]), over.c.parent_id, over, "read")
        if always(allowed):
            whole += names
        elif not never(allowed):
            parts.append(over.c.table_name.in_(names) & allowed)
    return sa.or_(_NEVER, over.c.table_name.in_(whole), *parts)


def _change_set(self: Predicates, _protection: Protection, over: Rows) -> Condition:
    """One's own, and those with a change that is seen."""
    if self.access.can("history"):
        return _ALWAYS
    change = self.alias("change", over)
    inside = (change.c.change_set_id == over.c.id) & (change.c.id >= over.c.first_change)
    inside &= change.c.id <= over.c.last_change
    return sa.or_(_mine(self, over), sa.exists().where(inside, _change(self, Protection("change", "journal"), change)))


def _journal(self: Predicates, protection: Protection, over: Rows) -> Condition:
    return (_change_set if protection.table == "change_set" else _change)(self, protection, over)


_Rule = Callable[[Predicates, Protection, Rows], Condition]
_READ: dict[str, _Rule] = {
    "child": _child, "words": _child, "settings": _always, "users": _always, "secret": _own, "import": _imports,
    "views": _views, "tags": _always, "personal": _own, "mention": _mention, "blob": _blob, "journal": _journal,
    "search": _search, "erase": _power("erase"), "backup": _always, "shared": _always, "closed": _closed,
}  # fmt: skip
_WRITE: dict[str, _Rule] = {
    "child": _child_write, "words": _made, "settings": _power("settings"), "users": _power("users"), "secret": _secret_write,
    "import": _imports, "views": _views_write, "tags": _power("settings"), "personal": _own, "mention": _mention_write,
    "blob": _always, "journal": _closed, "search": _closed, "erase": _power("erase"), "backup": _power("backup"),
    "shared": _always, "closed": _closed,
}  # fmt: skip
