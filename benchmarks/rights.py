"""What rights cost on a locked server: the contact list and the search of people who see all, 30 % and 1 % of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa

from benchmarks.measure import Result, median
from benchmarks.searching import SHOWN, typed_prefixes
from crm_desktop import features
from crm_desktop.core.filters import where
from crm_desktop.db.database import Database, server_url
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import finder, queries
from crm_desktop.security import service
from crm_desktop.security.access import access_of
from crm_desktop.security.postgres.lock import install_lock
from crm_desktop.security.postgres.passwords import set_password

TIMES, QUERIES = 7, 60
NOISE_MS = 5.0
"""Two measurements of a few milliseconds differ by as much for no reason."""
PASSWORD = "Ginger-Biscuit-42"
SHARES = {"one": "= 99", "thirty": "< 30"}
"""Of the restricted people: which of a hundred contacts are theirs."""
WHO = {"root": "superuser, no rights asked", "all": "sees everything", "thirty": "sees 30 %", "one": "sees 1 %"}
COLUMNS = ("name", "company_id", "email", "phone", "city", "owner_id")


def measure(url: str, contacts: int, say: Callable[[str], object]) -> Iterator[Result]:
    """Lock a copy of a database, give it three people, and do the same as each of them and as superuser."""
    name, base = url.rpartition("/")[2], url.rpartition("/")[0]
    copy = f"{name}_rights"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
        root = Database(f"{base}/{copy}", features.schema())
        opened = {"root": root}
        try:
            say(f"locking {contacts:,} contacts")
            opened |= _people(root, copy)
            queries_ = typed_prefixes(root, QUERIES)
            taken = _run(opened, queries_)
        finally:
            for database in opened.values():
                database.close()
            admin.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
            _drop_roles(admin, copy)
    for what in next(iter(taken.values())):
        for who in SHARES:
            yield _result(f"rights-{what}", what, who, contacts, {one: taken[one][what] for one in taken})


def _result(name: str, what: str, who: str, contacts: int, ms: dict[str, float]) -> Result:
    label = {
        "open": "contact list opened: first page of rows", "ids": "all ids of the list in its order",
        "sort": "first page sorted by another column", "filter": "first page of a filter, and its count",
        "search": f"search while typing, median of {QUERIES}", "listed": "the list filtered by a search, all ids",
    }[what]  # fmt: skip
    return Result(
        f"{name}-{who}", f"{label}; {WHO[who]} of {contacts:,} contacts", ms[who], "ms", 2 * ms["all"] + NOISE_MS, ms["all"],
        "the same by a person who sees everything", details={f"{WHO[one]}, ms": round(value, 1) for one, value in ms.items()},
    )  # fmt: skip


def _people(root: Database, mark: str) -> dict[str, Database]:
    """Lock the database; its people are of a role that reads all, or own contacts and companies only."""
    people = {}
    with write(root, "People") as uow:
        uow.insert("role", {"key": "narrow", "name": "Narrow"})
        for entity in ("contact", "company", "deal", "activity", "case"):
            uow.insert("role_right", {"role": "narrow", "entity": entity, "action": "read", "scope": "own"})
        for who in ("all", *SHARES):
            role = "manager" if who == "all" else "narrow"
            people[who] = service.create_user(uow, who.title(), login=f"{mark}.{who}", role=role)
    with root.begin() as connection:
        run = connection.exec_driver_sql
        run("SET LOCAL session_replication_role = replica")  # the history of this is of no interest
        for who, share in SHARES.items():  # ids grow with time; what somebody owns lies all over them
            run(f"UPDATE contact SET owner_id = {people[who]} WHERE mod(abs(hashint8(id)), 100) {share}")
        run("SET LOCAL session_replication_role = origin")
        ids = connection.execute(
            sa.text("SELECT id FROM contact WHERE owner_id = ANY(:who)"), {"who": list(people.values())}
        )
        chosen = list(ids.scalars())
        for start in range(0, len(chosen), 50_000):
            connection.execute(sa.text("SELECT crm_index_records(:ids)"), {"ids": chosen[start : start + 50_000]})
        install_lock(connection, root.schema)
        for who in people:
            set_password(connection, f"{mark}.{who}", PASSWORD)
    with root.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE contact")
        connection.exec_driver_sql("VACUUM ANALYZE search_text")
    opened = {}
    for who, identity in people.items():
        target = server_url(root.target).set(drivername="postgresql", username=f"{mark}.{who}", password=PASSWORD)
        opened[who] = Database(target.render_as_string(hide_password=False), root.schema)
        with opened[who].read() as connection:
            opened[who].access = access_of(connection, root.schema, identity)
    return opened


def _run(opened: Mapping[str, Database], typed: Sequence[str]) -> dict[str, dict[str, float]]:
    """Milliseconds by person and work. All take turns, so that what else the computer does hits everybody alike."""

    def timed(work: Callable[[Database, sa.Connection], Any], times: int = TIMES) -> dict[str, float]:
        taken: dict[str, list[float]] = {who: [] for who in opened}
        for _ in range(times + 1):
            for who, database in opened.items():
                database.forget()  # orders that are kept
                began = time.perf_counter()
                with database.read() as connection:
                    work(database, connection)
                taken[who].append((time.perf_counter() - began) * 1000)
        return {who: median(ms[1:]) for who, ms in taken.items()}

    def page(database: Database, connection: sa.Connection, **options: Any) -> None:
        ids = queries.find_ids(database, connection, "contact", limit=100, **options)
        queries.fetch_rows(database, connection, "contact", ids, COLUMNS)

    def filtered(database: Database, connection: sa.Connection) -> None:
        chosen = where("lifecycle", "eq", "customer")
        page(database, connection, filter=chosen)
        queries.count(database, connection, "contact", filter=chosen)

    def listed(text: str) -> dict[str, float]:
        chosen = where("@text", "search", text)
        return timed(lambda database, connection: queries.find_ids(database, connection, "contact", filter=chosen), 3)

    def search(text: str) -> dict[str, float]:
        return timed(lambda database, connection: finder.find(database, connection, text, limit=SHOWN), 2)

    def middle(many: Sequence[dict[str, float]]) -> dict[str, float]:
        return {who: median([one[who] for one in many]) for who in opened}

    words = [one for one in typed if len(one) > 3 and one.isalpha()][:5]
    works = {
        "open": timed(page),
        "ids": timed(lambda database, connection: queries.find_ids(database, connection, "contact"), 3),
        "sort": timed(lambda database, connection: page(database, connection, sort=[("created_at", True)])),
        "filter": timed(filtered, 3),
        "search": middle([search(text) for text in typed]),
        "listed": middle([listed(text) for text in words]),
    }
    return {who: {what: ms[who] for what, ms in works.items()} for who in opened}


def _drop_roles(admin: psycopg.Connection[Any], mark: str) -> None:
    # the lock writes into the comment of each role whose it is: people of the sample office have logins, too
    mine = "SELECT rolname FROM pg_roles WHERE right(shobj_description(oid, 'pg_authid'), length(%s) + 2) = ': ' || %s"
    names = [row[0] for row in admin.execute(mine, (mark[:40], mark[:40]))]
    for name in names:
        admin.execute(f'DROP OWNED BY "{name}"')
    for name in names:
        admin.execute(f'DROP ROLE IF EXISTS "{name}"')
