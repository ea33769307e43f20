"""From a backup comes back what was deleted or changed since, as one change that can be undone; nothing else moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_desktop.backup.bring_back import bring_back, foresee, rows_of, whole_record
from crm_desktop.backup.bring_plan import EMPTY_LINK, ERASED, NO_OWNER
from crm_desktop.backup.compare import CHANGED, CREATED, DELETED, Choice, Comparison, choose, compare, counted
from crm_desktop.backup.compare_rows import Pair
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.restoring import browse_backup
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.core.refusals import NotAllowed
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.insight.erasure import erase_person
from crm_desktop.records import attach_service, files_service, history
from crm_desktop.records import service as records
from crm_desktop.sales.service import ensure_default_pipeline
from tests.helpers.locked import LockedOffice

EVA, RUI = Actor(None, "Eva"), Actor(None, "Rui")


def whole(database: Database) -> str:
    with database.read_all() as connection:
        return logical_dump(connection, database.schema)


@contextmanager
def kept(database: Database, folder: Path) -> Iterator[Database]:
    """A backup as it is now, opened read-only."""
    info = make_backup(database, folder, prove=False)
    with browse_backup(info.path, database.schema) as backup:
        yield backup


def differences(backup: Database, database: Database, progress: Progress | None = None) -> Comparison:
    with backup.read_all() as then, database.read_all() as now:
        return compare(Pair(backup, then, database, now), progress)


class Office:
    """A company with a person on whom everything hangs that may hang on one, and a deal of theirs."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with write(database, "First", actor=EVA) as uow:
            ensure_default_pipeline(uow)
            self.company = records.create_record(uow, "company", {"name": "Moinho Azul"})
            self.person = records.create_record(uow, "contact", {
                "name": "Íris", "company_id": self.company, "department": "Mill", "email": "iris@moinho.example",
            })  # fmt: skip
            self.other = records.create_record(uow, "contact", {"name": "Otávio"})
            self.deal = records.create_record(uow, "deal", {"name": "Mill", "contact_id": self.person, "amount": 100})
            self.note = attach_service.add_note(uow, "contact", self.person, "Calls on Mondays")
            self.file = files_service.attach_bytes(uow, "contact", self.person, "plan.bin", b"plan" * 400_000)
            attach_service.tag_records(uow, "contact", [self.person], "mill")
            self.visit = records.create_record(uow, "activity", {"subject": "Visit", "kind": "task"})
            uow.insert("activity_link", {"activity_id": self.visit, "record_id": self.person, "entity": "contact"})
            uow.insert("relationship", {
                "from_entity": "contact", "from_id": self.other, "to_entity": "contact", "to_id": self.person,
                "kind": "colleague",
            })  # fmt: skip

    def edit(self, actor: Actor, entity: str, record_id: int, **values: object) -> None:
        with write(self.database, "Edit", actor=actor) as uow:
            records.update_record(uow, entity, record_id, values)

    def delete(self, actor: Actor, entity: str, *ids: int) -> None:
        with write(self.database, "Delete", actor=actor) as uow:
            records.delete_records(uow, entity, list(ids))

    def value(self, table: str, record_id: int, column: str) -> object:
        found = Base.metadata.tables[table]
        with self.database.read_all() as connection:
            return connection.execute(sa.select(found.c[column]).where(found.c.id == record_id)).scalar()


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def test_a_deleted_person_comes_back_with_everything_and_undo_takes_it_away_again(
    office: Office, tmp_path: Path
) -> None:
    database, before = office.database, whole(office.database)
    with kept(database, tmp_path) as backup:
        office.delete(RUI, "contact", office.person)
        with write(database, "Clean", kind="system") as uow:
            uow.delete_where("blob", sa.true())  # as "doctor --clean-files" does: the history cannot bring it back
        gone = whole(database)
        found = differences(backup, database)
        one = whole_record(found, "contact", office.person)
        assert one is not None and one.op == DELETED and one.title == "Íris" and one.who == ("Rui",)
        done = bring_back(backup, database, EVA, rows_of([one]), clock.now(), title=one.title)
        assert whole(database) == before and not done.lost and not done.kept
        with database.read_all() as connection:
            assert len(files_service.attachment_content(connection, office.file)[1]) == 1_600_000
        assert differences(backup, database).differences == ()
        assert done.change_set is not None
        history.undo(database, done.change_set, EVA)
        assert whole(database) == gone


