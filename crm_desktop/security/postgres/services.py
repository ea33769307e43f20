"""What people call on the server: search, the history they see, passwords, handing over, contents of files."""

from __future__ import annotations

from collections.abc import Iterator

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Kind
from crm_desktop.db.base import Base
from crm_desktop.db.protection import hidden_columns
from crm_desktop.security.postgres.conditions import (
    ME,
    Conditions,
    array,
    covered,
    literal,
    scope,
)  # fmt: skip

HELPERS = """
CREATE OR REPLACE FUNCTION crm_newest_change() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT coalesce(max(id), 0) FROM change $$;

CREATE OR REPLACE FUNCTION crm_set_used(p_set bigint, p_first bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM change WHERE id >= coalesce(p_first, 0) AND change_set_id = p_set) $$;

CREATE OR REPLACE FUNCTION crm_set_seen(p_set bigint, p_first bigint, p_last bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM change_seen c WHERE c.id >= p_first AND c.id <= p_last AND c.change_set_id = p_set) $$;

CREATE OR REPLACE FUNCTION crm_blob_id(p_sha256 text) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT id FROM blob WHERE sha256 = p_sha256 AND crm_me() IS NOT NULL $$;

CREATE OR REPLACE FUNCTION crm_blob_is_new(p_blob bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM blob WHERE id = p_blob AND xmin = pg_current_xact_id()::xid) AND crm_me() IS NOT NULL $$;

CREATE OR REPLACE FUNCTION crm_set_verifier(p_login text, p_verifier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE who text := crm_lock.caller(); whose text := (SELECT role FROM user_account WHERE login = p_login);
BEGIN
  IF whose IS NULL OR NOT (p_login = session_user AND crm_me() IS NOT NULL OR who = 'owner'
      OR (who = 'admin' AND whose <> 'owner') OR (crm_can('users') AND whose NOT IN ('owner', 'admin'))) THEN
    RAISE EXCEPTION 'rights: not your password' USING ERRCODE = 'CRM07';
  END IF;
  PERFORM crm_lock.keep_password(p_login, p_verifier);
END $$;
"""

_SEARCH = """
CREATE OR REPLACE FUNCTION crm_lock.search_condition(p_match text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE kind record; open text[] := '{}'; parts text[] := '{}'; one text; shut boolean := false;
  words text := (SELECT string_agg(DISTINCT regexp_replace(m[1], '([^[:alnum:]])', '\\\\\\1', 'g'), '|')
                 FROM regexp_matches(p_match, '''\\^?([^'']+)''', 'g') m);
BEGIN
  IF crm_leads() THEN RETURN 'true'; END IF;
  IF crm_me() IS NULL THEN RETURN 'false'; END IF;
  FOR kind IN SELECT * FROM crm_lock.kind LOOP
    one := NULL;
    IF NOT crm_all(kind.roots, 'read') THEN
      shut := true;
      IF (SELECT bool_and(crm_scope(r, 'read') = 'none') FROM unnest(kind.roots) r) THEN CONTINUE; END IF;
      one := kind.condition;
    END IF;
    IF kind.bare <> '' AND words IS NOT NULL AND NOT crm_all(kind.roots, 'sensitive') THEN
      shut := true;
      one := concat_ws(' AND ', one, replace(replace(kind.bare, '@words@', quote_literal(words)), '@match@', quote_literal(p_match)));
    END IF;
    IF one IS NULL THEN open := open || kind.entity; ELSE
      parts := parts || format('(s.entity = %L AND %s)', kind.entity, one); END IF;
  END LOOP;
  IF NOT shut THEN RETURN 'true'; END IF;
  RETURN array_to_string(parts || format('s.entity = ANY(%L)', open), ' OR ');
END $$;

CREATE OR REPLACE FUNCTION crm_search(p_match text, p_most integer DEFAULT 300)
RETURNS TABLE (entity text, id bigint, title text) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 300
AS $$ BEGIN
  RETURN QUERY EXECUTE format('SELECT s.entity, s.id, s.title FROM search_text s WHERE s.vector @@ %L::tsquery AND (%s) LIMIT %s',
    p_match, crm_lock.search_condition(p_match), greatest(0, p_most));
END $$;

CREATE OR REPLACE FUNCTION crm_search_ids(p_match text) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 300
AS $$ BEGIN
  RETURN QUERY EXECUTE format('SELECT s.id FROM search_text s WHERE s.vector @@ %L::tsquery AND (%s)',
    p_match, crm_lock.search_condition(p_match));
END $$;
"""


def functions(conditions: Conditions) -> Iterator[str]:
    """The statements that make the view of the history and every function that people call."""
    yield change_seen(conditions)
    yield HELPERS
    yield _SEARCH
    yield hand_over(conditions)


