"""Many groups merged in one step: taken back together, and each by itself."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.core.ids import generator
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, history, merging, service, unmerging

ANA = Actor(None, "Ana")


def dump(database: Database) -> str:
    with database.read() as connection:
        return logical_dump(connection, database.schema)


def undoable(database: Database) -> history.ChangeSetRow:
    with database.read() as connection:
        found = history.last_undoable(connection, user_id=None)
    assert found is not None
    return found


def people(database: Database) -> set[int]:
    with database.read() as connection:
        return set(connection.execute(sa.select(Base.metadata.tables["contact"].c.id)).scalars())


def merged_in_one_step(database: Database) -> list[tuple[int, int]]:
    pairs = []
    with write(database, "Set up", actor=ANA) as uow:
        for number in range(3):
            stays = service.create_record(uow, "contact", {"name": f"Ana {number}", "email": f"a{number}@example.com"})
            goes = service.create_record(uow, "contact", {"name": f"Anna {number}", "job_title": "Sócia"})
            attach_service.add_note(uow, "contact", goes, "Ligar")
            attach_service.tag_records(uow, "contact", [goes], "padarias")
            pairs.append((stays, goes))
    return pairs


def merge_batch(database: Database, pairs: list[tuple[int, int]]) -> None:
    batch = history.batch_params(generator.next(), "Merged {count} groups of duplicates", count=len(pairs))
    for stays, goes in pairs:
        with write(database, "Merge", actor=ANA, kind="merge") as uow:
            merging.merge_records(uow, "contact", stays, [goes], batch=batch)


def test_one_group_is_taken_apart_and_the_others_stay(database: Database) -> None:
    pairs = merged_in_one_step(database)
    before = dump(database)
    merge_batch(database, pairs)
    row = undoable(database)
    assert row.batch is not None and row.batch.title == "Merged 3 groups of duplicates"
    stays, goes = pairs[1]
    with database.read() as connection:
        (card,) = unmerging.merged_records(connection, stays)
    plan = unmerging.unmerge(database, ANA, card.change_set_id)
    assert plan.winner_id == stays and [one.loser_id for one in plan.losers] == [goes]
    assert people(database) == {pairs[0][0], *pairs[1], pairs[2][0]}
    done = history.undo_batch(database, row, ANA)
    assert len(done) == 2 and not any(one.blocked for one in done)
    assert dump(database) == before


def test_a_batch_is_undone_and_done_again_as_one_step(database: Database) -> None:
    pairs = merged_in_one_step(database)
    before = dump(database)
    merge_batch(database, pairs)
    after = people(database)
    history.undo_batch(database, undoable(database), ANA)
    assert dump(database) == before
    with database.read() as connection:
        again = history.last_redoable(connection, user_id=None)
    assert again is not None and again.batch is not None
    assert len(history.undo_batch(database, again, ANA)) == 3
    assert people(database) == after
    assert len(history.undo_batch(database, undoable(database), ANA)) == 3
    assert dump(database) == before


def test_groups_that_share_a_record_go_back_newest_first(database: Database) -> None:
    pairs = merged_in_one_step(database)
    with write(database, "Share", actor=ANA) as uow:
        first = service.create_record(uow, "activity", {"subject": "Visita", "kind": "meeting"})
        for _stays, goes in pairs:
            uow.insert("activity_link", {"activity_id": first, "entity": "contact", "record_id": goes})
    before = dump(database)
    merge_batch(database, pairs)
    history.undo_batch(database, undoable(database), ANA)
    assert dump(database) == before
