"""What older programs kept of merged records tells no sensitive values after the upgrade, in the log and in its history."""

from __future__ import annotations

import json

import sqlalchemy as sa

from crm_desktop import app, features
from crm_desktop.db.database import Database
from crm_desktop.db.types import JsonType
from tests.helpers import old_offices


def test_the_log_of_merges_forgets_sensitive_values(empty_database_url: str) -> None:
    old_offices.build(empty_database_url, "0007")
    kept = {"last_name": "Blume", "tax_id": "219099999", "gender": "f"}
    row = {"entity": "contact", "winner_id": 1, "loser_id": 2, "loser_title": "Ida", "loser_values": kept}
    raw = Database(empty_database_url, features.schema())
    json_cast = "" if raw.sqlite else "::jsonb"
    with raw.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO merge_log (id, entity, winner_id, loser_id, loser_title, loser_values, created_at, version) "
                f"VALUES (5, 'contact', 1, 2, 'Ida', CAST(:kept AS text){json_cast}, '2026-01-02T00:00:00.000Z', 1)"
            ),
            {"kept": json.dumps(kept)},
        )
        connection.execute(
            sa.text(
                "INSERT INTO change (table_name, record_id, op, data) "
                f"VALUES ('merge_log', 6, 'D', CAST(:data AS text){json_cast})"
            ),
            {"data": json.dumps(row)},
        )
    raw.close()
    database = app.open_database(empty_database_url)
    try:
        with database.read_all() as connection:
            log = sa.table("merge_log", sa.column("id"), sa.column("loser_values", JsonType))
            told = connection.execute(sa.select(log.c.loser_values).where(log.c.id == 5)).scalar_one()
            past = connection.exec_driver_sql(
                "SELECT data FROM change WHERE table_name = 'merge_log' AND record_id = 6"
            ).scalar_one()
    finally:
        database.close()
    assert told == {"last_name": "Blume"}
    past = json.loads(past) if isinstance(past, str) else past
    assert past == row | {"loser_values": {"last_name": "Blume"}}
