"""How long the history is kept: what goes, what stays as it was, and that nothing of it is silent."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.core.refusals import NotAllowed
from crm_desktop.db import forget
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.journal import change, change_set
from crm_desktop.db.past.database import open_as_of
from crm_desktop.db.past.moment import history_begins
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.doctor_history import history_problems
from crm_desktop.records import (
    attach_service,
    compaction,
    deleted,
    files_service,
    history,
    history_size,
    merging,
    retention,
    service,
    unmerging,
)
from crm_desktop.records.retention import EVERYTHING, VALUES, Policy
from crm_desktop.records.undo_plan import plan_undo
from crm_desktop.security.access import access_of
from crm_desktop.security.service import create_user
from tests.helpers.locked import LockedOffice
from tests.helpers.years import NOW, at, standing_clock

OLGA = Actor(None, "Olga")


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with standing_clock(monkeypatch):
        yield


def ago(days: int) -> None:
    at(NOW - timedelta(days=days))


def make(database: Database, name: str, **values: object) -> int:
    with write(database, "Create", actor=OLGA) as uow:
        return service.create_record(uow, "contact", {"name": name, **values})


def edit(database: Database, record: int, **values: object) -> int:
    with write(database, "Edit", actor=OLGA) as uow:
        service.update_record(uow, "contact", record, values)
    return newest(database)


def delete(database: Database, record: int) -> int:
    with write(database, "Delete", actor=OLGA) as uow:
        service.delete_records(uow, "contact", [record])
    return newest(database)


def newest(database: Database) -> int:
    with database.read() as connection:
        return history.recent(connection, limit=1)[0].id


def dump(database: Database) -> list[str]:
    """Every row of the office but its own settings, among which a run writes from when on the history is whole."""
    with database.read() as connection:
        told = logical_dump(connection, database.schema).split("\n")
    return [line for line in told if not line.startswith('["office_setting"')]


def texts(database: Database) -> str:
    """Everything that the history holds, as one text."""
    with database.read() as connection:
        data = connection.execute(sa.select(sa.cast(change.c.data, sa.Text))).scalars().all()
        titles = connection.execute(sa.select(sa.cast(change_set.c.params, sa.Text))).scalars().all()
    return "\n".join(str(one) for one in (*data, *titles))


def problems(database: Database) -> list[str]:
    with database.read() as connection:
        return history_problems(connection, database.schema, None)


def preview(database: Database, policy: Policy) -> compaction.Preview:
    with database.read() as connection:
        return compaction.preview(database, connection, policy)


def test_what_was_deleted_long_ago_goes_with_everything_and_is_told(database: Database) -> None:
    ago(400)
    gone = make(database, "Otávio Lins", email="otavio@example.com", city="Ponta Grossa")
    kept = make(database, "Beatriz", email="bea@example.com")
    with write(database, "Hang things on it", actor=OLGA) as uow:
        attach_service.add_note(uow, "contact", gone, "Otávio calls back on Monday")
        attach_service.tag_records(uow, "contact", [gone], "padarias")
        files_service.attach_bytes(uow, "contact", gone, "planta.pdf", b"%PDF-1.4 only of Otavio")
        files_service.attach_bytes(uow, "contact", gone, "both.pdf", b"%PDF-1.4 of both")
        files_service.attach_bytes(uow, "contact", kept, "both.pdf", b"%PDF-1.4 of both")
    ago(300)
    long_ago = delete(database, gone)
    ago(30)
    late = make(database, "Lately Deleted")
    lately = delete(database, late)
    at(NOW)
    before, policy = dump(database), Policy(deleted_days=90)
    shown = preview(database, policy)
    assert dict(shown.records) == {"contact": 1} and shown.files == 1 and shown.file_size == 23 and shown.size > 23
    assert shown.deleted_first == shown.deleted_last == NOW - timedelta(days=300)
    done = compaction.compact(database, policy, OLGA)
    assert (done.records, done.changes, done.files, done.size) == (1, shown.record_changes, 1, 23)
    assert dump(database) == before and problems(database) == []
    assert "Otávio" not in texts(database) and "otavio" not in texts(database)
    with database.read() as connection:
        assert [one.title for one in deleted.list_deleted(database, connection)] == ["Lately Deleted"]
        told = history.recent(connection, limit=1)[0]
        assert told.id == done.change_set and told.kind == "system" and told.title.endswith(", 1 deleted record")
        assert connection.execute(sa.text("SELECT count(*) FROM blob")).scalar_one() == 1
        assert retention.deletions_begin(connection) == history_begins(connection) == NOW - timedelta(days=300)
        assert retention.edits_begin(connection) is None
    with pytest.raises(UserError, match="There is no change"):
        history.undo(database, long_ago, OLGA)
    with pytest.raises(UserError, match="can no longer be undone"):
        history.undo(database, done.change_set, OLGA)
    history.undo(database, lately, OLGA)
    assert "Lately Deleted" in "\n".join(dump(database))


def test_a_deletion_with_others_that_are_back_is_marked(database: Database) -> None:
    ago(300)
    one, other = make(database, "Ana One"), make(database, "Bea Other")
    with write(database, "Delete both", actor=OLGA) as uow:
        service.delete_records(uow, "contact", [one, other])
        kept = make_in(uow, "Cleo New")
    deletion = newest(database)
    at(NOW)
    compaction.compact(database, Policy(deleted_days=90), OLGA)
    with database.read() as connection:
        row = history.change_set_details(connection, deletion)
    assert row.compacted_at == NOW and not row.can_be_undone
    with pytest.raises(UserError, match="can no longer be undone"):
        history.undo(database, deletion, OLGA)
    assert str(kept) in "\n".join(dump(database)) and problems(database) == []


def make_in(uow: Any, name: str) -> int:
    return service.create_record(uow, "contact", {"name": name})


def test_what_was_restored_is_no_deleted_record(database: Database) -> None:
    ago(300)
    record = make(database, "Back Again")
    deletion = delete(database, record)
    ago(200)
    history.undo(database, deletion, OLGA)
    at(NOW)
    assert preview(database, Policy(deleted_days=90)).nothing
    again = delete(database, record)
    assert preview(database, Policy(deleted_days=90)).nothing  # its last deletion is of today
    history.undo(database, again, OLGA)


def merged(database: Database) -> tuple[int, int]:
    winner, loser = (
        make(database, "Win Ner", email="win@example.com"),
        make(database, "Lo Ser", mobile="+5541955500142"),
    )
    merging.merge(database, OLGA, "contact", winner, [loser], {})
    return winner, newest(database)


def test_merges_can_be_taken_apart_however_old_they_are(database: Database) -> None:
    ago(3000)
    winner, merge = merged(database)
    edit(database, winner, job_title="Later")
    at(NOW)
    compaction.compact(database, Policy(deleted_days=90, years=2, then=EVERYTHING), OLGA)
    assert problems(database) == []
    unmerging.unmerge(database, OLGA, merge)
    with database.read() as connection:
        names = connection.exec_driver_sql("SELECT name FROM contact ORDER BY name").scalars().all()
    assert names == ["Lo Ser", "Win Ner"] and problems(database) == []


def test_what_was_merged_into_a_deleted_record_goes_with_it(database: Database) -> None:
    ago(400)
    winner, merge = merged(database)
    ago(300)
    delete(database, winner)
    at(NOW)
    done = compaction.compact(database, Policy(deleted_days=90), OLGA)
    assert done.records == 1 and "Lo Ser" not in texts(database) and problems(database) == []
    with pytest.raises(UserError):
        unmerging.unmerge(database, OLGA, merge)


@pytest.mark.parametrize("then", [VALUES, EVERYTHING])
def test_old_edits_go_and_new_ones_can_be_undone(database: Database, then: str) -> None:
    ago(2000)
    record = make(database, "Old Name", email="one@example.com")
    old = edit(database, record, job_title="Baker", email="two@example.com")
    made = newest(database) and edit(database, record, email=None)
    ago(100)
    new = edit(database, record, job_title="Owner")
    at(NOW)
    before, policy = dump(database), Policy(deleted_days=None, years=3, then=then)
    shown = preview(database, policy)
    assert shown.edits >= 2 and shown.sets == 3 and not shown.records
    done = compaction.compact(database, policy, OLGA)
    assert done.changes >= 2 and dump(database) == before and problems(database) == []
    assert "Baker" not in texts(database).replace(" ", "").replace(
        '["Baker","Owner"]', ""
    ) and "two@example.com" not in texts(database)
    with database.read() as connection:
        assert (
            retention.edits_begin(connection) == history_begins(connection) == datetime(2023, 7, 1, 12, 0, tzinfo=UTC)
        )
        entries = history.record_history(database, connection, "contact", record)
        assert [one.op for one in entries][-1] == "I"
        assert (old in {one.change_set_id for one in entries}) == (then == VALUES)
        assert preview_again(database, connection, policy) == 0
    for gone in (old, made):
        with pytest.raises(UserError):
            history.undo(database, gone, OLGA)
    history.undo(database, new, OLGA)
    assert '"job_title":"Baker"' in "\n".join(dump(database))
    assert compaction.compact(database, policy, OLGA).changes == 0


def preview_again(database: Database, connection: sa.Connection, policy: Policy) -> int:
    return compaction.preview(database, connection, policy).edits


def test_values_first_and_everything_later(database: Database) -> None:
    ago(2000)
    record = make(database, "Old Name")
    edit(database, record, job_title="Baker")
    at(NOW)
    compaction.compact(database, Policy(None, 3, VALUES), OLGA)
    assert compaction.compact(database, Policy(None, 3, EVERYTHING), OLGA).changes >= 1
    with database.read() as connection:
        edits = sa.select(sa.func.count()).where(change.c.record_id == record, change.c.op == "U")
        assert connection.execute(edits).scalar_one() == 0
    assert problems(database) == []


def test_a_large_old_change_set_goes_in_steps(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "STEP", 40)
    ago(2000)
    with write(database, "Import", actor=OLGA, kind="import", bulk=True) as uow:
        rows = [(10_000 + n, f"Name {n}", f"name {n}", "lead", uow.now) for n in range(150)]
        uow.insert_many("contact", ["id", "name", "sort_name", "lifecycle", "created_at"], rows)
    with write(database, "Everybody", actor=OLGA, kind="bulk", bulk=True) as uow:
        uow.update_where("contact", {"job_title": "x"}, Base.metadata.tables["contact"].c.id >= 10_000)
    one = edit(database, 10_007, job_title="y")
    at(NOW)
    steps: list[int] = []

    class Stopping(Progress):
        def update(self, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
            steps.append(done or 0)
            if len(steps) == 8:
                self.cancel()
            super().update(done, total, message)

    policy = Policy(None, 3, EVERYTHING)
    with pytest.raises(Cancelled):
        compaction.compact(database, policy, OLGA, progress=Stopping())
    with database.read() as connection:
        told = retention.accounts(connection)[0]
    assert 0 < told.changes < 151 and problems(database) == []
    rest = compaction.compact(database, policy, OLGA)
    assert told.changes + rest.changes == 151 and problems(database) == []
    with pytest.raises(UserError):
        history.undo(database, one, OLGA)


def test_who_decides(database: Database) -> None:
    with write(database, "People") as uow:
        saul = create_user(uow, "Saul", role="sales")
    with database.read() as connection:
        access = access_of(connection, database.schema, saul)
    with write(database, "Setting") as uow:
        retention.save_policy(uow, Policy(30, 5, EVERYTHING, True))
    with database.read() as connection:
        assert retention.read_policy(connection) == Policy(30, 5, EVERYTHING, True)
        assert retention.is_due(connection)
    history.undo(database, newest(database), OLGA)
    with database.read() as connection:
        assert retention.read_policy(connection) == Policy() and not retention.is_due(connection)
    database.access = access
    with pytest.raises(NotAllowed):
        compaction.compact(database, Policy(30), OLGA)
    with pytest.raises(NotAllowed), write(database, "Setting") as uow:
        retention.save_policy(uow, Policy())
    with write_as_leader(database) as uow:
        retention.save_policy(uow, Policy(None))
    with database.read_all() as connection:
        assert retention.read_policy(connection).deleted_days is None


def write_as_leader(database: Database) -> Any:
    from crm_desktop.core.access import EVERYTHING as ALL

    database.access = ALL
    return write(database, "Setting")


def test_the_size_is_told(database: Database) -> None:
    ago(365)
    record = make(database, "Ana", email="ana@example.com")
    for number in range(11):
        ago(360 - number * 30)
        edit(database, record, job_title=f"Title {number}")
    at(NOW)
    with database.read() as connection:
        size = history_size.measure_history(connection)
        counted = connection.execute(sa.select(sa.func.count()).select_from(change)).scalar_one()
    assert size.changes == counted and size.since == NOW - timedelta(days=365)
    assert 1 <= size.monthly <= 3 and 0 < size.size < size.whole and size.monthly_size > 0
    assert (size.free is None) == (not database.sqlite)
    forget.give_back(database)
    with database.read() as connection:
        assert history_size.measure_history(connection).free in (None, 0)


# -- on a locked server ------------------------------------------------------------------------------------------


def test_on_a_locked_server_only_an_owner_may(locked_office: LockedOffice) -> None:
    office = locked_office
    with office.root.begin() as connection:  # the office is older than what happens in it
        connection.exec_driver_sql("UPDATE change_set SET at = at - interval '2 years'")
    ago(300)
    with write(office.root, "Create", actor=office.actor("sales")) as uow:
        record = service.create_record(uow, "contact", {"name": "Gone Person", "email": "gone@example.com"})
    with write(office.root, "Delete", actor=office.actor("sales")) as uow:
        service.delete_records(uow, "contact", [record])
    at(NOW)
    for key in ("admin", "sales"):
        with pytest.raises(UserError, match="owner"):
            compaction.compact(office.open(key), Policy(deleted_days=90), office.actor(key))
    assert office.ask("SELECT count(*) FROM change WHERE record_id = %s", record) > 0
    owner = office.open("owner")
    assert preview(owner, Policy(deleted_days=90)).records == {"contact": 1}
    done = compaction.compact(owner, Policy(deleted_days=90), office.actor("owner"))
    assert done.records == 1 and office.ask("SELECT count(*) FROM change WHERE record_id = %s", record) == 0
    office.refused("admin", "UPDATE change SET data = NULL")
    forget.give_back(owner)
    with owner.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        with pytest.raises(RuntimeError), forget.as_owner(connection):
            raise RuntimeError("the disk of the server is full")
        assert connection.exec_driver_sql("SELECT current_user = session_user").scalar_one(), "nobody reads on as it"


# -- anything at all ---------------------------------------------------------------------------------------------


class Office:
    """People at work for six years."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database, self.rng = database, random.Random(seed)
        self.records: list[int] = []

    def day(self) -> None:
        rng, work = self.rng, self.rng.random()
        if work < 0.2 or len(self.records) < 4:
            self.records.append(make(self.database, f"Name {rng.random()}", email=f"a{rng.random()}@example.com"))
            return
        record = rng.choice(self.records)
        if work < 0.5:
            edit(self.database, record, **rng.choice([
                {"job_title": f"Title {rng.random()}"}, {"email": f"b{rng.random()}@example.com"}, {"email": None},
                {"city": rng.choice(["Lapa", "Colombo"])},
            ]))  # fmt: skip
        elif work < 0.6:
            with write(self.database, "Many", actor=OLGA, kind="bulk") as uow:
                for one in rng.sample(self.records, 3):
                    service.update_record(uow, "contact", one, {"department": f"D{rng.random()}"})
                service.create_record(uow, "contact", {"name": f"Also {rng.random()}"})
        elif work < 0.7:
            with write(self.database, "Note", actor=OLGA) as uow:
                attach_service.add_note(uow, "contact", record, f"Note {rng.random()}")
                attach_service.tag_records(uow, "contact", [record], rng.choice(["a", "b"]))
        elif work < 0.8:
            self.records.remove(record)
            delete(self.database, record)
        elif work < 0.85:
            other = rng.choice([one for one in self.records if one != record])
            self.records.remove(other)
            merging.merge(self.database, OLGA, "contact", record, [other], {})
        else:
            self.undo()

    def undo(self) -> None:
        with self.database.read() as connection:
            ids = [one.id for one in history.recent(connection, limit=8) if one.can_be_undone]
        try:
            history.undo(self.database, self.rng.choice(ids), OLGA)
        except UserError:
            return
        with self.database.read() as connection:
            self.records = list(connection.exec_driver_sql("SELECT id FROM contact ORDER BY id").scalars())


