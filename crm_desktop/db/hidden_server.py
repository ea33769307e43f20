"""Undo and merges by people of a server who do not see everything: what they do not see comes along with the rest."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from crm_desktop.db.base import BOOKKEEPING, Base
from crm_desktop.db.protection import hidden_columns, protections
from crm_desktop.db.schema import Schema

_NEW = "EXISTS (SELECT FROM change i WHERE i.change_set_id = v_mine AND i.id >= v_since AND i.op = 'I' AND i.record_id = {row})"


def functions(schema: Schema) -> Iterator[str]:
    """The statements that make them."""
    yield _put_back(schema)
    yield _merge_rest(schema)


def _put_back(schema: Schema) -> str:
    """What comes back with an undo.

    It writes only into rows that the change set which is open put back, and only what they held when they were deleted
    by the one that is undone.
    """
    body = []
    for rule in protections(schema).values():
        table = Base.metadata.tables[rule.table]
        columns = sorted(hidden_columns(schema, rule.entity)) if rule.rule == "record" else []
        was = (
            f'FROM change d, LATERAL jsonb_populate_record(NULL::"{rule.table}", d.data) p WHERE d.change_set_id = p_undone '
            f"AND d.id BETWEEN v_first AND v_last AND d.table_name = '{rule.table}' AND d.op = 'D'"
        )
        if columns:
            values = ", ".join(f'"{name}" = p."{name}"' for name in columns)
            empty = " AND ".join(f'r."{name}" IS NULL' for name in columns)
            body.append(
                f'UPDATE "{rule.table}" r SET {values} {was} AND r.id = d.record_id AND {empty} AND {_NEW.format(row="r.id")};'
            )
        elif rule.sensitive and table.info.get("history", True):
            names = [one.name for one in table.columns if one.name not in BOOKKEEPING and one.name != "id"]
            listed = ", ".join(f'"{name}"' for name in names)
            given = ", ".join(f'p."{name}"' for name in names)
            body.append(
                f'INSERT INTO "{rule.table}" (id, {listed}) SELECT d.record_id, {given} '
                f"{was} AND {_NEW.format(row='d.parent_id')} "
                f'ON CONFLICT (id) DO UPDATE SET "{rule.column}" = excluded."{rule.column}";'
            )
    body += _own_fields(schema)
    body += _links(schema)
    return (
        "CREATE OR REPLACE FUNCTION crm_put_back_hidden(p_undone bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER "
        "SET search_path = public, pg_temp AS $$ DECLARE v_first bigint; v_last bigint; v_since bigint; "
        "v_mine bigint := NULLIF(current_setting('crm.change_set', true), '')::bigint; BEGIN "
        "SELECT s.first_change, s.last_change INTO v_first, v_last FROM change_set s WHERE s.id = p_undone; "
        "SELECT s.first_change INTO v_since FROM change_set s WHERE s.id = v_mine AND s.last_change IS NULL; "
        f"IF v_first IS NULL OR v_last IS NULL OR v_since IS NULL THEN RETURN; END IF; {' '.join(body)} END $$"
    )


def _own_fields(schema: Schema) -> Iterator[str]:
    """Sensitive own fields of records that come back."""
    for entity in schema.entities.values():
        if entity.listed:
            yield (
                f"UPDATE \"{entity.table}\" r SET custom = coalesce(r.custom, '{{}}') || v.part FROM change d, LATERAL "
                f"{_part_of(entity.name, 'd.data')} v WHERE d.change_set_id = p_undone AND d.id BETWEEN v_first AND v_last "
                f"AND d.table_name = '{entity.table}' AND d.op = 'D' AND r.id = d.record_id AND v.part IS NOT NULL "
                f"AND {_NEW.format(row='r.id')};"
            )


def _part_of(entity: str, data: str) -> str:
    """A subquery with the sensitive own fields of what the history tells of a deleted record."""
    return f"(SELECT jsonb_object_agg(e.key, e.value) AS part FROM {_each_own(data)} e WHERE {_is_sensitive(entity)})"


def _each_own(data: str) -> str:
    """The own fields of a record that was deleted, one by one."""
    return f"jsonb_each(CASE jsonb_typeof({data}->'custom') WHEN 'object' THEN {data}->'custom' ELSE '{{}}' END)"


def _is_sensitive(entity: str) -> str:
    return f"EXISTS (SELECT FROM custom_field f WHERE f.entity = '{entity}' AND f.sensitive AND f.key = e.key)"


def linked(schema: Schema) -> set[str]:
    """The tables of records: links to these come back on a server also where whoever undoes may not edit them."""
    return {entity.table for entity in schema.entities.values() if entity.listed}


def _links(schema: Schema) -> Iterator[str]:
    """Links that were lost with a record come back with it, also those of rows that whoever undoes may not edit."""
    records = linked(schema)
    for table in schema.tracked_tables:
        for column in table.columns:
            if not any(k.ondelete == "SET NULL" and k.column.table.name in records for k in column.foreign_keys):
                continue
            name, was = column.name, f"(d.data->'{column.name}'->>0)::bigint"
            version = ", version = r.version + 1" if "version" in table.c else ""
            yield (
                f'UPDATE "{table.name}" r SET "{name}" = {was}{version} FROM change d WHERE d.change_set_id = p_undone '
                f"AND d.id BETWEEN v_first AND v_last AND d.table_name = '{table.name}' AND d.op = 'U' "
                f'AND r.id = d.record_id AND r."{name}" IS NULL '
                f"AND d.data ? '{name}' AND d.data->'{name}'->>1 IS NULL "
                f"AND {_NEW.format(row=was)};"
            )


def _merge_rest(schema: Schema) -> str:
    """What a merge takes along: links of records that the person does not see, and what only few see of a record.

    It asks the history of the merge that is open which links and rows went with the records that were merged away.
    """
    mine = "FROM change d WHERE d.change_set_id = v_mine AND d.id >= v_since AND d.table_name = '{table}' AND d.op = '{op}'"
    tables = {schema.table(one).name for one in schema.entities.values() if one.listed}
    sensitive = {one.table for one in protections(schema).values() if one.sensitive}
    body = []
    for table in schema.tracked_tables:
        columns = [
            one.name for one in table.columns if any(key.column.table.name in tables for key in one.foreign_keys)
        ]
        for name in columns if table.name in schema.by_table else ():
            source = mine.format(table=table.name, op="U").replace("WHERE", "WHERE r.id = d.record_id AND")
            body.append(
                f'UPDATE "{table.name}" r SET "{name}" = p_winner {source} AND r.id <> p_winner AND r."{name}" IS NULL '
                f"AND (d.data->'{name}'->>0)::bigint = ANY(v_losers) AND d.data->'{name}'->>1 IS NULL;"
            )
        hung = str(table.info.get("refers") or (Schema.parent_column(table) if table.name in sensitive else ""))
        if hung and not table.info.get("ordered"):
            names = [one.name for one in table.columns if one.name not in BOOKKEEPING and one.name != "id"]
            given = ", ".join("p_winner" if name == hung else f'p."{name}"' for name in names)
            listed = ", ".join(f'"{name}"' for name in names)
            same = [name for name in table.info.get("same", ()) if name != hung]
            equal = " AND ".join(f'x."{name}" IS NOT DISTINCT FROM p."{name}"' for name in same)
            apart = (
                f'AND NOT EXISTS (SELECT FROM "{table.name}" x WHERE x."{hung}" = p_winner AND {equal})' if same else ""
            )
            parent = Schema.parent_column(table)
            apart += f' AND p."{parent}" <> p_winner' if parent != hung else ""
            source = mine.format(table=table.name, op="D").replace(
                "d WHERE", f'd, LATERAL jsonb_populate_record(NULL::"{table.name}", d.data) p WHERE'
            )
            body.append(
                f'INSERT INTO "{table.name}" (id, {listed}) SELECT d.record_id, {given} {source} '
                f'AND p."{hung}" = ANY(v_losers) {apart} ON CONFLICT DO NOTHING;'
            )
    for rule in protections(schema).values():
        for name in sorted(hidden_columns(schema, rule.entity)) if rule.rule == "record" else ():
            source = mine.format(table=rule.table, op="D")
            value = f'(jsonb_populate_record(NULL::"{rule.table}", d.data))."{name}"'
            found = f"(SELECT {value} {source} AND d.record_id = ANY(v_losers) AND d.data->>'{name}' IS NOT NULL ORDER BY d.record_id LIMIT 1)"
            body.append(f'UPDATE "{rule.table}" r SET "{name}" = {found} WHERE r.id = p_winner AND r."{name}" IS NULL;')
    for entity in schema.entities.values():
        if entity.listed:
            # field by field: where several were merged away, one may have what another has not; the first of them wins
            source = mine.format(table=entity.table, op="D").replace(
                " d WHERE", f" d, LATERAL {_each_own('d.data')} e WHERE"
            )
            part = f"(SELECT jsonb_object_agg(e.key, e.value ORDER BY d.record_id DESC) {source}"
            part += f" AND d.record_id = ANY(v_losers) AND {_is_sensitive(entity.name)})"
            body.append(
                f"UPDATE \"{entity.table}\" r SET custom = {part} || coalesce(r.custom, '{{}}') WHERE r.id = p_winner AND {part} IS NOT NULL;"
            )
    return (
        "CREATE OR REPLACE FUNCTION crm_merge_rest(p_winner bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER "
        "SET search_path = public, pg_temp AS $$ DECLARE v_since bigint; v_losers bigint[]; "
        "v_mine bigint := NULLIF(current_setting('crm.change_set', true), '')::bigint; BEGIN "
        "SELECT s.first_change INTO v_since FROM change_set s WHERE s.id = v_mine AND s.last_change IS NULL; "
        "v_losers := ARRAY(SELECT l.loser_id FROM merge_log l WHERE l.merge_set_id = v_mine AND l.winner_id = p_winner "
        "AND EXISTS (SELECT FROM change d WHERE d.change_set_id = v_mine AND d.id >= v_since AND d.op = 'D' AND d.record_id = l.loser_id)); "
        f"IF v_since IS NULL OR v_losers = '{{}}' THEN RETURN; END IF; {' '.join(body)} END $$"
    )


def merge_rest(connection: sa.Connection, winner: int) -> None:
    """Let what the person who merges does not see go to the record that stays, at the end of the merge."""
    connection.execute(sa.select(sa.func.crm_merge_rest(winner)))


def put_back(connection: sa.Connection, undone: int) -> None:
    """Give records that this unit of work put back what the history does not show to who undoes."""
    connection.execute(sa.select(sa.func.crm_put_back_hidden(undone)))
