"""Fixtures of every test: fresh databases on both engines, and a computer that is the same everywhere."""

from __future__ import annotations

import gc
import itertools
import logging
import os
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

# Before anything imports Qt or reads the clock.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["TZ"] = "America/Sao_Paulo"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
if hasattr(time, "tzset"):
    time.tzset()

import hypothesis
import pytest

from crm_desktop.core import clock, formats, i18n
from tests.helpers import isolation, quick_disk
from tests.helpers.postgres import PostgresServer, running_server, server_from_url
from tests.helpers.thorough import THOROUGH, times

if TYPE_CHECKING:
    from crm_desktop.db.database import Database
    from crm_desktop.db.schema import Schema
    from tests.helpers.locked import LockedOffice
    from tests.helpers.offices import Offices, OpenFilled

ENGINES = ["sqlite", "postgresql"]

_FULL_COLLECTION_EVERY = 100
"""After so many tests old objects are collected, too: those that came since the last time."""
_WHOLE_COLLECTION_EVERY = 500
"""After so many tests really all are looked at, which takes seconds."""
_tests = itertools.count(1)

# Between tests only, as in the program: see ui.framework.collector.
gc.disable()
isolation.forbid_network()
quick_disk.keep_files_in_memory()
# the usual run tries the same every time; what is new is looked for where there is time
hypothesis.settings.register_profile("crm", deadline=None, max_examples=times(30, 200), derandomize=not THOROUGH)
hypothesis.settings.load_profile("crm")


def pytest_collection_finish() -> None:
    """Let empty files be migrated quickly, and collections pass over what is there before the first test."""
    if "crm_desktop.db.migrate" in sys.modules:
        # lazy: see the schema
        from tests.helpers.quick_schema import remember_what_migrations_make

        remember_what_migrations_make()
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    """Collect what a test leaves once nothing of it is held any more; a fixture would still see its windows alive."""
    done = yield
    number = next(_tests)
    if number % _FULL_COLLECTION_EVERY:
        gc.collect(1)
    else:
        if number % _WHOLE_COLLECTION_EVERY == 0:
            gc.unfreeze()
        gc.collect()
        gc.freeze()
    return done


@pytest.fixture(autouse=True)
def same_computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty data folder, English and the real clock for every test, whatever the one before did."""
    monkeypatch.setenv("CRM_DATA", str(tmp_path / "crm-data"))
    i18n.set_language("en")
    yield
    i18n.set_language("en")
    for back_to_normal in (formats.set_region, formats.set_default_country, formats.set_default_currency):
        back_to_normal("")
    clock.set_clock(None)


@pytest.fixture(autouse=True)
def no_unexpected_errors(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs an error, unless ``@pytest.mark.logs_errors(pattern)`` announces it."""
    recorder = isolation.ErrorRecorder()
    logging.getLogger().addHandler(recorder)
    yield
    logging.getLogger().removeHandler(recorder)
    patterns = [str(mark.args[0]) for mark in request.node.iter_markers("logs_errors")]
    unexpected = recorder.unexpected(patterns)
    if unexpected:
        pytest.fail("the test logged errors:\n" + "\n".join(unexpected), pytrace=False)


@pytest.fixture(scope="session")
def schema() -> Schema:
    """The schema of the program."""
    # lazy: the tests of the core and the widgets start without the features
    from crm_desktop import features

    return features.schema()


@pytest.fixture(scope="session")
def prepare_database(schema: Schema) -> Callable[[str], None]:
    """Bring the empty database at a URL or file path to the newest schema.

    It runs once per engine and test process; every test gets a copy of what it made.
    """

    def prepare(url: str) -> None:
        # lazy: see above
        from crm_desktop.db.database import Database
        from crm_desktop.db.migrate import migrate

        database = Database(url, schema)
        migrate(database)
        database.close()

    return prepare