def test_an_afternoon_is_compared_chosen_and_brought_back(office: Office, tmp_path: Path) -> None:
    database = office.database
    with kept(database, tmp_path) as backup:
        office.edit(EVA, "contact", office.person, department="Belém")
        office.edit(RUI, "contact", office.person, job_title="Miller")
        office.edit(RUI, "deal", office.deal, amount=5)
        office.delete(RUI, "company", office.company)
        with write(database, "New", actor=RUI) as uow:
            new = records.create_record(uow, "contact", {"name": "Nuno"})
            attach_service.add_note(uow, "contact", office.other, "New note")
        found = differences(backup, database)
        assert found.people == ["Eva", "Rui"]
        assert counted(found.differences) == {
            ("contact", CHANGED): 2, ("contact", CREATED): 1, ("deal", CHANGED): 1, ("company", DELETED): 1,
        }  # fmt: skip
        of_rui = choose(found, Choice(people=frozenset({"Rui"}), ops=frozenset({CHANGED, DELETED})))
        done = bring_back(backup, database, EVA, rows_of(of_rui), clock.now())
        assert done.returned == 1 and done.reverted == 2
        assert office.value("contact", office.person, "department") == "Belém"
        assert office.value("contact", office.person, "job_title") is None
        assert office.value("contact", office.person, "company_id") == office.company
        assert office.value("deal", office.deal, "amount") == 100
        assert office.value("contact", new, "name") == "Nuno"
        with database.read_all() as connection:
            texts = connection.execute(sa.select(Base.metadata.tables["note"].c.body)).scalars().all()
        assert sorted(texts) == ["Calls on Mondays", "New note"]
        rest = differences(backup, database).differences
        bring_back(backup, database, EVA, rows_of(rest, created=True), clock.now())
        assert differences(backup, database).differences == ()


