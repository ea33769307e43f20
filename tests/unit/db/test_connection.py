"""Servers that fall silent, connections that are cut, confirmations that never arrive: told truly, and gone on with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from crm_desktop.core.errors import Collided, SaveUnknown, ServerFull, SignInRefused, Unreachable
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.ids import generator
from crm_desktop.db import outcome, pulse
from crm_desktop.db.carry import carry_out
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.trouble import explain_postgres
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.records import queries, service
from tests.helpers.postgres import PostgresServer
from tests.helpers.proxy import Proxy, make_impatient

ANA = Actor(None, "Ana")


@pytest.fixture
def proxy(postgres_server: PostgresServer) -> Iterator[Proxy]:
    """A way to the server that can be troubled."""
    with Proxy(postgres_server.host, postgres_server.port) as made:
        yield made


@pytest.fixture
def far(proxy: Proxy, postgres_url: str, schema: Schema) -> Iterator[Database]:
    """A database behind that way."""
    database = Database(proxy.url(postgres_url), schema)
    yield database
    proxy.drop = False
    database.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pulse asks often and waits little, so that tests are fast."""
    make_impatient(monkeypatch)


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.005)


def _names(database: Database) -> list[str]:
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "contact", sort=[("id", False)])
        return [row.values["name"] for row in queries.fetch_rows(database, connection, "contact", ids, ["name"])]


def _create(database: Database, name: str) -> int:
    with write(database, "New", actor=ANA) as uow:
        return service.create_record(uow, "contact", {"name": name})


def test_a_save_whose_confirmation_is_lost_is_found_to_be_saved(far: Database, proxy: Proxy) -> None:
    events: list[object] = []
    _create(far, "Already")
    far.events.subscribe(RecordsChanged, events.append)
    proxy.cut_after(b"COMMIT", arrives=True)
    _create(far, "Saved after all")  # no error: it was looked up
    assert _names(far) == ["Already", "Saved after all"]
    assert len(events) == 1


def test_a_save_that_never_reached_the_server_is_told_so(far: Database, proxy: Proxy) -> None:
    proxy.cut_after(b"COMMIT", arrives=False)
    with pytest.raises(Unreachable) as caught:
        _create(far, "Never")
    assert not isinstance(caught.value, SaveUnknown)
    assert "save it again" in str(caught.value)
    assert _names(far) == []


@pytest.mark.parametrize("arrives", [True, False])
def test_a_doubt_is_settled_once_the_server_is_back(
    far: Database, proxy: Proxy, arrives: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "_PATIENCE_S", 0.0)
    refuse = threading.Event()

    def work(uow: UnitOfWork) -> str:
        service.create_record(uow, "contact", {"name": "Maybe"})
        proxy.refuse = True  # the connection that asks is refused too
        refuse.set()
        return "what the work came to"

    proxy.cut_after(b"COMMIT", arrives=arrives)
    with pytest.raises(SaveUnknown) as caught:
        carry_out(far, "New", work, actor=ANA)
    proxy.refuse = False
    assert caught.value.result == "what the work came to"
    assert outcome.was_saved(far, caught.value) is arrives
    assert _names(far) == (["Maybe"] if arrives else [])


def test_a_save_is_not_taken_for_another_that_got_its_name(postgres_database: Database) -> None:
    """A server that crashed gives the name of a transaction of which it had written nothing to the next one."""
    others: list[str] = []
    with write(postgres_database, "Another", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": "Another"})
        others.append(uow.transaction)
    lost = SaveUnknown(generator.next(), others[0], 0)
    assert not outcome.was_saved(postgres_database, lost)
    with write(postgres_database, "Nothing", actor=ANA) as uow:
        others.append(uow.transaction)
    assert outcome.was_saved(postgres_database, SaveUnknown(generator.next(), others[1], 0, empty=True))


def test_a_connection_that_dies_in_the_middle_is_gone_on_with(far: Database, proxy: Proxy) -> None:
    tries: list[int] = []

    def work(uow: UnitOfWork) -> int:
        made = service.create_record(uow, "contact", {"name": f"Try {len(tries)}"})
        tries.append(made)
        if len(tries) == 1:
            proxy.cut()
            uow.connection.exec_driver_sql("SELECT 1")
        return made

    assert carry_out(far, "New", work, actor=ANA) == tries[-1]
    assert _names(far) == ["Try 1"]


def test_deadlocks_are_repeated_and_never_shown(postgres_database: Database) -> None:
    database = postgres_database
    other = Database(database.target, database.schema)
    first, second = _create(database, "First"), _create(database, "Second")
    both = threading.Barrier(2, timeout=5)
    calls: list[str] = []
    failures: list[BaseException] = []

    def run(mine: Database, order: tuple[int, int], name: str) -> None:
        def work(uow: UnitOfWork) -> None:
            calls.append(name)
            service.update_record(uow, "contact", order[0], {"job_title": name})
            if calls.count(name) == 1:
                both.wait()
            service.update_record(uow, "contact", order[1], {"job_title": name})

        try:
            carry_out(mine, "Edit", work, actor=Actor(None, name))
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=run, args=(database, (first, second), "Ana")),
        threading.Thread(target=run, args=(other, (second, first), "Bia")),
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    other.close()
    assert failures == []
    assert len(calls) > 2, "no deadlock came to be"


