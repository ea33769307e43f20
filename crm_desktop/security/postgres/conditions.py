"""The meaning of rights as SQL: when a row is covered by an action, and when somebody sees it.

``(SELECT crm_scope(...))`` and its like are asked once per statement and not per row, so that a check costs nothing.
Two kinds of conditions are made here. *Policies* are asked in the name of the person: a subquery over another table is
under that table's own policies. *Seen* conditions are for views and functions of the owner, where no policy helps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from crm_desktop.db.base import Base
from crm_desktop.db.protection import Protection, protections
from crm_desktop.db.schema import Schema

ME = "(SELECT crm_me())"
TEAM = "((SELECT crm_team())::bigint[])"
LEADS = "(SELECT crm_leads())"


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def array(texts: Iterable[str]) -> str:
    """Texts as an SQL array."""
    return "ARRAY[" + ",".join(literal(one) for one in texts) + "]::text[]"


def scope(entity: str, action: str) -> str:
    """How far the person's right reaches, asked once."""
    return f"(SELECT crm_scope({literal(entity)},{literal(action)}))"


def can(power: str) -> str:
    """Whether the person has a power, asked once."""
    return f"(SELECT crm_can({literal(power)}))"


def everywhere(entities: Iterable[str], action: str) -> str:
    """Whether an action is for all records of each of these types, asked once."""
    return f"(SELECT crm_all({array(entities)},{literal(action)}))"


def team_owned(owner: str) -> str:
    """A row of my team, or of nobody."""
    return f"({owner} = ANY({TEAM}) OR {owner} IS NULL)"


def self_owned(owner: str, maker: str) -> str:
    """A row of mine, or of nobody and made by me."""
    return f"({owner} = {ME} OR ({owner} IS NULL AND {maker} = {ME}))" if owner != maker else f"({maker} = {ME})"


def owner_of(rule: Protection, row: str) -> str:
    """The column that says whose a row is."""
    return f"{row}.{rule.owner or 'created_by'}"


def covered(rule: Protection, row: str, action: str) -> str:
    """Whether an action of the person reaches a row of a record type, whose columns are ``row.*``."""
    owner = owner_of(rule, row)
    return covered_by(scope(rule.entity, action), owner, f"{row}.created_by")


def covered_by(reach: str, owner: str, maker: str) -> str:
    """Whether a scope reaches a row with this owner, made by this user."""
    return (
        f"CASE {reach} WHEN 'all' THEN true WHEN 'team' THEN {team_owned(owner)} "
        f"WHEN 'own' THEN {self_owned(owner, maker)} ELSE false END"
    )


def shared_view(row: str) -> str:
    """A saved view that the person sees."""
    mine = f"EXISTS (SELECT FROM user_account u WHERE u.id = {ME} AND u.team_id = {row}.team_id)"
    return f"({row}.owner_id = {ME} OR {row}.scope = 'everyone' OR ({row}.scope = 'team' AND {mine}))"


def seen_import(table: str, row: str) -> str:
    """An import, or how one is done, that the person sees. The rows that others' imports rejected say what the file said."""
    allowed = can("import")
    if "rejected" in Base.metadata.tables[table].columns:
        allowed = f"({allowed} AND (coalesce({row}.rejected, 0) = 0 OR crm_all(ARRAY[{row}.entity], 'sensitive')))"
    return f"({row}.created_by = {ME} OR {allowed})"