def test_by_time_and_single_fields(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = office.database
    with kept(database, tmp_path) as backup:
        office.edit(EVA, "contact", office.person, department="Belém", job_title="Miller")
        later = clock.now() + timedelta(hours=2)
        clock.set_clock(lambda: later)
        office.edit(EVA, "contact", office.other, department="Natal")
        found = differences(backup, database)
        assert [one.title for one in choose(found, Choice(start=later - timedelta(hours=1)))] == ["Otávio"]
        early = choose(found, Choice(end=later - timedelta(hours=1)))
        assert [one.title for one in early] == ["Íris"]
        rows = rows_of(early, without={("contact", office.person, "job_title")})
        bring_back(backup, database, EVA, rows, clock.now())
        assert office.value("contact", office.person, "department") == "Mill"
        assert office.value("contact", office.person, "job_title") == "Miller"
        assert office.value("contact", office.other, "department") == "Natal"


def test_links_to_what_is_gone_are_said(office: Office, tmp_path: Path) -> None:
    database = office.database
    with kept(database, tmp_path) as backup:
        office.delete(RUI, "contact", office.person)
        office.delete(RUI, "company", office.company)
        office.delete(RUI, "activity", office.visit)
        one = whole_record(differences(backup, database), "contact", office.person)
        assert one is not None
        plan = foresee(backup, database, rows_of([one]))
        assert {(lost.table, lost.column, lost.reason) for lost in plan.lost} == {
            ("contact", "company_id", EMPTY_LINK), ("activity_link", "", NO_OWNER),
        }  # fmt: skip
        done = bring_back(backup, database, EVA, rows_of([one]), clock.now())
        assert len(done.lost) == 2 and office.value("contact", office.person, "company_id") is None
        assert office.value("contact", office.person, "name") == "Íris"
        note = next(row for row in one.rows if row.table == "note")
        office.delete(RUI, "contact", office.person)
        with pytest.raises(UserError, match="what it belongs to is gone"):
            bring_back(backup, database, EVA, [note], clock.now())


def test_who_was_erased_stays_erased(office: Office, tmp_path: Path) -> None:
    database = office.database
    with kept(database, tmp_path) as backup:
        erase_person(database, "contact", office.person, reason="asked", asked_by="Íris", actor=EVA)
        found = differences(backup, database)
        one = whole_record(found, "contact", office.person)
        assert one is not None and one.erased and rows_of([one]) == []
        plan = foresee(backup, database, list(one.rows))
        assert not plan.undo.nets and {lost.reason for lost in plan.lost} == {ERASED}


def test_changes_past_the_program_are_found_too(office: Office, tmp_path: Path) -> None:
    database = office.database
    with kept(database, tmp_path) as backup:
        with database.begin() as connection:
            connection.exec_driver_sql("DELETE FROM change")
            connection.exec_driver_sql("UPDATE contact SET department = 'Nowhere'")
            connection.exec_driver_sql("DELETE FROM change")
        found = differences(backup, database)
        assert {one.title for one in found.differences} == {"Íris", "Otávio"} and found.people == []
        bring_back(backup, database, EVA, rows_of(found.differences), clock.now())
        assert differences(backup, database).differences == ()


def test_another_office_is_told_and_cancelling_changes_nothing(
    office: Office, tmp_path: Path, sqlite_template: Path
) -> None:
    stranger = Database(tmp_path / "stranger.crm", office.database.schema)
    (tmp_path / "stranger.crm").write_bytes(sqlite_template.read_bytes())
    with write(stranger, "Own", actor=EVA) as uow:
        records.create_record(uow, "contact", {"name": "Zoe"})
    with kept(stranger, tmp_path / "theirs") as backup:
        assert not differences(backup, office.database).same_office
    stranger.close()
    with kept(office.database, tmp_path) as backup:
        office.delete(RUI, "contact", office.person)
        gone, progress = whole(office.database), Progress()
        rows = rows_of(differences(backup, office.database).differences)
        progress.cancel()
        with pytest.raises(Cancelled):
            bring_back(backup, office.database, EVA, rows, clock.now(), progress=progress)
        with pytest.raises(Cancelled):
            differences(backup, office.database, progress)
        assert whole(office.database) == gone


def test_a_number_that_another_record_has_now_stays_with_it(office: Office, tmp_path: Path) -> None:
    database = office.database
    with write(database, "Product", actor=EVA) as uow:
        product = records.create_record(uow, "product", {"name": "Flour", "code": "F1"})
    with kept(database, tmp_path) as backup:
        office.delete(RUI, "product", product)
        with write(database, "Product", actor=EVA) as uow:
            records.create_record(uow, "product", {"name": "Other flour", "code": "F1"})
        one = whole_record(differences(backup, database), "product", product)
        assert one is not None
        before = whole(database)
        done = bring_back(backup, database, EVA, rows_of([one]), clock.now())
        assert done.kept + done.returned == 1
        assert done.returned == 1 or whole(database) == before


def test_on_a_locked_server_only_who_leads(locked_office: LockedOffice, tmp_path: Path) -> None:
    owner = locked_office.open("owner")
    with locked_office.writing("owner") as uow:
        person = records.create_record(uow, "contact", {"name": "Íris", "department": "Mill"})
        attach_service.add_note(uow, "contact", person, "Calls")
    info = make_backup(owner, tmp_path, prove=False)
    with locked_office.writing("owner") as uow:
        records.delete_records(uow, "contact", [person])
    with browse_backup(info.path, owner.schema) as backup:
        found = differences(backup, owner)
        rows = rows_of(found.differences)
        assert counted(found.differences) == {("contact", DELETED): 1}
        for key in ("sales", "manager"):
            with pytest.raises((NotAllowed, UserError)):
                bring_back(backup, locked_office.open(key), locked_office.actor(key), rows, clock.now())
        done = bring_back(backup, owner, locked_office.actor("owner"), rows, clock.now())
        assert done.returned > 1 and done.change_set
        assert differences(backup, owner).differences == ()
        history.undo(owner, done.change_set, locked_office.actor("owner"))
        assert counted(differences(backup, owner).differences) == {("contact", DELETED): 1}