@pytest.fixture(scope="session")
def sqlite_template(prepare_database: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The migrated file that is copied for every test."""
    path = tmp_path_factory.mktemp("sqlite-template") / "template.crm"
    prepare_database(str(path))
    return path


@pytest.fixture(scope="session")
def offices(sqlite_template: Path, schema: Schema, tmp_path_factory: pytest.TempPathFactory) -> Offices:
    """Filled offices to copy, for tests that all begin with the same one."""
    # lazy: see above
    from tests.helpers.offices import Offices

    return Offices(tmp_path_factory.mktemp("offices"), sqlite_template, schema)


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """The path of a SQLite file that does not exist yet."""
    return str(tmp_path / "empty.crm")


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """The path of a fresh SQLite database with the newest schema."""
    path = tmp_path / "office.crm"
    shutil.copyfile(sqlite_template, path)
    return str(path)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real server: the one ``CRM_TEST_POSTGRES`` names, else one of this test process, from the wheel."""
    chosen = os.environ.get("CRM_TEST_POSTGRES")
    if chosen:
        server = server_from_url(chosen)
        yield server
        server.hang_up()
        return
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(prepare_database: Callable[[str], None] | None, postgres_server: PostgresServer) -> Iterator[str]:
    """The name of the migrated database that is copied for every test."""
    name = f"crm_template_{uuid.uuid4().hex[:12]}"
    postgres_server.create_database(name)
    prepare_database(postgres_server.url(name))
    yield name
    postgres_server.drop_database(name)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database with the newest schema, for its owner; roles it makes go with it."""
    yield from _database(postgres_server, postgres_template)


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database without tables."""
    yield from _database(postgres_server, "template0")


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with the newest schema, once on each engine."""
    return str(request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]))


@pytest.fixture(params=ENGINES)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database without tables, once on each engine."""
    names = {"sqlite": "empty_sqlite_url", "postgresql": "empty_postgres_url"}
    return str(request.getfixturevalue(names[request.param]))


@pytest.fixture
def database(database_url: str, schema: Schema) -> Iterator[Database]:
    """A fresh open database with the newest schema, once on each engine."""
    yield from _opened(database_url, schema)


@pytest.fixture
def sqlite_database(sqlite_url: str, schema: Schema) -> Iterator[Database]:
    """A fresh open SQLite database, for what does not depend on the engine."""
    yield from _opened(sqlite_url, schema)


@pytest.fixture
def filled_office(offices: Offices, tmp_path: Path) -> Iterator[OpenFilled]:
    """A function that opens a SQLite office which another function fills; that runs once for all tests that name it."""
    with offices.on_file(tmp_path / "office.crm") as open_filled:
        yield open_filled


@pytest.fixture(params=ENGINES)
def filled_database(request: pytest.FixtureRequest, offices: Offices, tmp_path: Path) -> Iterator[OpenFilled]:
    """The same once on each engine."""
    if request.param == "sqlite":
        made = offices.on_file(tmp_path / "office.crm")
    else:
        server = request.getfixturevalue("postgres_server")
        made = offices.on_server(server, request.getfixturevalue("postgres_template"))
        request.getfixturevalue("_dropped_offices")
    with made as open_filled:
        yield open_filled


@pytest.fixture(scope="session")
def _dropped_offices(offices: Offices, postgres_server: PostgresServer) -> Iterator[None]:
    yield
    offices.drop_from(postgres_server)


@pytest.fixture
def postgres_database(postgres_url: str, schema: Schema) -> Iterator[Database]:
    """A fresh open PostgreSQL database, for what only a server has."""
    yield from _opened(postgres_url, schema)


@pytest.fixture
def locked_office(postgres_server: PostgresServer, postgres_url: str, schema: Schema) -> Iterator[LockedOffice]:
    """A locked PostgreSQL database with a person of every role; see ``tests/helpers/locked.py``."""
    # lazy: see below
    from tests.helpers.locked import locked

    with locked(postgres_server, postgres_url, schema) as office:
        yield office


def _opened(url: str, schema: Schema) -> Iterator[Database]:
    # lazy: the tests of the core and the widgets start without the database
    from crm_desktop.db.database import Database

    opened = Database(url, schema)
    yield opened
    opened.close()


def _database(server: PostgresServer, template: str) -> Iterator[str]:
    roles_before = server.roles()
    name = f"crm_test_{uuid.uuid4().hex[:12]}"
    server.create_database(name, template)
    yield server.url(name)
    server.drop_database(name)
    server.drop_roles(server.roles() - roles_before)
