"""The last contact as a function of a server: the twin of ``last_contact`` for who does not see every activity.

It changes nothing but columns that follow from other rows, whoever calls it; so everybody may.
"""

from __future__ import annotations

_DONE = "CASE WHEN a.starts_at < a.done_at THEN a.starts_at ELSE a.done_at END"
_LINKED = "activity_link l JOIN activity a ON a.id = l.activity_id AND a.status = 'done'"


def _latest(entity: str) -> str:
    """SQL of the last contact of a record, over alias ``r``."""
    own = f"(SELECT max({_DONE}) FROM {_LINKED} WHERE l.record_id = r.id)"
    if entity == "deal":
        return own
    column = f"{entity}_id"
    parts = [
        own,
        f"(SELECT max(d.last_activity_at) FROM deal d WHERE d.{column} = r.id)",
        f"(SELECT max({_DONE}) FROM {_LINKED} JOIN case_file k ON k.id = l.record_id WHERE k.{column} = r.id)",
        f"(SELECT max(m.at) FROM case_message m JOIN case_file k ON k.id = m.case_id WHERE k.{column} = r.id "
        "AND m.kind <> 'internal')",
    ]
    if entity == "company":
        parts.append("(SELECT max(p.last_activity_at) FROM contact p WHERE p.company_id = r.id)")
    return f"greatest({', '.join(parts)})"


def _refresh(entity: str) -> str:
    """Write what differs in the records of ``ids``, past versions and history: nobody edits this column."""
    return (
        f"RETURN QUERY WITH latest AS MATERIALIZED (SELECT r.id, {_latest(entity)} AS at FROM {entity} r WHERE r.id = ANY(ids)) "
        f"UPDATE {entity} u SET last_activity_at = n.at FROM latest n "
        f"WHERE u.id = n.id AND u.last_activity_at IS DISTINCT FROM n.at RETURNING '{entity}'::text, u.id;"
    )


_CHANGED = (
    "SELECT c.record_id FROM change c WHERE c.change_set_id = p_set AND c.id >= since AND c.table_name = '{table}'"
)


def _named(table: str, columns: tuple[str, ...]) -> str:
    """Records that deleted or redirected rows belonged to, or belong to now."""
    values = " UNION ALL ".join(
        f"SELECT unnest(CASE WHEN c.op = 'D' THEN ARRAY[(c.data->>'{name}')::bigint] "
        f"WHEN c.data ? '{name}' THEN ARRAY[(c.data->'{name}'->>0)::bigint, (c.data->'{name}'->>1)::bigint] END) AS id"
        for name in columns
    )
    return (
        f"SELECT v.id FROM change c, LATERAL ({values}) v WHERE c.change_set_id = p_set AND c.id >= since "
        f"AND c.table_name = '{table}' AND c.op IN ('U', 'D')"
    )


def _touched() -> str:
    def changed(table: str, ops: str) -> str:
        return f"{_CHANGED.format(table=table)} AND strpos('{ops}', c.op) > 0"

    new = " UNION ALL ".join(changed(name, "I") for name in ("contact", "company", "deal", "case_file"))
    parts = [
        f"SELECT l.record_id AS id FROM activity_link l WHERE l.id IN ({changed('activity_link', 'IU')})",
        f"SELECT l.record_id FROM activity_link l WHERE l.activity_id IN ({changed('activity', 'U')})",
        f"SELECT m.case_id FROM case_message m WHERE m.id IN ({changed('case_message', 'IU')})",
        f"SELECT l.record_id FROM activity_link l WHERE l.record_id IN ({new})",
        _named("activity_link", ("record_id",)),
        _named("case_message", ("case_id",)),
        *(_named(name, ("contact_id", "company_id")) for name in ("contact", "deal", "case_file")),
    ]
    return " UNION ".join(parts)


_ABOVE = """ids := ids || ARRAY(SELECT v.id FROM (
    SELECT unnest(ARRAY[d.contact_id, d.company_id]) AS id FROM deal d WHERE d.id = ANY(ids)
    UNION SELECT unnest(ARRAY[k.contact_id, k.company_id]) FROM case_file k WHERE k.id = ANY(ids)) v WHERE v.id IS NOT NULL);"""

SERVER_FUNCTION = f"""
CREATE OR REPLACE FUNCTION crm_last_contact(p_set bigint) RETURNS TABLE (entity text, id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE since bigint := coalesce((SELECT s.first_change FROM change_set s WHERE s.id = p_set), 0); ids bigint[];
BEGIN
  ids := ARRAY(SELECT t.id FROM ({_touched()}) t WHERE t.id IS NOT NULL);
  IF cardinality(ids) = 0 THEN RETURN; END IF;
  {_refresh("deal")}
  {_ABOVE}
  {_refresh("contact")}
  ids := ids || ARRAY(SELECT p.company_id FROM contact p WHERE p.id = ANY(ids) AND p.company_id IS NOT NULL);
  {_refresh("company")}
END $$
"""
