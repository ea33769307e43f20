"""Undo by people who do not see everything: what the history hides from them comes back with the rest, on a server."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.db.base import BOOKKEEPING, Base
from crm_desktop.db.protection import hidden_columns, protections
from crm_desktop.db.schema import Schema

_NEW = "EXISTS (SELECT FROM change i WHERE i.change_set_id = mine AND i.id >= since AND i.op = 'I' AND i.record_id = {row})"


def function(schema: Schema) -> str:
    """The statement that makes it.

    It writes only into rows that the change set which is open put back, and only what they held when they were deleted
    by the one that is undone.
    """
    body = []
    for rule in protections(schema).values():
        table = Base.metadata.tables[rule.table]
        columns = sorted(hidden_columns(schema, rule.entity)) if rule.rule == "record" else []
        was = (
            f'FROM change d, LATERAL jsonb_populate_record(NULL::"{rule.table}", d.data) p WHERE d.change_set_id = p_undone '
            f"AND d.id BETWEEN first AND last AND d.table_name = '{rule.table}' AND d.op = 'D'"
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
                f"{was} AND {_NEW.format(row='d.parent_id')} ON CONFLICT DO NOTHING;"
            )
    return (
        "CREATE OR REPLACE FUNCTION crm_put_back_hidden(p_undone bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER "
        "SET search_path = public, pg_temp AS $$ DECLARE first bigint; last bigint; since bigint; "
        "mine bigint := NULLIF(current_setting('crm.change_set', true), '')::bigint; BEGIN "
        "SELECT s.first_change, s.last_change INTO first, last FROM change_set s WHERE s.id = p_undone; "
        "SELECT s.first_change INTO since FROM change_set s WHERE s.id = mine AND s.last_change IS NULL; "
        f"IF first IS NULL OR last IS NULL OR since IS NULL THEN RETURN; END IF; {' '.join(body)} END $$"
    )


def put_back(connection: sa.Connection, undone: int) -> None:
    """Give records that this unit of work put back what the history does not show to who undoes."""
    connection.execute(sa.select(sa.func.crm_put_back_hidden(undone)))
