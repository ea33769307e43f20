"""Indexing on a server for people who may not write the index themselves: functions of the owner of the database.

Whoever calls them, a record's search text becomes what its fields say, so that nobody can do harm with them.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.db import search
from crm_desktop.db.schema import Schema

_MANY = 1_000
"""From so many records on the statistics of their tables are brought up to date first."""


def functions(schema: Schema) -> Iterator[str]:
    """The statements that make them."""
    found = [one for one in schema.entities.values() if one.searchable]
    body = "".join(_again(schema, one, "IF {there} THEN {statements} END IF; ") for one in found)
    yield (
        "CREATE OR REPLACE FUNCTION crm_index_records(p_ids bigint[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER "
        f"SET search_path = public, pg_temp AS $$ DECLARE ids bigint[] := p_ids; BEGIN {body} END $$"
    )
    watched: dict[str, dict[str, str]] = {}
    for _name, table, entity, _ids, update in search.watched(schema, sqlite=False):
        watched.setdefault(entity.name, {})[table] = update
    parts = [_touched(schema, one, watched[one.name]) for one in found]
    yield (
        "CREATE OR REPLACE FUNCTION crm_index_change_set(p_set bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER "
        "SET search_path = public, pg_temp SET gin_pending_list_limit = '256MB' SET work_mem = '64MB' AS $$ "
        "DECLARE ids bigint[]; found bigint := 0; "
        "since bigint := coalesce((SELECT first_change FROM change_set WHERE id = p_set), 0); "
        f"BEGIN {''.join(parts)} RETURN found; END $$"
    )


def _again(schema: Schema, entity: Entity, text: str) -> str:
    statements = "; ".join(search.reindex(schema, entity, False, "(SELECT unnest(ids))")) + ";"
    there = f'EXISTS (SELECT FROM "{entity.table}" WHERE id = ANY(ids)) OR EXISTS (SELECT FROM search_text WHERE id = ANY(ids))'
    return text.format(there=there, statements=statements)


def _touched(schema: Schema, entity: Entity, watched: dict[str, str]) -> str:
    """Index the records of a type that a change set touched."""
    selects = []
    for table, update in watched.items():
        column = "record_id" if table == entity.table else "parent_id"
        names = update.replace('"', "'")  # an edit of other columns leaves the text as it is
        selects.append(
            f"SELECT {column} AS id FROM change WHERE change_set_id = p_set AND id >= since AND table_name = '{table}' "
            f"AND (op <> 'U' OR data ?| ARRAY[{names}])"
        )
    analyze = "".join(f'ANALYZE "{table}"; ' for table in watched)
    statements = "; ".join(search.reindex(schema, entity, False, "(SELECT unnest(ids))"))
    return (
        f"ids := ARRAY(SELECT DISTINCT t.id FROM ({' UNION ALL '.join(selects)}) t WHERE t.id IS NOT NULL); "
        f"IF cardinality(ids) > 0 THEN found := found + cardinality(ids); "
        f"IF cardinality(ids) > {_MANY} THEN {analyze}END IF; {statements}; END IF; "
    )


def index_change_set(connection: sa.Connection, change_set_id: int) -> int:
    """Let the server index what a bulk change set touched. Returns how many records that were."""
    return int(connection.execute(sa.select(sa.func.crm_index_change_set(change_set_id))).scalar_one())