class Conditions:
    """Conditions over all tables of a schema."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.rules: Mapping[str, Protection] = protections(schema)

    def parent_rules(self, rule: Protection) -> list[Protection]:
        """The tables that rows of this one belong to."""
        return [self.rules[self.schema.entity(name).table] for name in rule.parents]

    def roots(self, rule: Protection) -> list[str]:
        """The record types with rights of their own that decide about rows of a table."""
        if rule.rule == "record":
            return [rule.entity]
        found: dict[str, None] = {}
        for parent in self.parent_rules(rule):
            found |= dict.fromkeys(self.roots(parent))
        return list(found)

    def of_parents(
        self, rule: Protection, row: str, inner: Callable[[Protection, str], str], key: str = "", action: str = ""
    ) -> str:
        """A row of a parent table that fulfils a condition is there.

        Args:
            inner: (parent, alias of its row) to the condition; "" for none.
            key: SQL of the parent's id; the row's own column where empty.
            action: not looked for where the person may do this with all records of the type that the row names.
        """
        identity, alias = key or f"{row}.{rule.column}", f"p{len(row)}" if row.startswith("p") else "p"
        found = {}
        for parent in self.parent_rules(rule):
            more = inner(parent, alias)
            name = self.schema.by_table[parent.table].name
            found[name] = f'EXISTS (SELECT FROM "{parent.table}" {alias} WHERE {alias}.id = {identity}' + (
                f" AND ({more}))" if more else ")"
            )
        if len(found) > 1 and not key and "entity" in Base.metadata.tables[rule.table].columns:
            if action:
                found = {name: f"({everywhere([name], action)} OR {one})" for name, one in found.items()}
            cases = " ".join(f"WHEN {literal(name)} THEN {one}" for name, one in found.items())
            return f"CASE {row}.entity {cases} ELSE false END"
        return "(" + " OR ".join(found.values()) + ")"

    def visible_parents(self, rule: Protection, row: str) -> str:
        """For policies: the person sees the record that a row belongs to."""
        return self.of_parents(rule, row, lambda _parent, _alias: "", action="read")

    def edited_parents(self, rule: Protection, row: str) -> str:
        """For policies: the person may edit the record that a row belongs to, or made it in this transaction."""

        def editable(parent: Protection, alias: str) -> str:
            if parent.rule != "record":
                return self.edited_parents(parent, alias)
            return covered(parent, alias, "edit")

        found = self.of_parents(rule, row, editable)
        listed = all(parent.rule == "record" for parent in self.parent_rules(rule))
        return f"({found} OR crm_is_new({row}.{rule.column}))" if listed else found

    def seen(self, rule: Protection, row: str) -> str:
        """For views and functions of the owner: the person sees a row."""
        found = {
            "record": lambda: covered(rule, row, "read"),
            "child": lambda: self._seen_by_parents(rule, row),
            "words": lambda: self._seen_by_parents(rule, row),
            "mention": lambda: f"({row}.user_id = {ME} OR {self._seen_by_parents(rule, row)})",
            "views": lambda: shared_view(row),
            "import": lambda: seen_import(rule.table, row),
            "personal": lambda: f"({row}.user_id = {ME})",
            "erase": lambda: can("erase"),
        }.get(rule.rule)
        if found is not None:
            return found()
        return "true" if rule.rule in ("settings", "users", "tags", "backup", "shared") else LEADS

    def _seen_by_parents(self, rule: Protection, row: str, key: str = "") -> str:
        found = f"({everywhere(self.roots(rule), 'read')} OR {self.of_parents(rule, row, self.seen, key)})"
        return f"({found} AND {self.sensitive(rule)})" if rule.sensitive else found

    def seen_change(self, rule: Protection, row: str) -> str:
        """For the view of the history: the person sees the row that a change tells of, or saw it before it was deleted."""
        if rule.rule == "record":
            was = self.seen_before(rule, row)
            there = f'EXISTS (SELECT FROM "{rule.table}" p WHERE p.id = {row}.record_id AND {self.seen(rule, "p")})'
            return f"({scope(rule.entity, 'read')} = 'all' OR {there} OR ({row}.op = 'D' AND {was}))"
        if rule.parents:
            return self._seen_by_parents(rule, row, f"{row}.parent_id")
        if rule.rule in ("settings", "users", "tags", "backup", "shared"):
            return "true"
        if rule.rule == "import":
            told = f"NOT {row}.data ? 'rejects' OR ({row}.op = 'D' AND coalesce({row}.data->>'rejected', '0') = '0')"
            return f"({can('import')} AND ({row}.data IS NULL OR {told} OR crm_all(ARRAY[{row}.data->>'entity'], 'sensitive')))"
        if rule.rule == "erase":
            return can("erase")
        return f'EXISTS (SELECT FROM "{rule.table}" p WHERE p.id = {row}.record_id AND {self.seen(rule, "p")})'

    def seen_before(self, rule: Protection, row: str) -> str:
        """For the change that deleted a record: the person would see the record."""
        owner = f"({row}.data->>'{rule.owner or 'created_by'}')::bigint"
        return covered_by(scope(rule.entity, "read"), owner, f"({row}.data->>'created_by')::bigint")

    def sensitive(self, rule: Protection) -> str:
        """Whether the person sees sensitive fields of every record type that a row may belong to."""
        return everywhere(self.roots(rule), "sensitive")
