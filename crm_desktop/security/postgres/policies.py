"""The policies of each table, from the rule that protects it.

A policy whose rows are for all of a record type is for the roles whose right reaches so far: it is ``true``, and the
plans of their statements stay what they are without policies. Which roles these are is put in by the server whenever
rights change (``rights.RIGHTS``), from what :class:`Policy` says in ``reach``. All other policies are for everybody who
works in the office.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crm_desktop.db.base import Base
from crm_desktop.db.protection import Protection
from crm_desktop.security.postgres.conditions import (
    LEADS,
    ME,
    Conditions,
    can,
    covered,
    everywhere,
    owner_of,
    seen_import,
    self_owned,
    shared_view,
    team_owned,
)  # fmt: skip


@dataclass(frozen=True)
class Policy:
    """One policy of a table.

    Attributes:
        command: SELECT, INSERT, UPDATE, DELETE or ALL.
        using: which rows that are there it opens; "" for none (INSERT).
        check: which rows may be written; "" for none.
        reach: "" for everybody in the office; "all", "team" or "own" for the roles that read all of ``entities`` so far.
        sensitive: these roles also see the sensitive fields of all of ``entities``.
    """

    table: str
    name: str
    command: str
    using: str = ""
    check: str = ""
    reach: str = ""
    entities: tuple[str, ...] = ()
    sensitive: bool = False

    def sql(self, roles: str) -> str:
        """The statement that makes it."""
        using = f" USING ({self.using})" if self.using else ""
        check = f" WITH CHECK ({self.check})" if self.check else ""
        return f'CREATE POLICY {self.name} ON "{self.table}" FOR {self.command} TO {roles}{using}{check}'


def policies(conditions: Conditions) -> Iterator[Policy]:
    """Every policy of an office database."""
    for rule in conditions.rules.values():
        yield from _MAKERS[rule.rule](conditions, rule)


def _record(_conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    table, entities = rule.table, (rule.entity,)
    owner, maker = owner_of(rule, table), f"{table}.created_by"
    yield Policy(table, "read_all", "SELECT", "true", reach="all", entities=entities)
    yield Policy(table, "read_team", "SELECT", team_owned(owner), reach="team", entities=entities)
    yield Policy(table, "read_own", "SELECT", self_owned(owner, maker), reach="own", entities=entities)
    yield Policy(table, "add", "INSERT", check=covered(rule, table, "create"))
    # whom a record goes to is not asked: handing over what one may edit is part of editing
    yield Policy(table, "edit", "UPDATE", covered(rule, table, "edit"), "true")
    mine = f"({maker} = {ME} AND crm_undoes({table}.id))"
    yield Policy(table, "remove", "DELETE", f"({covered(rule, table, 'delete')}) OR {mine}")


def _reading(conditions: Conditions, rule: Protection, some: str) -> Iterator[Policy]:
    roots = tuple(conditions.roots(rule))
    if rule.sensitive:
        some = f"{conditions.sensitive(rule)} AND {some}"
    yield Policy(rule.table, "read_all", "SELECT", "true", reach="all", entities=roots, sensitive=rule.sensitive)
    yield Policy(rule.table, "read_some", "SELECT", some)


def _child(conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    table = rule.table
    yield from _reading(conditions, rule, conditions.visible_parents(rule, table))
    some = f"({everywhere(conditions.roots(rule), 'edit')} OR {conditions.edited_parents(rule, table)})"
    if rule.sensitive:
        some = f"{conditions.sensitive(rule)} AND {some}"
    yield Policy(table, "add", "INSERT", check=some)
    yield Policy(table, "edit", "UPDATE", some, some)
    yield Policy(table, "remove", "DELETE", some)


def _words(conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    table, mine = rule.table, f"{rule.table}.created_by = {ME}"
    edited = conditions.edited_parents(rule, table)
    seen = conditions.of_parents(rule, table, lambda _parent, _alias: "")
    yield from _reading(conditions, rule, conditions.visible_parents(rule, table))
    # who may edit the record moves and restores what colleagues wrote; a trigger keeps their words as they are
    yield Policy(table, "add", "INSERT", check=f"({mine} AND {seen}) OR {edited}")
    yield Policy(table, "edit", "UPDATE", f"{mine} OR {edited}", f"({mine} AND {seen}) OR {edited}")
    answers = f" OR crm_wrote({table}.reply_to)" if "reply_to" in Base.metadata.tables[table].columns else ""
    yield Policy(table, "remove", "DELETE", f"{mine} OR {LEADS}{answers}")  # what was said about it goes with it


def _open(table: str, write: str) -> Iterator[Policy]:
    yield Policy(table, "read", "SELECT", "true")
    yield from _writing(table, write)


def _writing(table: str, write: str, add: str = "") -> Iterator[Policy]:
    yield Policy(table, "add", "INSERT", check=add or write)
    yield Policy(table, "edit", "UPDATE", write, write)
    yield Policy(table, "remove", "DELETE", write)


def _settings(_conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    yield from _open(rule.table, can("settings"))


def _users(_conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    yield from _open(rule.table, can("users"))


def _secret(_conditions: Conditions, _rule: Protection) -> Iterator[Policy]:
    yield from ()  # the server keeps the passwords of a locked database itself


def _import(_conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    yield Policy(rule.table, "read", "SELECT", seen_import(rule.table, rule.table))
    yield from _writing(rule.table, can("import"))


def _views(_conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    table = rule.table
    mine = f"({table}.owner_id = {ME} OR ({table}.scope <> 'private' AND {can('views')}) OR {LEADS})"
    seen = f"({shared_view(table)} OR {LEADS})"
    yield Policy(table, "read", "SELECT", seen)
    yield Policy(table, "add", "INSERT", check=mine)
    # everybody says whether their own list opens with it; a trigger lets nothing else of it change
    yield Policy(table, "edit", "UPDATE", f"{mine} OR {seen}", f"{mine} OR {seen}")
    yield Policy(table, "remove", "DELETE", mine)


def _tags(_conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    yield Policy(rule.table, "read", "SELECT", "true")
    yield from _writing(rule.table, can("settings"), "true")


def _personal(_conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    table = rule.table
    mine = f"{table}.user_id = {ME}"
    wrote = f"{table}.by_user_id = {ME}"  # undoing an assignment takes its notice back
    yield Policy(table, "read", "SELECT", f"{mine} OR {wrote} OR {LEADS}")
    yield Policy(table, "add", "INSERT", check=f"{table}.by_user_id IS NOT DISTINCT FROM {ME} OR {LEADS}")
    yield Policy(table, "edit", "UPDATE", f"{mine} OR {LEADS}", f"{mine} OR {LEADS}")
    yield Policy(table, "remove", "DELETE", f"{mine} OR {wrote} OR {LEADS}")


def _mention(conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    table = rule.table
    mine = f"{table}.user_id = {ME}"
    wrote = conditions.of_parents(rule, table, lambda _parent, alias: f"{alias}.created_by = {ME}")
    yield from _reading(conditions, rule, f"({mine} OR {conditions.visible_parents(rule, table)})")
    yield Policy(table, "add", "INSERT", check=f"{wrote} OR {LEADS}")
    yield Policy(table, "edit", "UPDATE", f"{mine} OR {wrote} OR {LEADS}", f"{mine} OR {wrote} OR {LEADS}")
    yield Policy(table, "remove", "DELETE", f"{wrote} OR {LEADS}")


def _blob(_conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    table = rule.table
    if "sha256" in Base.metadata.tables[table].columns:
        users = ("attachment_revision", "attachment")
        some = " OR ".join(f'EXISTS (SELECT FROM "{one}" f WHERE f.sha256 = {table}.sha256)' for one in users)
        new = "true"
    else:
        some = f"EXISTS (SELECT FROM blob b WHERE b.id = {table}.blob_id)"
        new = f"crm_blob_is_new({table}.blob_id)"  # nobody adds to a content that is there
    yield Policy(table, "read", "SELECT", f"{LEADS} OR {some}")
    yield Policy(table, "add", "INSERT", check=new)
    yield Policy(table, "edit", "UPDATE", LEADS, LEADS)
    yield Policy(table, "remove", "DELETE", LEADS)


def _journal(_conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    table = rule.table
    if table == "change":  # read by ``change_seen``, written by triggers
        yield Policy(table, "read", "SELECT", LEADS)
        return
    mine = f"{table}.user_id = {ME}"
    seen = f"crm_set_seen({table}.id, {table}.first_change, {table}.last_change)"
    yield Policy(table, "read", "SELECT", f"{mine} OR {can('history')} OR {seen}")
    yield Policy(table, "add", "INSERT", check=mine)
    yield Policy(table, "edit", "UPDATE", f"{mine} OR {can('history')}", f"{mine} OR {can('history')}")
    yield Policy(table, "remove", "DELETE", f"{mine} AND {table}.last_change IS NULL")


def _search(_conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    yield Policy(rule.table, "read", "SELECT", LEADS)  # everybody else by ``crm_search``


def _erase(_conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    yield Policy(rule.table, "read", "SELECT", can("erase"))
    yield from _writing(rule.table, can("erase"))


def _backup(_conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    yield from _open(rule.table, can("backup"))


def _here(conditions: Conditions, table: str, mine: str) -> Iterator[Policy]:
    """Who is where just now: told to who sees the record. What nobody renewed for long is anybody's to take away."""
    cases = " ".join(
        f"WHEN '{one.entity}' THEN {everywhere([one.entity], 'read')} OR "
        f'EXISTS (SELECT FROM "{one.table}" p WHERE p.id = {table}.record_id)'
        for one in conditions.rules.values()
        if one.rule == "record"
    )
    old = f"{table}.seen_at < now() - interval '50 minutes'"
    yield Policy(table, "read", "SELECT", f"{mine} OR {old} OR (CASE {table}.entity {cases} ELSE false END)")
    yield Policy(table, "add", "INSERT", check=mine)
    yield Policy(table, "edit", "UPDATE", mine, mine)
    yield Policy(table, "remove", "DELETE", f"{mine} OR {old}")


def _shared(conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    table = rule.table
    if table == "number_series":  # drawn by functions
        yield Policy(table, "read", "SELECT", "true")
        return
    own = "user_id" in Base.metadata.tables[table].columns
    write = f"{table}.user_id = {ME}" if own else "true"
    if own:
        yield from _here(conditions, table, write)
        return
    yield Policy(table, "read", "SELECT", "true")
    yield Policy(table, "add", "INSERT", check=write)
    yield Policy(table, "edit", "UPDATE", write, write)
    yield Policy(table, "remove", "DELETE", "true")


def _closed(_conditions: Conditions, rule: Protection) -> Iterator[Policy]:
    yield Policy(rule.table, "read", "SELECT", LEADS)
    yield from _writing(rule.table, LEADS)


_MAKERS: dict[str, Callable[[Conditions, Protection], Iterator[Policy]]] = {
    "record": _record, "child": _child, "words": _words, "settings": _settings, "users": _users, "secret": _secret,
    "import": _import, "views": _views, "tags": _tags, "personal": _personal, "mention": _mention, "blob": _blob,
    "journal": _journal, "search": _search, "erase": _erase, "backup": _backup, "shared": _shared, "closed": _closed,
}  # fmt: skip
