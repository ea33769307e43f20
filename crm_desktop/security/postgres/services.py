"""What people call on the server: search, the history they see, passwords, handing over, contents of files."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from crm_desktop.db import search
from crm_desktop.db.base import Base
from crm_desktop.db.protection import Protection, hidden_columns
from crm_desktop.db.search import OWN, VEIL
from crm_desktop.security.postgres.conditions import (
    ME,
    Conditions,
    array,
    covered,
    literal,
)  # fmt: skip

HELPERS = """
CREATE OR REPLACE FUNCTION crm_newest_change() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT coalesce(max(id), 0) FROM change $$;

CREATE OR REPLACE FUNCTION crm_set_used(p_set bigint, p_first bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM change WHERE id >= coalesce(p_first, 0) AND change_set_id = p_set) $$;

CREATE OR REPLACE FUNCTION crm_set_touched(p_set bigint, p_first bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT jsonb_object_agg(table_name, n) FROM (SELECT table_name, count(*) AS n FROM change
  WHERE id >= coalesce(p_first, 0) AND change_set_id = p_set
    AND EXISTS (SELECT FROM change_set s WHERE s.id = p_set AND s.user_id = crm_me()) GROUP BY table_name) counted $$;

CREATE OR REPLACE FUNCTION crm_set_seen(p_set bigint, p_first bigint, p_last bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM change_seen c WHERE c.id >= p_first AND c.id <= p_last AND c.change_set_id = p_set) $$;

CREATE OR REPLACE FUNCTION crm_blob_is_new(p_blob bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM blob WHERE id = p_blob AND xmin = pg_current_xact_id()::xid) AND crm_me() IS NOT NULL $$;

CREATE OR REPLACE FUNCTION crm_undoes(p_id bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  -- who made a record takes that back, whatever their right to delete, as long as nobody else touched it
  SELECT EXISTS (SELECT FROM change_set s JOIN change_set u ON u.id = s.undoes AND u.user_id = s.user_id
      JOIN change c ON c.change_set_id = u.id AND c.id BETWEEN u.first_change AND u.last_change
        AND c.record_id = p_id AND c.op = 'I'
      WHERE s.id = NULLIF(current_setting('crm.change_set', true), '')::bigint AND s.kind = 'undo'
        AND s.last_change IS NULL AND s.user_id = crm_me())
    AND NOT EXISTS (SELECT FROM change c LEFT JOIN change_set s ON s.id = c.change_set_id
      WHERE (c.record_id = p_id OR c.parent_id = p_id) AND s.user_id IS DISTINCT FROM crm_me())
$$;

CREATE OR REPLACE FUNCTION crm_wrote(p_note bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM note WHERE id = p_note AND created_by = crm_me()) $$;

CREATE OR REPLACE FUNCTION crm_set_verifier(p_login text, p_verifier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE who text := crm_lock.caller(); whose text := (SELECT role FROM user_account WHERE login = p_login);
BEGIN
  IF whose IS NULL OR NOT (p_login = session_user AND crm_me() IS NOT NULL OR who = 'owner'
      OR (who = 'admin' AND whose <> 'owner') OR (crm_can('users') AND crm_lock.role_reaches(who, whose) AND NOT crm_lock.role_reaches(whose, who))) THEN
    RAISE EXCEPTION 'rights: not your password' USING ERRCODE = 'CRM07';
  END IF;
  PERFORM crm_lock.keep_password(p_login, p_verifier);
END $$;
"""

_SEARCH = f"""
DROP FUNCTION IF EXISTS crm_lock.search_query(text), crm_lock.search_condition();  -- of older programs

CREATE OR REPLACE FUNCTION crm_lock.search_query(p_match text, OUT asked tsquery, OUT exact tsquery, OUT followed text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  kind record; bare text; shown text; open text; owned text; teamed text; none boolean := false; mine text; ours text; reach text;
BEGIN
  p_match := replace(p_match, '{VEIL}', '');  -- nobody asks for sensitive words by their own name
  followed := '{{}}';
  IF crm_leads() THEN asked := crm_veiled(p_match); RETURN; END IF;
  FOR kind IN SELECT * FROM crm_lock.kind WHERE crm_me() IS NOT NULL LOOP
    IF kind.veiled AND crm_all(kind.roots, 'sensitive') THEN shown := concat_ws(' | ', shown, kind.word); END IF;
    IF kind.veiled AND NOT crm_all(kind.roots, 'sensitive') THEN bare := concat_ws(' | ', bare, kind.word); END IF;
    reach := CASE WHEN crm_all(kind.roots, 'read') THEN 'all' WHEN kind.followed THEN 'all' ELSE crm_scope(kind.entity, 'read') END;
    CASE reach
      WHEN 'all' THEN open := concat_ws(' | ', open, kind.word);
      WHEN 'own' THEN owned := concat_ws(' | ', owned, kind.word);
      WHEN 'team' THEN teamed := concat_ws(' | ', teamed, kind.word);
      ELSE none := true;
    END CASE;
    IF kind.followed AND NOT crm_all(kind.roots, 'read') THEN followed := followed || kind.entity; END IF;
  END LOOP;
  asked := CASE WHEN bare IS NULL THEN crm_veiled(p_match) WHEN shown IS NULL THEN p_match::tsquery
    ELSE p_match::tsquery || (crm_veiled(p_match) && shown::tsquery) END;
  IF owned IS NULL AND teamed IS NULL AND open IS NOT NULL AND NOT none THEN RETURN; END IF;
  mine := format('(''{OWN}o%s'' | ''{OWN}c%s'')', crm_me(), crm_me());
  ours := '(''{OWN}n''' || (SELECT string_agg(' | ''{OWN}o' || one || '''', '') FROM unnest(crm_team()) one) || ')';
  -- the words of kinds are the most common of all: only where they matter, and then not asked of the index
  asked := asked && coalesce(concat_ws(' | ', open, CASE WHEN owned IS NOT NULL THEN mine END,
    CASE WHEN teamed IS NOT NULL THEN ours END), '''{OWN}''')::tsquery;
  IF none OR (owned IS NOT NULL AND teamed IS NOT NULL) THEN
    exact := concat_ws(' | ', open, '(' || owned || ') & ' || mine, '(' || teamed || ') & ' || ours)::tsquery;
  END IF;
END $$;

CREATE OR REPLACE FUNCTION crm_lock.search_statement(p_match text, p_columns text, p_most bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT format('SELECT %s FROM search_text s WHERE s.vector @@ %L::tsquery%s%s LIMIT %s', p_columns, q.asked,
    CASE WHEN q.exact IS NOT NULL THEN format(' AND (s.vector || %L::tsvector) @@ %L::tsquery', '', q.exact) ELSE '' END,
    CASE WHEN q.followed <> '{{}}' THEN
      format(' AND CASE WHEN s.entity = ANY(%L) THEN crm_lock.found_seen(s.entity, s.id) ELSE true END', q.followed) ELSE '' END,
    coalesce(p_most::text, 'ALL'))
  FROM crm_lock.search_query(p_match) q
$$;

CREATE OR REPLACE FUNCTION crm_search(p_match text, p_most integer DEFAULT 300)
RETURNS TABLE (entity text, id bigint, title text) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 300
AS $$
DECLARE statement text := crm_lock.search_statement(p_match, 's.entity, s.id, s.title', greatest(0, p_most));
  reads text := current_setting('enable_seqscan');
BEGIN
  -- of few that are somebody's the first hundred would be found late by reading all
  IF strpos(statement, '{OWN}') > 0 THEN PERFORM set_config('enable_seqscan', 'off', true); END IF;
  RETURN QUERY EXECUTE statement;
  PERFORM set_config('enable_seqscan', reads, true);
END $$;

CREATE OR REPLACE FUNCTION crm_search_ids(p_match text) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 300
AS $$ BEGIN
  RETURN QUERY EXECUTE crm_lock.search_statement(p_match, 's.id', NULL);
END $$;
"""
"""Records with a list are narrowed by the words that tell whom they belong to (``db.search``); what hangs on them follows
them, which a function decides.

All words of a query are wanted, none is excluded: so the index begins with whichever is rarest, which is mostly whom a
record belongs to, and not with every hit of what was typed.
"""


def functions(conditions: Conditions) -> Iterator[str]:
    """The statements that make the view of the history and every function that people call."""
    yield change_seen(conditions)
    yield HELPERS
    yield found_seen(conditions)
    yield _SEARCH
    yield is_new(conditions)
    yield own_numbers(conditions)
    yield hand_over(conditions)
    yield unseen_emails(conditions)
    yield taken(conditions)


def change_seen(conditions: Conditions) -> str:
    """The view of the history: changes of rows that a person sees, and of their own change sets; no sensitive values.

    What decides about a row stands in a function and not in the view: planned once for each table that is met, and not
    all of it whenever somebody reads the history.
    """
    tracked = [one for one in conditions.rules.values() if Base.metadata.tables[one.table].info.get("history", True)]
    branches = [_branch(conditions, rule) for rule in tracked]
    guards = [
        f"WHEN {literal(rule.table)} THEN {_SHOWN} @> {array(conditions.roots(rule))}"
        for rule in tracked
        if rule.sensitive
    ]
    bare = []
    for rule in tracked:
        hidden = sorted(hidden_columns(conditions.schema, rule.entity)) if rule.rule == "record" else []
        if rule.rule == "record":
            veiled = f"(SELECT crm_own_veiled())::text[] @> {array([rule.entity])}"
            told = f"CASE WHEN {veiled} THEN crm_bare_own({literal(rule.entity)}, c.data) ELSE c.data END"
            left = f"({told}) - {array(hidden)}" if hidden else f"({told})"
            seen = f"{_SHOWN} @> {array([rule.entity])}"
            bare.append(f"WHEN {literal(rule.table)} THEN CASE WHEN {seen} THEN c.data ELSE {left} END")
            guards.append(f"WHEN {literal(rule.table)} THEN {seen} OR c.op <> 'U' OR {left} <> '{{}}'::jsonb")
    data = f"CASE c.table_name {' '.join(bare)} ELSE c.data END" if bare else "c.data"
    guard = f"(CASE c.table_name {' '.join(guards)} ELSE true END)" if guards else "true"
    own = f"EXISTS (SELECT FROM change_set s WHERE s.id = c.change_set_id AND s.user_id = {ME})"
    told = "crm_change_seen((SELECT crm_open('read')), c.table_name, c.record_id, c.parent_id, c.op::text, c.data)"
    return (
        "CREATE OR REPLACE FUNCTION crm_change_seen(p_open text[], p_table text, p_record bigint, p_parent bigint, p_op text, "
        "p_data jsonb) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$ <<c>> "
        "DECLARE record_id bigint := p_record; parent_id bigint := p_parent; op text := p_op; data jsonb := p_data; "
        f"BEGIN CASE p_table {' '.join(branches)} ELSE RETURN false; END CASE; END $$;\n"
        "CREATE OR REPLACE VIEW change_seen WITH (security_barrier) AS SELECT c.id, c.change_set_id, c.table_name, c.record_id, "
        f"c.parent_id, c.op, {data} AS data, c.at, c.user_name FROM change c "
        f"WHERE (SELECT crm_leads()) OR (({own} OR {told}) AND {guard});"
    )


_SHOWN = "(SELECT crm_open('sensitive'))::text[]"


def _branch(conditions: Conditions, rule: Protection) -> str:
    """What the function of the history does for a change of a table."""
    roots = conditions.roots(rule)
    at_once = f"IF p_open @> {array(roots)} THEN RETURN true; END IF; " if roots else ""
    return f"WHEN {literal(rule.table)} THEN {at_once}RETURN coalesce({conditions.seen_change(rule, 'c')}, false);"


def kinds(conditions: Conditions) -> Iterator[tuple[str, str, list[str], bool, bool]]:
    """(record type, its word in the search text, who decides about it, whether it follows what it hangs on, whether it has
    veiled words) of all that search finds. For what follows nothing the words say whom it belongs to."""
    for entity in conditions.schema.entities.values():
        if entity.searchable:
            rule = conditions.rules[entity.table]
            word = "'" + search.kind_word(entity.name) + "'"
            yield entity.name, word, conditions.roots(rule), rule.rule != "record", search.has_veil(entity)


def found_seen(conditions: Conditions) -> str:
    """The function that tells whether the person sees what the search found and what follows other records. As a function it
    is planned once for each connection; in the statement of a search, its plan would take longer than the search."""
    branches = []
    for name, _word, _roots, followed, _veiled in kinds(conditions):
        if followed:
            rule = conditions.rules[conditions.schema.entity(name).table]
            there = f'EXISTS (SELECT FROM "{rule.table}" p WHERE p.id = p_id AND {conditions.seen(rule, "p")})'
            branches.append(f"WHEN {literal(name)} THEN RETURN {there};")
    decided = f"CASE p_entity {' '.join(branches)} ELSE NULL; END CASE;" if branches else ""
    return (
        "CREATE OR REPLACE FUNCTION crm_lock.found_seen(p_entity text, p_id bigint) RETURNS boolean LANGUAGE plpgsql STABLE "
        "SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN "
        f"{decided} RETURN true; END $$;"
    )


def is_new(conditions: Conditions) -> str:
    """The function that tells whether the person made a record in the transaction that is going on: what belongs to it may
    be written with it, also where it is for a colleague whose records the maker does not see."""
    there = " OR ".join(
        f'EXISTS (SELECT FROM "{rule.table}" p WHERE p.id = p_id AND p.created_by = crm_me() '
        "AND p.xmin = pg_current_xact_id()::xid)"
        for rule in conditions.rules.values()
        if rule.rule == "record"
    )
    return (
        "CREATE OR REPLACE FUNCTION crm_is_new(p_id bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER "
        f"SET search_path = public, pg_temp AS $$ SELECT {there} $$;"
    )


def own_numbers(conditions: Conditions) -> str:
    """What keeps the number of a record its own, whatever its type: what hangs on a record is found by it, and who makes a
    deal with the number of a contact would be taken for who made the contact; with that of a deal which is gone, for who
    may read its history."""
    records = [rule for rule in conditions.rules.values() if rule.rule == "record"]
    tables = [rule.table for rule in records]
    seen = " ".join(f"WHEN {literal(one.table)} THEN {conditions.seen_before(one, 'c')}" for one in records)
    gone = (
        "EXISTS (SELECT FROM new_rows n JOIN change c ON c.record_id = n.id AND c.op = 'D' "
        f"WHERE NOT coalesce(CASE c.table_name {seen} ELSE true END, false) AND NOT EXISTS "
        f"(SELECT FROM change_set s WHERE s.id = c.change_set_id AND s.user_id = {ME}))"
    )
    taken = " OR ".join(
        f'(TG_TABLE_NAME <> {literal(one)} AND EXISTS (SELECT FROM new_rows n JOIN "{one}" x ON x.id = n.id))'
        for one in tables
    )
    made = "".join(
        f'CREATE TRIGGER lock_number AFTER INSERT ON "{one}" REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT '
        "EXECUTE FUNCTION crm_lock.guard_number();\n"
        f'CREATE TRIGGER lock_same_number BEFORE UPDATE OF id ON "{one}" FOR EACH ROW '
        "EXECUTE FUNCTION crm_lock.guard_same_number();\n"
        for one in tables
    )
    head = "RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$"
    return (
        f"CREATE OR REPLACE FUNCTION crm_lock.guard_number() {head} BEGIN "
        f"IF crm_me() IS NOT NULL AND NOT crm_leads() AND ({taken} OR {gone}) THEN "
        "RAISE EXCEPTION 'rights: the number of another record' USING ERRCODE = '42501'; END IF; RETURN NULL; END $$;\n"
        f"CREATE OR REPLACE FUNCTION crm_lock.guard_same_number() {head} BEGIN "
        "IF crm_me() IS NOT NULL AND NEW.id <> OLD.id THEN "
        "RAISE EXCEPTION 'rights: the number of a record stays' USING ERRCODE = '42501'; END IF; RETURN NEW; END $$;\n"
        f"{made}"
    )


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
        "IF crm_me() IS NULL THEN RETURN 0; "
        f"{' '.join(branches)} END IF; "
        "GET DIAGNOSTICS moved = ROW_COUNT; RETURN moved; END $$;"
    )


def unseen_emails(conditions: Conditions) -> str:
    """The function that says which e-mails only customers have whom the person does not see; never whose they are."""
    seen = conditions.seen(conditions.rules["contact_point"], "p")
    return (
        "CREATE OR REPLACE FUNCTION crm_unseen_emails(p_values text[]) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER "
        "SET search_path = public, pg_temp AS $$ SELECT coalesce(array_agg(x.value), '{}') FROM (SELECT lower(p.value) AS value "
        "FROM contact_point p WHERE p.kind = 'email' AND lower(p.value) = ANY (p_values[1:1000]) AND crm_me() IS NOT NULL "
        f"GROUP BY lower(p.value) HAVING NOT bool_or(coalesce({seen}, false))) x $$;"
    )


def taken(conditions: Conditions) -> str:
    """The function that says which values of a column without equals are taken: what an insert would say as well."""
    branches = []
    for rule in conditions.rules.values():
        table = Base.metadata.tables[rule.table]
        for constraint in table.constraints if rule.rule == "record" else ():
            if isinstance(constraint, sa.UniqueConstraint) and len(constraint.columns) == 1:
                name = next(iter(constraint.columns)).name
                branches.append(
                    f"WHEN p_entity = {literal(rule.entity)} AND p_column = {literal(name)} THEN "
                    f'ARRAY(SELECT "{name}"::text FROM "{rule.table}" WHERE "{name}"::text = ANY (p_values[1:10000]))'
                )
    body = f"CASE WHEN crm_me() IS NULL THEN '{{}}'::text[] {' '.join(branches)} ELSE '{{}}'::text[] END"
    return (
        "CREATE OR REPLACE FUNCTION crm_taken(p_entity text, p_column text, p_values text[]) RETURNS text[] LANGUAGE sql "
        f"STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$ SELECT {body} $$;"
    )
