"""A long history for an office: millions of change rows of the kinds that people make, written by SQL in their own shape."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from crm_desktop.db.database import Database
from crm_desktop.db.types import instant_text

ROWS = 5_000_000
EPOCHS = 50
EDITS, BULKS, BULK, IMPORTS, IMPORT, DELETED, PARTS = 44_000, 20, 1_500, 6, 4_000, 400, 4
"""In each epoch: saves of one row, bulk edits and their rows, imports and the rows they update, deletions and their parts."""
EPOCH = EDITS + BULKS * BULK + IMPORTS * IMPORT + DELETED * (1 + PARTS)
YEARS = 5
UNTOUCHED = 1_000
"""The first contacts stay as they are, so that an old bulk edit of them can be undone."""
_GAP = 4_096
"""Between the ids of change sets, as between those of moments."""
_PERSON = (
    '{"name":"Deleted person %N%","sort_name":"deleted person %N%","lifecycle":"customer","company_id":null,"owner_id":null,'
    '"job_title":"Buyer","department":"Purchasing","salutation":null,"first_name":"Deleted","last_name":"Person %N%",'
    '"language":"pt_BR","source":"Website","rating":3,"gender":null,"tax_id":null,"created_at":"2021-03-01T10:00:00.000Z",'
    '"created_by":null,"custom":{"size":"M"}}'
)
_NAMED = """'{"label": "Posi\\u00e7\\u00e3o", "title": "Jo\\u00e3o Pereira ' || s.n || '"}'"""
"""The parameters of a title, as the program writes them: most edits name a field and a record."""
_POINT = '{"entity":"contact","kind":"phone","value":"+55419%N%","label":"work","is_primary":true,"position":%P%}'


def lengthen(database: Database, say: Callable[[str], None], rows: int = ROWS) -> None:
    """Append so many changes to the history of an office. Deleted records are none that were ever in their tables."""
    with database.begin() as connection:
        if database.sqlite:
            connection.exec_driver_sql("PRAGMA cache_size=-262144")
        _places(connection, database.sqlite)
        highest = "SELECT coalesce(max(id), 0) FROM "
        first_set = int(connection.exec_driver_sql(highest + "change_set").scalar_one()) + _GAP
        first_change = int(connection.exec_driver_sql(highest + "change").scalar_one()) + 1
        made = epoch = 0
        begin = datetime.now(UTC) - timedelta(days=365 * YEARS)
        step = timedelta(days=365 * YEARS) / max(1, -(-rows // EPOCH))
        while made < rows:
            at = instant_text(begin + step * epoch)
            first_set = _epoch(connection, database.sqlite, first_set, first_change + made, at, epoch)
            made += EPOCH
            epoch += 1
            if epoch % 10 == 0:
                say(f"{made:,} changes")
        connection.exec_driver_sql("DROP TABLE crm_place")
        if not database.sqlite:
            connection.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence('change', 'id'), (SELECT max(id) FROM change))"
            )
        connection.exec_driver_sql("ANALYZE")


def _places(connection: sa.Connection, sqlite: bool) -> None:
    """Contacts, deals and activities by their number, to be named by arithmetic."""
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE crm_place (kind text, n integer, id bigint, PRIMARY KEY (kind, n))"
    )
    for kind, skipped in (("contact", UNTOUCHED), ("deal", 0), ("activity", 0)):
        connection.exec_driver_sql(
            f"INSERT INTO crm_place SELECT '{kind}', row_number() OVER (ORDER BY id) - 1, id FROM "
            f'(SELECT id FROM "{kind}" ORDER BY id {"LIMIT -1 " if sqlite else ""}OFFSET {skipped}) chosen'
        )


def _epoch(
    connection: sa.Connection, sqlite: bool, first_set: int, first_change: int, at: str, epoch: int
) -> int:  # fmt: skip
    """One stretch of time. Returns the id for the next change set."""
    users = connection.exec_driver_sql("SELECT id FROM user_account ORDER BY id").scalars().all()
    rare, often = (users[-1], users[:-1]) if len(users) > 1 else (users[0], users)
    who = rare if epoch == 0 else often[epoch % len(often)]
    cast, moment = ("", f"'{at}'") if sqlite else ("::jsonb", f"'{at}'::timestamptz")

    def run(statement: str) -> None:
        connection.exec_driver_sql(statement if sqlite else statement.replace("%", "%%"))

    def series(count: int) -> str:
        if sqlite:
            return f"(WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < {count - 1}) SELECT n FROM s) s"
        return f"generate_series(0, {count - 1}) s(n)"

    def sets(count: int, size: int, first: int, title: str, kind: str, touched: str, params: str = "'null'") -> None:
        run(
            "INSERT INTO change_set (id, title, params, kind, user_id, user_name, at, first_change, last_change, touched) "
            f"SELECT {first_set} + s.n * {_GAP}, '{title}', ({params}){cast}, '{kind}', {who}, 'User {who % 97}', {moment}, "
            f"{first} + s.n * {size}, {first} + s.n * {size} + {size - 1}, '{touched}'{cast} FROM {series(count)}"
        )

    def changes(count: int, size: int, first: int, table: str, op: str, record: str, parent: str, data: str) -> None:
        place = f"JOIN crm_place p ON p.kind = '{table}' AND p.n = (s.n * 7919 + {epoch}) % (SELECT count(*) FROM crm_place WHERE kind = '{table}')"
        run(
            "INSERT INTO change (id, change_set_id, table_name, record_id, parent_id, op, data) "
            f"SELECT {first} + s.n, {first_set} + (s.n / {size}) * {_GAP}, '{table}', {record}, {parent}, '{op}', ({data}){cast} "
            f"FROM {series(count)} {place if record == 'p.id' else ''}"
        )

    per_kind = (
        ("contact", EDITS * 6 // 10),
        ("deal", EDITS * 25 // 100),
        ("activity", EDITS - EDITS * 6 // 10 - EDITS * 25 // 100),
    )
    edited = {
        "contact": "'{\"job_title\":[\"Clerk ' || s.n || '\",\"Buyer ' || s.n || '\"]}'",
        "deal": "'{\"amount\":[' || s.n * 10000 || ',' || (s.n + 5) * 10000 || '],\"probability\":[100000,250000]}'",
        "activity": '\'{"status":["planned","done"],"done_at":[null,"2023-05-04T10:00:00.000Z"]}\'',
    }
    at_change = first_change
    for table, count in per_kind:
        sets(count, 1, at_change, "Edit {label}: {title}", "edit", f'{{"{table}": 1}}', _NAMED)
        changes(count, 1, at_change, table, "U", "p.id", "NULL", edited[table])
        at_change, first_set = at_change + count, first_set + count * _GAP
    for count, size, kind, title in (
        (BULKS, BULK, "bulk", "Changed many contacts"),
        (IMPORTS, IMPORT, "import", "Imported clientes.xlsx"),
    ):
        sets(count, size, at_change, title, kind, f'{{"contact": {size}}}')
        changes(count * size, size, at_change, "contact", "U", "p.id", "NULL",
                '\'{"lifecycle":["lead","customer"],"source":[null,"Fair \' || s.n % 9 || \'"]}\'')  # fmt: skip
        at_change, first_set = at_change + count * size, first_set + count * _GAP
    size = 1 + PARTS
    sets(DELETED, size, at_change, "Delete contact", "edit", f'{{"contact": 1, "contact_point": {PARTS}}}')
    number, base = f"({epoch * DELETED} + s.n / {size})", 10**15 + epoch * 10**9
    owner = f"{base} + s.n / {size} * 100"
    person = "'" + _PERSON.replace("%N%", f"' || {number} || '") + "'"
    point = "'" + _POINT.replace("%N%", f"' || {number} || '").replace("%P%", f"' || s.n % {size} || '") + "'"
    run(
        "INSERT INTO change (id, change_set_id, table_name, record_id, parent_id, op, data) "
        f"SELECT {at_change} + s.n, {first_set} + (s.n / {size}) * {_GAP}, "
        f"CASE WHEN s.n % {size} = {PARTS} THEN 'contact' ELSE 'contact_point' END, {owner} + s.n % {size}, "
        f"CASE WHEN s.n % {size} = {PARTS} THEN NULL ELSE {owner} + {PARTS} END, 'D', "
        f"(CASE WHEN s.n % {size} = {PARTS} THEN {person} ELSE {point} END){cast} FROM {series(DELETED * size)}"
    )
    return first_set + DELETED * _GAP
