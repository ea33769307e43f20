"""Whatever people do in the program comes back whole, and comes again whole: settings, fields, rights, imports, merges."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from crm_desktop.core.errors import FieldError, UserError, ValidationFailed
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.records import history
from tests.helpers.every_action import World, differences, do, dump, every_name, furnish

ANA = Actor(None, "Ana")
PARTS = 4
"""So many tests share the actions."""


def newest(database: Database) -> int:
    with database.read() as connection:
        found = history.recent(connection, limit=1)
    return found[0].id if found else 0


@pytest.mark.parametrize("part", range(PARTS))
def test_every_action_is_one_change_that_comes_back_and_comes_again(
    database: Database, tmp_path: Path, part: int
) -> None:
    world = World(database, random.Random(7), tmp_path)
    furnish(world)
    failed, untried, refused = [], [], dict[str, str]()
    after = dump(database)
    for name in list(every_name())[part::PARTS]:
        before, last = after, newest(database)
        for _try in range(25):
            try:
                if do(world, name, ANA) and newest(database) != last:
                    break
            except (UserError, FieldError, ValidationFailed) as error:
                refused[name] = str(error)
        after, done = dump(database), newest(database)
        if done == last:
            untried.append(f"{name}: {refused.get(name, 'nothing to do')}")
            continue
        try:
            with database.read() as connection:
                undoable = history.last_undoable(connection, user_id=None)
                assert undoable is not None and undoable.id == done and undoable.title
            history.undo(database, done, ANA, choice="refuse")
            undone = dump(database)
            assert undone == before, "undo:\n" + differences(before, undone)
            history.undo(database, newest(database), ANA, choice="refuse")
            redone = dump(database)
            assert redone == after, "redo:\n" + differences(after, redone)
        except (AssertionError, UserError) as error:
            failed.append(f"{name}: {error}")
            after = dump(database)
    assert not failed, "\n\n".join(failed)
    assert not untried, "\n".join(untried)
