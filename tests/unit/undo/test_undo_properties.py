"""Random sequences of everything that people do, by several of them, undone in any order that is allowed."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_desktop.core.errors import FieldError, UserError, ValidationFailed
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.records import history
from crm_desktop.records.deleted import RESTORE
from crm_desktop.records.undo_plan import GONE, OWNER_GONE, TAKEN
from tests.helpers.actions_of_history import take_some_back
from tests.helpers.every_action import World, differences, do, dump, every_name, furnish
from tests.helpers.locked import LockedOffice

ANA = Actor(None, "Ana")
DEEP = int(os.environ.get("CRM_UNDO_STEPS", "0"))
"""So many steps instead of the few of the daily run."""
SEED = int(os.environ.get("CRM_UNDO_SEED", "1"))
STEPS = 20
SEEDS = range(SEED, SEED + (max(1, DEEP // 60) if DEEP else 1))


def standing(database: Database, since: int) -> list[history.ChangeSetRow]:
    """The change sets that can be undone still, the oldest first."""
    with database.read() as connection:
        found = history.recent(connection, limit=100_000)
    return [
        one for one in reversed(found) if one.id > since and one.undone_by is None and one.kind not in ("undo", "redo")
    ]


def last_brought(database: Database, since: int) -> int:
    """The newest change set that brought records back and stands.

    What was done to those records before they went is not taken back one by one, but after it: they are there by it.
    """
    brought = [one.id for one in standing(database, since) if one.kind == RESTORE]
    return max(brought, default=since)


def people_of(database: Database) -> list[Actor]:
    """Who works in the office."""
    table = Base.metadata.tables["user_account"]
    with database.read() as connection:
        found = connection.execute(sa.select(table.c.id, table.c.name).order_by(table.c.id).limit(2)).all()
    return [ANA, *(Actor(row.id, row.name) for row in found)]


def play(
    world: World, steps: int, since: int, told: list[str], *, partly: bool = False, actors: Sequence[Actor] = ()
) -> None:  # fmt: skip
    """Do random things, and take some of them back and bring them again as people do with Ctrl+Z and Ctrl+Y.

    Args:
        actors: who does them; some people of the office where empty.
        partly: also take things back in part, and against what came later.
    """
    names, actors = list(every_name()), actors or people_of(world.database)
    for _step in range(steps):
        actor = world.dice.choice(actors)
        if partly and world.dice.random() < 0.2:
            told.append(f"{actor.name}: {take_some_back(world, actor, since)}")
            continue
        if world.dice.random() < 0.12:
            reach = last_brought(world.database, since)
            with world.database.read() as connection:
                ask = world.dice.choice([history.last_undoable, history.last_redoable])
                row = ask(connection, user_id=actor.user_id, since=reach)
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


def take_all_back(world: World, since: int, told: list[str], actor: Actor = ANA) -> None:
    """Undo everything in a random order; what others were built on waits until they are gone.

    Where something was made, got a part, lost it again, and its making is undone first, then there is nothing left that
    the other two could be undone on: they are moot. So is what had a place for a while that its first owner has again.
    """
    left, moot = standing(world.database, since), set[int]()
    while left:
        brought = last_brought(world.database, since)
        free = [one for one in left if one.id >= brought]
        order = [*world.dice.sample(free, min(4, len(free))), left[-1]]
        for one in order:
            try:
                history.undo(world.database, one.id, actor, choice="refuse")
            except UserError as error:
                if one is left[-1] and is_moot(world.database, one.id, moot):
                    with suppress(UserError):
                        history.undo(world.database, one.id, actor, choice="safe")
                    moot.add(one.id)
                    told.append(f"moot: {one.id} {one.title}")
                    left.remove(one)
                    break
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


def is_moot(database: Database, identity: int, moot: set[int]) -> bool:
    """Whether all that stands in the way of an undo is that what it belongs to was taken back itself."""
    with database.read() as connection:
        blocked = history.plan(database, connection, identity).blocked
        for one in blocked:
            if one.reason == TAKEN or (one.reason == GONE and one.later_change_set in moot):
                continue
            if one.reason != OWNER_GONE or one.later_change_set is None:
                return False
            if history.change_set_details(connection, one.later_change_set).kind != "undo":
                return False
    return bool(blocked)


def take_back_in_order(world: World, since: int, told: list[str]) -> None:
    """Undo everything from the newest on, what was taken back in part included: nothing can stand in the way of it."""
    with world.database.read() as connection:
        made = [one.id for one in history.recent(connection, limit=100_000) if one.id > since]
    for identity in made:
        with world.database.read() as connection:
            one = history.change_set_details(connection, identity)
        if one.kind == "redo" or one.undone_by is not None:
            continue
        history.undo(world.database, identity, ANA, choice="refuse")
        told.append(f"undone: {identity} {one.title}")


def newest(database: Database) -> int:
    with database.read() as connection:
        return history.recent(connection, limit=1)[0].id


@pytest.mark.parametrize("seed", SEEDS)
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
    _same(seed, before, dump(database), told, began)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_taken_back_in_part_is_undone_from_the_newest_on(
    database: Database, tmp_path: Path, seed: int
) -> None:
    world = World(database, random.Random(seed), tmp_path)
    furnish(world)
    since, before = newest(database), dump(database)
    told: list[str] = []
    began = time.monotonic()
    play(world, 60 if DEEP else STEPS, since, told, partly=True)
    try:
        take_back_in_order(world, since, told)
    except UserError as error:
        pytest.fail(f"seed {seed}: {error}\n" + "\n".join(told))
    _same(seed, before, dump(database), told, began)


@pytest.mark.skipif(not DEEP, reason="takes minutes: for deep runs")
@pytest.mark.parametrize("seed", SEEDS)
def test_an_owner_on_a_locked_server_takes_everything_back(
    locked_office: LockedOffice, tmp_path: Path, seed: int
) -> None:
    owner = locked_office.actor("owner")
    world = World(locked_office.open("owner"), random.Random(seed), tmp_path)
    furnish(world, owner)
    since, before = newest(world.database), dump(world.database)
    told: list[str] = []
    began = time.monotonic()
    play(world, 60, since, told, actors=[owner])
    take_all_back(world, since, told, owner)
    _same(seed, before, dump(world.database), told, began)


def _same(seed: int, before: list[str], after: list[str], told: list[str], began: float) -> None:
    if after != before:
        pytest.fail(
            f"seed {seed}, {time.monotonic() - began:.1f} s\n" + differences(before, after) + "\n" + "\n".join(told)
        )
