"""Whether a database is locked, and whether the lock is whole: read from the server's own catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from crm_desktop.core.i18n import N_, _
from crm_desktop.db import triggers
from crm_desktop.db.schema import Schema
from crm_desktop.security.postgres import honest
from crm_desktop.security.postgres.conditions import Conditions
from crm_desktop.security.postgres.names import Names, is_locked
from crm_desktop.security.postgres.policies import policies

GUARDS = (
    ("role_right", "lock_rights"), ("role", "lock_role"), ("role_right", "lock_guard"), ("role", "lock_guard"),
    ("user_account", "lock_guard"), ("user_account", "lock_user"), ("change_set", "lock_guard"), ("change", "lock_guard"),
    ("note", "lock_guard"), ("saved_view", "lock_guard"), ("number_series", "lock_guard"),
    ("blob", "lock_content"), ("blob_part", "lock_content"), ("blob", "lock_stored"), ("attachment", "lock_attached"),
    ("attachment_revision", "lock_attached"), ("custom_field", "lock_own_rights"),
)  # fmt: skip
"""(table, trigger) of the triggers that make rights and history what they are."""


@dataclass(frozen=True)
class LockState:
    """What was found: "plain" (no lock), "locked", or "broken" with what is missing, in the user's language."""

    state: str
    problems: tuple[str, ...] = ()


def lock_state(connection: sa.Connection, schema: Schema) -> LockState:
    """Look whether the lock of a database is whole. Everybody who may connect may ask."""
    if not is_locked(connection):
        return LockState("plain")
    names = Names.of(connection)
    problems = (
        *_roles(connection, names), *_tables(connection, schema, names), *_policies(connection, schema),
        *_triggers(connection, schema), *_strangers(connection, names), *_logins(connection, names),
    )  # fmt: skip
    return LockState("broken" if problems else "locked", problems)


def _roles(connection: sa.Connection, names: Names) -> Iterator[str]:
    rows = connection.execute(
        sa.text(
            "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname IN (:one, :two, :three)"
        ),
        {"one": names.owner, "two": names.keeper, "three": names.people},
    ).all()
    for name in {names.owner, names.keeper, names.people} - {row.rolname for row in rows}:
        yield _(N_("The role {name} is missing on the server.")).format(name=name)
    for row in rows:
        if row.rolcanlogin or row.rolsuper or row.rolbypassrls:
            yield _(N_("The role {name} can do more than it should: it must not sign in.")).format(name=row.rolname)


def _tables(connection: sa.Connection, schema: Schema, names: Names) -> Iterator[str]:
    found = {
        row.relname: row
        for row in connection.exec_driver_sql(
            "SELECT relname, relrowsecurity, pg_get_userbyid(relowner) AS owner FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        )
    }
    for table in Conditions(schema).rules:
        row = found.get(table)
        if row is None or not row.relrowsecurity:
            yield _(N_("The table {name} is open: its rows are not protected.")).format(name=table)
        elif row.owner != names.owner:
            yield _(N_("The table {name} belongs to {owner}.")).format(name=table, owner=row.owner)


def _policies(connection: sa.Connection, schema: Schema) -> Iterator[str]:
    letters = {"SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}
    expected = {(one.table, one.name, letters[one.command]) for one in policies(Conditions(schema))}
    found = {
        tuple(row)
        for row in connection.exec_driver_sql(
            "SELECT c.relname, p.polname, p.polcmd::text FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid "
            "WHERE c.relnamespace = 'public'::regnamespace"
        )
    }
    for table, name, _letter in sorted(expected - found):
        yield _(N_("The rule {name} of the table {table} is missing.")).format(name=name, table=table)
    for table, name, _letter in sorted(found - expected):
        yield _(N_("The table {table} has a rule {name} that the program did not make.")).format(name=name, table=table)


def _triggers(connection: sa.Connection, schema: Schema) -> Iterator[str]:
    found = {
        (row.relname, row.tgname)
        for row in connection.exec_driver_sql(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal "
            "AND t.tgenabled IN ('O', 'A') AND c.relnamespace = 'public'::regnamespace"
        )
    }
    there = {name for _table, name in found}
    records = [rule.table for rule in Conditions(schema).rules.values() if rule.rule == "record"]
    guards = (*GUARDS, *((table, name) for table in records for name in ("lock_number", "lock_same_number")))
    guards += tuple(
        (table, name) for table in honest.made_tables(Conditions(schema)) for name in ("lock_maker", "lock_maker_stays")
    )
    guards += tuple((table, "lock_own") for table in records)
    missing = [name for table, name in guards if (table, name) not in found] + sorted(triggers.expected(schema) - there)
    for name in missing:
        yield _(N_("The trigger {name} is missing or switched off.")).format(name=name)


def _strangers(connection: sa.Connection, names: Names) -> Iterator[str]:
    """What was granted to roles that are not the office's."""
    rows = connection.execute(
        sa.text(
            "SELECT DISTINCT x.name, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END AS who FROM ("
            " SELECT relname AS name, relacl AS acl, relowner AS own FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " UNION ALL SELECT c.relname, t.attacl, c.relowner FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid"
            "  WHERE c.relnamespace = 'public'::regnamespace"
            " UNION ALL SELECT proname, coalesce(proacl, acldefault('f', proowner)), proowner FROM pg_proc"
            "  WHERE pronamespace = 'public'::regnamespace"
            " UNION ALL SELECT nspname, coalesce(nspacl, acldefault('n', nspowner)), nspowner FROM pg_namespace"
            "  WHERE nspname IN ('public', 'crm_lock')"
            " UNION ALL SELECT datname, coalesce(datacl, acldefault('d', datdba)), datdba FROM pg_database"
            "  WHERE datname = current_database()) x, aclexplode(x.acl) a "
            "WHERE a.grantee <> x.own AND (a.grantee = 0 OR (pg_get_userbyid(a.grantee) NOT IN (:owner, :keeper)"
            " AND shobj_description(a.grantee, 'pg_authid') IS DISTINCT FROM :mark)) ORDER BY 1, 2"
        ),
        {"owner": names.owner, "keeper": names.keeper, "mark": f"CRM Desktop group: {names.prefix}"},
    )
    for name, who in rows:
        yield _(N_("{who} was given rights on {name} by hand.")).format(who=who, name=name)


def _logins(connection: sa.Connection, names: Names) -> Iterator[str]:
    rows = connection.execute(
        sa.text(
            "SELECT u.login, u.active, r.oid, r.rolcanlogin, r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication AS strong,"
            " shobj_description(r.oid, 'pg_authid') AS mark, ARRAY(SELECT g.rolname::text FROM pg_auth_members m"
            "  JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid AND g.rolname <> :owner"
            "  AND shobj_description(g.oid, 'pg_authid') IS DISTINCT FROM :group) AS others"
            " FROM user_account u LEFT JOIN pg_roles r ON r.rolname = u.login ORDER BY u.login"
        ),
        {"owner": names.owner, "group": f"CRM Desktop group: {names.prefix}"},
    )
    for row in rows:
        if row.oid is None or row.mark != f"CRM Desktop login: {names.prefix}":
            yield _(N_("{name} has no login on the server.")).format(name=row.login)
        elif row.rolcanlogin != row.active:
            yield _(N_("Whether {name} may sign in is not what the office says.")).format(name=row.login)
        elif row.strong or row.others:
            others = ", ".join(row.others) or "SUPERUSER"
            yield _(N_("{name} was given more on the server than the office knows: {others}.")).format(
                name=row.login, others=others
            )