def change_seen(conditions: Conditions) -> str:
    """The view of the history: changes of rows that a person sees, and of their own change sets; no sensitive values."""
    visible, sensitive = [], []
    for rule in conditions.rules.values():
        table = Base.metadata.tables[rule.table]
        if not table.info.get("history", True):
            continue
        visible.append(f"WHEN {literal(rule.table)} THEN {conditions.seen_change(rule, 'c')}")
        if rule.sensitive:
            sensitive.append(f"WHEN {literal(rule.table)} THEN {conditions.sensitive(rule)}")
    own = f"EXISTS (SELECT FROM change_set s WHERE s.id = c.change_set_id AND s.user_id = {ME})"
    bare, empty = [], []
    for rule in conditions.rules.values():
        hidden = sorted(hidden_columns(conditions.schema, rule.entity)) if rule.rule == "record" else []
        if hidden:
            seen = f"{scope(rule.entity, 'sensitive')} = 'all'"
            left = f"c.data - {array(hidden)}"
            bare.append(f"WHEN {literal(rule.table)} THEN CASE WHEN {seen} THEN c.data ELSE {left} END")
            empty.append(f"WHEN {literal(rule.table)} THEN {seen} OR c.op <> 'U' OR {left} <> '{{}}'::jsonb")
    data = f"CASE c.table_name {' '.join(bare)} ELSE c.data END" if bare else "c.data"
    columns = "c.id, c.change_set_id, c.table_name, c.record_id, c.parent_id, c.op"
    guards = [f"AND (CASE c.table_name {' '.join(cases)} ELSE true END)" for cases in (sensitive, empty) if cases]
    return (
        f"CREATE OR REPLACE VIEW change_seen WITH (security_barrier) AS SELECT {columns}, {data} AS data, c.at, c.user_name "
        f"FROM change c WHERE (SELECT crm_leads()) OR (((CASE c.table_name {' '.join(visible)} ELSE false END) OR {own}) "
        f"{' '.join(guards)});"
    )


def kinds(conditions: Conditions) -> Iterator[tuple[str, list[str], str, str]]:
    """(record type, who decides about it, condition, condition without sensitive texts) of all that search finds."""
    schema = conditions.schema
    for entity in schema.entities.values():
        if not entity.searchable:
            continue
        rule = conditions.rules[entity.table]
        there = f'EXISTS (SELECT FROM "{entity.table}" p WHERE p.id = s.id AND {conditions.seen(rule, "p")})'
        secret = _secret_text(conditions, entity)
        bare = ""
        if secret:
            bare = (
                f'NOT EXISTS (SELECT FROM (SELECT lower({secret}) AS hid FROM "{entity.table}" p WHERE p.id = s.id) h '
                "WHERE h.hid ~ @words@ AND NOT ts_delete(s.vector, tsvector_to_array(crm_vector(h.hid))) @@ @match@::tsquery)"
            )
        yield entity.name, conditions.roots(rule), there, bare


def _secret_text(conditions: Conditions, entity: Entity) -> str:
    """SQL of the sensitive parts of a record's search text, over alias ``p``; empty where it has none."""
    parts = [
        f'p."{one.name}"' for one in entity.fields
        if one.sensitive and one.searchable and one.kind is not Kind.LINK and one.name in entity.stored
    ]  # fmt: skip
    for child in entity.children:
        if child.search_columns and conditions.rules[child.table].sensitive:
            inner = " || ' ' || ".join(f"coalesce(x.\"{column}\", '')" for column in child.search_columns)
            parts.append(
                f'(SELECT string_agg({inner}, \' \') FROM "{child.table}" x WHERE x."{child.parent_column}" = p.id)'
            )
    return f"concat_ws(' ', {', '.join(parts)})" if parts else ""


def hand_over(conditions: Conditions) -> str:
    """The function that gives records to a colleague, who may be one whose records the giver does not see."""
    branches = []
    for rule in conditions.rules.values():
        if rule.rule == "record" and rule.owner:
            branches.append(
                f'ELSIF p_entity = {literal(rule.entity)} THEN UPDATE "{rule.table}" r SET owner_id = p_owner, '
                f"version = r.version + 1, updated_at = date_trunc('milliseconds', now()), updated_by = {ME} "
                f"WHERE r.id = ANY(p_ids) AND {covered(rule, 'r', 'edit')} AND {covered(rule, 'r', 'read')};"
            )
    return (
        "CREATE OR REPLACE FUNCTION crm_hand_over(p_entity text, p_ids bigint[], p_owner bigint) RETURNS bigint "
        "LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ DECLARE moved bigint; BEGIN "
        "IF crm_me() IS NULL OR NOT EXISTS (SELECT FROM user_account u WHERE u.id = p_owner AND u.active) THEN RETURN 0; "
        f"{' '.join(branches)} END IF; "
        "GET DIAGNOSTICS moved = ROW_COUNT; RETURN moved; END $$;"
    )
