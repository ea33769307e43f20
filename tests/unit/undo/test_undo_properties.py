"""Random sequences of everything that people do, by several of them, undone in any order that is allowed."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_desktop.core.errors import FieldError, UserError, ValidationFailed
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.records import history
from tests.helpers.every_action import World, differences, do, dump, every_name, furnish

ANA = Actor(None, "Ana")
DEEP = int(os.environ.get("CRM_UNDO_STEPS", "0"))
"""So many steps instead of the few of the daily run."""
SEED = int(os.environ.get("CRM_UNDO_SEED", "1"))
STEPS = 20


def standing(database: Database, since: int) -> list[history.ChangeSetRow]:
    """The change sets that can be undone still, the oldest first."""
    with database.read() as connection:
        found = history.recent(connection, limit=100_000)
    return [
        one for one in reversed(found) if one.id > since and one.undone_by is None and one.kind not in ("undo", "redo")
    ]


def people_of(database: Database) -> list[Actor]:
    """Who works in the office."""
    table = Base.metadata.tables["user_account"]
    with database.read() as connection:
        found = connection.execute(sa.select(table.c.id, table.c.name).order_by(table.c.id).limit(2)).all()
    return [ANA, *(Actor(row.id, row.name) for row in found)]


def play(world: World, steps: int, since: int, told: list[str]) -> None:
    """Do random things, and take some of them back and bring them again as people do with Ctrl+Z and Ctrl+Y."""
    names, actors = list(every_name()), people_of(world.database)
    for _step in range(steps):
        actor = world.dice.choice(actors)
        if world.dice.random() < 0.12:
            with world.database.read() as connection:
                ask = world.dice.choice([history.last_undoable, history.last_redoable])
                row = ask(connection, user_id=actor.user_id, since=since)
            if row is not None:
                try:
                    history.undo(world.database, row.id, actor, choice="refuse")
                    told.append(f"{actor.name}: undid or redid {row.id} {row.title}")
                except UserError:
                    pass
            continue
        name = world.dice.choice(names)
        try:
            if do(world, name, actor):
                told.append(f"{actor.name}: {name}")
        except (UserError, FieldError, ValidationFailed):
            continue


def take_all_back(world: World, since: int, told: list[str]) -> None:
    """Undo everything in a random order; what others were built on waits until they are gone."""
    left = standing(world.database, since)
    while left:
        order = [*world.dice.sample(left, len(left))[:4], left[-1]]
        for one in order:
            try:
                history.undo(world.database, one.id, ANA, choice="refuse")
            except UserError as error:
                if one is left[-1]:
                    with world.database.read() as connection:
                        stands = history.plan(world.database, connection, one.id).blocked
                    told += [
                        f"in the way: {b.reason} {b.net.table} {b.net.record_id} {b.columns} {b.later_change_set}"
                        for b in stands
                    ]
                    raise AssertionError(
                        f"the newest cannot be undone: {one.title}: {error}\n" + "\n".join(told)
                    ) from error
                continue
            told.append(f"undone: {one.id} {one.title}")
            left.remove(one)
            break


def newest(database: Database) -> int:
    with database.read() as connection:
        return history.recent(connection, limit=1)[0].id


@pytest.mark.parametrize("seed", range(SEED, SEED + (max(1, DEEP // 60) if DEEP else 1)))
def test_random_actions_undone_in_random_order_leave_the_same_dump(
    database: Database, tmp_path: Path, seed: int
) -> None:
    world = World(database, random.Random(seed), tmp_path)
    furnish(world)
    since, before = newest(database), dump(database)
    told: list[str] = []
    began = time.monotonic()
    play(world, 60 if DEEP else STEPS, since, told)
    take_all_back(world, since, told)
    after = dump(database)
    if after != before:
        pytest.fail(
            f"seed {seed}, {time.monotonic() - began:.1f} s\n" + differences(before, after) + "\n" + "\n".join(told)
        )
