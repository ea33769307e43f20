"""What only an administrator of the server does for a lock: the roles, whose the objects are, and what strangers may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.security.postgres.conditions import literal
from crm_desktop.security.postgres.names import Names, is_locked, quoted

TAKEN = N_("The server already has a role “{name}” that this office did not make. Rename that role, or the database.")
"""Its roles would be another's (a source text)."""

STRANGERS = """
SELECT crm_lock.keep_drop(rolname) FROM pg_roles WHERE crm_lock.ours(rolname, 'login')
  AND rolname NOT IN (SELECT login FROM public.user_account);
"""
"""Logins that a database of the same name left behind when it was dropped: they would be in the roles of this office."""


def is_maker(connection: sa.Connection, names: Names) -> bool:
    """Whether who asks may make roles and owns the database, or is a superuser."""
    found = connection.execute(
        sa.text(
            "SELECT r.rolsuper OR (r.rolcreaterole AND pg_has_role(r.oid, d.datdba, 'MEMBER')) FROM pg_roles r, pg_database d "
            "WHERE r.rolname = current_user AND d.datname = current_database()"
        )
    )
    return bool(found.scalar())


def is_owner(connection: sa.Connection, names: Names) -> bool:
    """Whether who asks may act as the owner role."""
    found = connection.execute(
        sa.text("SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = :name"), {"name": names.owner}
    )
    return bool(found.scalar())