def possible(database: Database) -> dict[int, list[Any]]:
    """By change set that can be undone, what undoing it now would change."""
    found = {}
    with database.read() as connection:
        rows = sa.select(change_set.c.id).where(change_set.c.compacted_at.is_(None), change_set.c.undone_by.is_(None))
        for identity in connection.execute(rows.where(change_set.c.kind != "system")).scalars().all():
            plan = plan_undo(database, connection, identity)
            whole = {(one.net.table, one.net.record_id) for one in plan.blocked if not one.columns}
            partly = {(one.net.table, one.net.record_id): one.columns for one in plan.blocked if one.columns}
            found[identity] = sorted(
                (net.table, net.record_id, net.op, repr(net.old), repr(partly.get((net.table, net.record_id))))
                for net in plan.nets if (net.table, net.record_id) not in whole
            )  # fmt: skip
            found[identity].append([one[0] for one in plan.first_apart])
    return found


@pytest.mark.parametrize("seed", range(4))
def test_after_any_work_the_present_and_every_kept_undo_are_as_before(database: Database, seed: int) -> None:
    office = Office(database, seed)
    for number in range(45):
        ago(2200 - number * 48)
        office.day()
    at(NOW)
    before, could = dump(database), possible(database)
    policy = Policy(
        random.Random(seed).choice([90, 700, None]), random.Random(seed).choice([1, 3]), (VALUES, EVERYTHING)[seed % 2]
    )
    compaction.compact(database, policy, OLGA)
    assert dump(database) == before
    assert problems(database) == []
    can = possible(database)
    assert {one: could[one] for one in can} == can and set(can) < set(could)
    # once more changes nothing, and what is left can be undone for real
    assert compaction.compact(database, policy, OLGA).changes == 0
    for identity in sorted(can, reverse=True)[:6]:
        try:
            history.undo(database, identity, OLGA)
        except UserError:
            continue
    assert problems(database) == []


def test_the_office_is_seen_as_of_days_that_the_history_still_tells(database: Database) -> None:
    ago(2000)
    record = make(database, "Then Name", job_title="Baker")
    ago(900)
    edit(database, record, job_title="Owner")
    at(NOW)
    policy = Policy(None, 3, EVERYTHING)
    day = NOW - timedelta(days=1000)
    before = as_of(database, record, day)
    compaction.compact(database, policy, OLGA)
    assert as_of(database, record, day) == before == "Baker"
    with pytest.raises(UserError, match="begins on"):
        open_as_of(database, NOW - timedelta(days=1500))


def as_of(database: Database, record: int, moment: datetime) -> Any:
    opened = open_as_of(database, moment)
    try:
        with opened.read() as connection:
            contact = Base.metadata.tables["contact"]
            return connection.execute(sa.select(contact.c.job_title).where(contact.c.id == record)).scalar()
    finally:
        opened.close()