def test_a_deadlock_that_stays_is_one_calm_sentence(postgres_database: Database) -> None:
    with pytest.raises(Collided) as caught, postgres_database.begin() as connection:
        connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END $$")
    assert "deadlock" not in str(caught.value).lower()


def test_a_silent_server_is_noticed_and_nobody_waits_for_it(
    impatient: None, far: Database, proxy: Proxy, postgres_server: PostgresServer
) -> None:
    _create(far, "Before")
    watched = far.watch()
    assert watched is not None
    seen: list[str] = []
    watched.listeners.append(lambda condition: seen.append(condition.state))
    _until(lambda: watched._connection is not None)
    outcomes: list[object] = []

    def wait_for_an_answer() -> None:
        try:
            with far.read() as connection:
                connection.exec_driver_sql("SELECT pg_sleep(60)")
        except Unreachable as error:
            outcomes.append(error)

    waiting = threading.Thread(target=wait_for_an_answer)
    waiting.start()
    sleeping = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
    _until(lambda: bool(postgres_server.execute(sleeping)))
    proxy.drop = True  # a pulled cable: nothing is refused, nothing arrives
    waiting.join(10)
    assert outcomes, "who waited for an answer still waits"
    _until(lambda: seen[-1:] == ["lost"])
    begin = time.monotonic()
    with pytest.raises(Unreachable), far.read():
        pass
    assert time.monotonic() - begin < 0.2  # at once: it is known that nobody answers
    proxy.drop = False
    proxy.cut()
    _until(lambda: seen[-1:] == ["connected"])
    assert _names(far) == ["Before"]


def test_a_server_that_refuses_is_tried_again_with_growing_pauses(
    impatient: None, far: Database, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "PAUSES_S", (0.01, 5.0))
    watched = far.watch()
    assert watched is not None
    _until(lambda: watched._connection is not None)
    proxy.refuse = True
    proxy.cut()
    _until(lambda: (watched.condition.next_try or 0) > time.monotonic() + 3)  # the second pause is the long one
    proxy.refuse = False
    watched.look_now()  # "Try now" does not wait for it
    _until(lambda: watched.condition.connected)


def test_waking_up_asks_at_once(far: Database, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "EVERY_S", 600.0)
    watched = far.watch()
    assert watched is not None
    real, slept = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + slept[0])
    assert watched._connection is None
    slept[0] = 3600.0
    _until(lambda: watched._connection is not None)


def test_a_changed_password_asks_for_the_new_one(
    postgres_server: PostgresServer, postgres_url: str, schema: Schema, impatient: None
) -> None:
    name = "crm_ana_" + postgres_url.rpartition("_")[2]
    role = sql.Identifier(name)
    postgres_server.execute(sql.SQL("CREATE ROLE {} SUPERUSER LOGIN PASSWORD 'one'").format(role))
    database = Database(postgres_server.url(postgres_url.rpartition("/")[2], name, "one"), schema)
    try:
        watched = database.watch()
        assert watched is not None
        _until(lambda: watched._connection is not None)
        postgres_server.execute(sql.SQL("ALTER ROLE {} PASSWORD 'two'").format(role))
        _end_sessions(postgres_server, name)
        _until(lambda: watched.condition.state == "refused")
        with pytest.raises(SignInRefused), database.read():
            pass
        database.use_password("two")
        _until(lambda: watched.condition.connected)
        assert _names(database) == []
        postgres_server.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(role))
        _end_sessions(postgres_server, name)
        _until(lambda: watched.condition.state == "refused")
        assert "login" in str(watched.condition.error)
    finally:
        database.close()


def _end_sessions(server: PostgresServer, role: str) -> None:
    server.execute(
        sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {}").format(sql.Literal(role))
    )


def test_a_full_server_says_so() -> None:
    error = psycopg.OperationalError("connection failed: FATAL:  sorry, too many clients already")
    assert isinstance(explain_postgres(error, "office"), ServerFull)