def prepare(connection: sa.Connection, run: Callable[[str], Any], names: Names, keeper: str) -> None:
    """Make the three roles, give the owner all objects, and put the keeper's functions in place."""
    refuse_shared(connection, names)
    sixteen = int(connection.exec_driver_sql("SHOW server_version_num").scalar() or 0) >= 160000
    superuser = bool(connection.exec_driver_sql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").scalar())
    for name, kind, may in (
        (names.owner, "owner", ""),
        (names.keeper, "keeper", "CREATEROLE NOINHERIT"),
        (names.people, "group", ""),
    ):
        _make(connection, run, names, name, kind, may)
    owner, keeper_role = quoted(names.owner), quoted(names.keeper)
    if not superuser:
        how = " WITH INHERIT TRUE, SET TRUE" if sixteen else ""
        run(f"GRANT {owner}, {keeper_role} TO CURRENT_USER{how}")
    run(_admin_of(names.owner, names.keeper, sixteen))
    run(_admin_of(names.people, names.keeper, sixteen))
    run(f"CREATE SCHEMA IF NOT EXISTS crm_lock; ALTER SCHEMA crm_lock OWNER TO {owner};"
        f"COMMENT ON SCHEMA crm_lock IS {literal('The lock of CRM Desktop: ' + names.prefix)};")  # fmt: skip
    run(OWNERSHIP.replace("@owner_text@", literal(names.owner)))
    _database(run, names, superuser)
    run(
        f"GRANT USAGE, CREATE ON SCHEMA crm_lock TO {keeper_role}; {DROP_KEEPER} SET LOCAL ROLE {keeper_role}; {keeper} "
        f"{KEEPER_FUNCTIONS.replace('@owner_text@', literal(names.owner))} RESET ROLE; REVOKE CREATE ON SCHEMA crm_lock FROM {keeper_role};"
    )


def refuse_shared(connection: sa.Connection, names: Names) -> None:
    """Refuse roles that are those of another office: of a database that had this name, or one much like it.

    Raises:
        UserError: another database of the server has objects of the role that would own this one.
    """
    if is_locked(connection):
        return
    found = connection.execute(
        sa.text(
            "SELECT FROM pg_roles r JOIN pg_shdepend s ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid "
            "JOIN pg_database d ON d.oid = s.dbid WHERE r.rolname = :name AND d.datname <> current_database() LIMIT 1"
        ),
        {"name": names.owner},
    )
    if found.first() is not None:
        raise UserError(TAKEN, name=names.owner)


def _make(connection: sa.Connection, run: Callable[[str], Any], names: Names, name: str, kind: str, may: str) -> None:
    mark = f"CRM Desktop {kind}: {names.prefix}"
    found = connection.execute(
        sa.text("SELECT shobj_description(oid, 'pg_authid') AS mark, rolsuper FROM pg_roles WHERE rolname = :name"),
        {"name": name},
    ).first()
    if found is None:
        run(f"CREATE ROLE {quoted(name)} NOLOGIN {may}; COMMENT ON ROLE {quoted(name)} IS {literal(mark)};")
    elif found.mark != mark or found.rolsuper:
        raise UserError(TAKEN, name=name)


def _admin_of(name: str, keeper: str, sixteen: bool) -> str:
    how = "ADMIN TRUE, INHERIT FALSE, SET FALSE" if sixteen else "ADMIN OPTION"
    return f"GRANT {quoted(name)} TO {quoted(keeper)} WITH {how}"


def _database(run: Callable[[str], Any], names: Names, superuser: bool) -> None:
    """Whose the database is, and that strangers do not even connect."""
    statements = (
        "REVOKE ALL ON DATABASE %I FROM PUBLIC",
        f"GRANT CONNECT, TEMPORARY ON DATABASE %I TO {quoted(names.people)}",
        f"ALTER DATABASE %I OWNER TO {quoted(names.owner)}",
    )
    first, second, third = (f"EXECUTE format({literal(one)}, current_database());" for one in statements)
    # a database that stays the administrator's is as closed as one of the owner role
    run(f"DO $$ BEGIN {first} {second} BEGIN {third} EXCEPTION WHEN insufficient_privilege THEN NULL; END; END $$")
    if superuser:
        run(LARGE_OBJECTS)
        run(ADVISORY.replace("@owner_text@", literal(names.owner)))


OWNERSHIP = """
DO $do$
DECLARE one record;
BEGIN
  EXECUTE format('GRANT CREATE ON DATABASE %I TO %I', current_database(), @owner_text@);
  BEGIN
    EXECUTE format('ALTER SCHEMA public OWNER TO %I', @owner_text@);
  EXCEPTION WHEN insufficient_privilege THEN
    NULL;  -- seen by lock_state where strangers may then make objects in it
  END;
  FOR one IN SELECT c.oid::regclass AS name, CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
      WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
    FROM pg_class c WHERE c.relnamespace IN ('public'::regnamespace, 'crm_lock'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    AND c.relowner <> @owner_text@::regrole
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND
                    (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype IN ('a', 'i')))) LOOP
    EXECUTE format('ALTER %s %s OWNER TO %I', one.kind, one.name, @owner_text@);
  END LOOP;
  FOR one IN SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND p.proowner <> @owner_text@::regrole
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e') LOOP
    EXECUTE format('ALTER ROUTINE %s OWNER TO %I', one.name, @owner_text@);
  END LOOP;
END $do$;
"""

DROP_KEEPER = """
DO $do$
DECLARE one record;
BEGIN
  FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'crm_lock'::regnamespace
    AND (proname LIKE 'keep\\_%' OR proname = 'ours') LOOP
    EXECUTE format('DROP FUNCTION %s', one.name);
  END LOOP;
END $do$;
"""

KEEPER_FUNCTIONS = """
DO $do$
DECLARE one record;
BEGIN
  FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'crm_lock'::regnamespace
    AND proowner = current_user::regrole LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', one.name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', one.name, @owner_text@);
  END LOOP;
END $do$;
"""
"""Only the owner role calls them."""

LARGE_OBJECTS = """
DO $do$
DECLARE one record;
BEGIN
  FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
    AND proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import', 'lo_export') LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', one.name);
  END LOOP;
END $do$;
"""
"""Nobody fills the server with objects that no right protects."""

ADVISORY = """
DO $do$
DECLARE one record;
BEGIN
  FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
    AND proname ~ '^pg_(try_)?advisory_' LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', one.name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I WITH GRANT OPTION', one.name, @owner_text@);
  END LOOP;
END $do$;
"""
"""Nobody holds the program's own locks for ever: it takes them by functions of the owner role (``honest.TURNS``)."""

CLEAR = """
DROP VIEW IF EXISTS change_seen;
DO $do$
DECLARE one record; who text;
BEGIN
  FOR one IN SELECT tgname, tgrelid::regclass AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT tgisinternal AND tgname LIKE 'lock\\_%' AND c.relnamespace = 'public'::regnamespace LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', one.tgname, one.name);
  END LOOP;
  FOR one IN SELECT polname, polrelid::regclass AS name FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = 'public'::regnamespace LOOP
    EXECUTE format('DROP POLICY %I ON %s', one.polname, one.name);
  END LOOP;
  DROP TABLE IF EXISTS crm_lock.right_default, crm_lock.template, crm_lock.hidden, crm_lock.kind, crm_lock.proof, crm_lock.own;
  SELECT string_agg(DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, ', ') INTO who
  FROM (SELECT relacl AS acl, relowner AS own FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT attacl, relowner FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid AND c.relnamespace = 'public'::regnamespace
        UNION ALL SELECT coalesce(proacl, acldefault('f', proowner)), proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT coalesce(nspacl, acldefault('n', nspowner)), nspowner FROM pg_namespace WHERE nspname = 'public'
       ) x, aclexplode(x.acl) a WHERE a.grantee <> x.own;
  IF who IS NOT NULL THEN
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %s CASCADE', who);
    EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM %s CASCADE', who);
    EXECUTE format('REVOKE ALL ON ALL ROUTINES IN SCHEMA public FROM %s CASCADE', who);
    EXECUTE format('REVOKE ALL ON SCHEMA public FROM %s CASCADE', who);
  END IF;
  EXECUTE 'ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC';
END $do$;
"""
"""A full reset: triggers, policies and whatever was granted by hand."""

GRANT_FUNCTIONS = """
DO $do$
DECLARE one record;
BEGIN
  REVOKE ALL ON ALL ROUTINES IN SCHEMA public FROM PUBLIC;
  FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    AND prorettype <> 'trigger'::regtype AND proname LIKE 'crm\\_%' LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', one.name, @people_text@);
  END LOOP;
END $do$;
"""

GRANT_SEQUENCES = """
DO $do$
DECLARE one record;
BEGIN
  FOR one IN SELECT s.oid::regclass AS name FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')
    WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace AND d.refobjid <> 'public.change'::regclass LOOP
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', one.name, @people_text@);
  END LOOP;
END $do$;
"""
"""Derived tables number their rows; the history numbers itself."""
