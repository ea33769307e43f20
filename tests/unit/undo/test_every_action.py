"""Whatever people do in the program comes back whole, and comes again whole: settings, fields, rights, imports, merges."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop.core.errors import FieldError, UserError, ValidationFailed
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.records import history
from tests.conftest import ENGINES
from tests.helpers.every_action import World, differences, do, dump, every_name, furnish
from tests.helpers.postgres import PostgresServer

ANA = Actor(None, "Ana")
TRIES = 25
"""So often the dice are thrown until there is something to do."""


@pytest.fixture(scope="module", params=ENGINES)
def world(
    request: pytest.FixtureRequest, prepare_database: object, schema: Schema, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """An office with some of everything, once on each engine; every action is taken back again."""
    folder = tmp_path_factory.mktemp("every-action")
    server: PostgresServer | None = None
    url, name = str(folder / "office.crm"), f"crm_test_{uuid.uuid4().hex[:12]}"
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        Path(url).write_bytes(template.read_bytes())
    else:
        server = request.getfixturevalue("postgres_server")
        assert server is not None
        server.create_database(name, request.getfixturevalue("postgres_template"))
        url = server.url(name)
    database = Database(url, schema)
    made = World(database, random.Random(7), folder)
    furnish(made)
    yield made
    database.close()
    if server is not None:
        server.drop_database(name)


def newest(database: Database) -> int:
    with database.read() as connection:
        found = history.recent(connection, limit=1)
    return found[0].id if found else 0


@pytest.mark.parametrize("name", list(every_name()))
def test_it_is_one_change_that_comes_back_and_comes_again(world: World, name: str) -> None:
    database, refused = world.database, ""
    before, last = dump(database), newest(database)
    for _try in range(TRIES):
        try:
            if do(world, name, ANA) and newest(database) != last:
                break
        except (UserError, FieldError, ValidationFailed) as error:
            refused = str(error)
    after, done = dump(database), newest(database)
    assert done != last, refused or "there was nothing to do it to"
    with database.read() as connection:
        undoable = history.last_undoable(connection, user_id=None)
    assert undoable is not None and undoable.id == done and undoable.title
    for state, expected in (("undone", before), ("redone", after), ("undone again", before)):
        history.undo(database, newest(database), ANA, choice="refuse")
        found = dump(database)
        assert found == expected, f"{state}:\n" + differences(expected, found)
