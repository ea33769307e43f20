"""Each thing that the doctor can mend is broken behind everybody's back, found, said, and mended; a copy comes first."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from crm_desktop import cli
from crm_desktop.backup import passwords
from crm_desktop.backup.container import read_header
from crm_desktop.backup.restoring import browse_backup
from crm_desktop.backup.schedule import Plan, save_plan
from crm_desktop.core.errors import UserError
from crm_desktop.core.refusals import NotAllowed
from crm_desktop.db import migrate, triggers
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.dump import digest
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.demo.make import make_demo
from crm_desktop.doctor import check
from crm_desktop.doctor_repair import advice, plan_repairs, repair
from crm_desktop.records import history, service
from tests.helpers.locked import LockedOffice
from tests.helpers.offices import OpenFilled, sample_office

ANA = Actor(None, "Ana")


def fill(database: Database) -> None:
    make_demo(database, 30)
    with write(database, "Case", actor=ANA) as uow:
        contact = uow.connection.exec_driver_sql("SELECT max(id) FROM contact").scalar_one()
        service.create_record(uow, "case", {"subject": "Torneira", "contact_id": contact})


@pytest.fixture
def patient(filled_database: OpenFilled) -> Database:
    return filled_database(fill)[0]


def operate(database: Database, *statements: str) -> None:
    """Change the database behind everybody's back: past history, search and keys."""
    with database.begin() as connection:
        if not database.sqlite:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for prefix in ("history_", "search_", "cascade_"):
            triggers.drop(connection, prefix)
        for statement in statements:
            connection.exec_driver_sql(statement)
        migrate.install(connection, database.schema)


def ill(database: Database) -> dict[str, str]:
    return {finding.check: finding.detail for finding in check(database, full=True) if not finding.ok}


def mend(database: Database, tmp_path: Path) -> int | None:
    """Repair all that can be; a copy is there, and the database is healthy after it."""
    repairs = plan_repairs(check(database, full=True))
    assert repairs and all(one.text for one in repairs)
    done = repair(database, [one.check for one in repairs], ANA, folder=tmp_path / "copies")
    assert Path(done.copy).stat().st_size > 0
    return done.change_set


NEWEST_POINT = "(SELECT max(id) FROM contact_point)"
BROKEN = {
    "links": (f"UPDATE contact_point SET owner_id = 78 WHERE id = {NEWEST_POINT}", "contact_point.owner_id: 1 lost"),
    "main phones": ("UPDATE contact_point SET is_primary = {yes} WHERE owner_id = (SELECT owner_id FROM contact_point "
                    "WHERE kind = 'phone' GROUP BY owner_id HAVING count(*) > 1 ORDER BY owner_id LIMIT 1)",
                    "with several main rows"),
    "numbers": ("UPDATE number_series SET last = 0", "would be given again"),
    "last contact": ("UPDATE contact SET last_activity_at = created_at", "contact.last_activity_at"),
    "sort keys": ("UPDATE contact SET sort_name = 'zzz' WHERE id = (SELECT min(id) FROM contact)", "contact.sort_name"),
    "timeline": ("UPDATE activity_link SET activity_at = (SELECT min(created_at) FROM contact) "
                 "WHERE id = (SELECT max(id) FROM activity_link)", "activity_link: 1 different"),
    "search": ("DELETE FROM search_text WHERE entity = 'contact'", "contact: 30 missing"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_was_broken_is_found_and_mended(patient: Database, tmp_path: Path, what: str) -> None:
    statement, words = BROKEN[what]
    operate(patient, statement.format(yes="1" if patient.sqlite else "true"))
    found = ill(patient)
    assert any(words in sentence for sentence in found.values()), found
    mend(patient, tmp_path)
    assert set(ill(patient)) <= {"history"}, "what was done behind the history stays unknown to it"


def test_a_repair_that_changes_rows_can_be_undone(patient: Database, tmp_path: Path) -> None:
    operate(patient, BROKEN["main phones"][0].format(yes="1" if patient.sqlite else "true"))
    with patient.read() as connection:
        before = digest(connection, patient.schema)
    number = mend(patient, tmp_path)
    assert number is not None
    with patient.read() as connection:
        assert digest(connection, patient.schema) != before
        assert "Repair" in history.recent(connection, limit=1)[0].title
    history.undo(patient, number, ANA)
    with patient.read() as connection:
        assert digest(connection, patient.schema) == before


def test_orphans_go_for_good_which_is_said_before_and_the_rest_can_be_undone(patient: Database, tmp_path: Path) -> None:
    """What they belonged to is gone, so Undo has nowhere to put them; the copy and the history have them."""
    operate(
        patient, BROKEN["links"][0].format(), BROKEN["sort keys"][0],
        "UPDATE contact_point SET value = 'orphan@x.example' WHERE owner_id = 78",
    )  # fmt: skip
    planned = {one.check: one for one in plan_repairs(check(patient, full=True))}
    assert planned["links"].final and "Undo cannot bring them back" in planned["links"].text
    assert not planned["sort_keys"].final
    done = repair(patient, list(planned), ANA, folder=tmp_path / "copies")
    assert done.removed == 1 and done.change_set is not None
    history.undo(patient, done.change_set, ANA)
    assert "contact.sort_name" in ill(patient)["sort_keys"]
    with patient.read() as connection:
        row = next(one for one in history.recent(connection, limit=5) if "belonged to nothing" in one.title)
        assert row.id != done.change_set
        assert "orphan@x.example" in str(connection.exec_driver_sql(
            f"SELECT data FROM change WHERE change_set_id = {row.id} AND op = 'D'").scalar())  # fmt: skip
    with browse_backup(done.copy, patient.schema) as copy, copy.read_all() as connection:
        points = Base.metadata.tables["contact_point"]
        assert (
            connection.execute(sa.select(points.c.value).where(points.c.owner_id == 78)).scalar() == "orphan@x.example"
        )


def test_a_server_that_would_give_numbers_of_the_history_again_is_mended(
    postgres_database: Database, tmp_path: Path
) -> None:
    """As after a copy of the server's files without their log: every save would be refused."""
    database = postgres_database
    for name in ("One", "Two", "Three"):
        with write(database, "Before", actor=ANA) as uow:
            service.create_record(uow, "contact", {"name": name, "email": f"{name}@x.example"})
    with database.begin() as connection:
        connection.exec_driver_sql("SELECT setval(pg_get_serial_sequence('change', 'id')::regclass, 1, false)")
    with pytest.raises(UserError, match="Check the database"), write(database, "After", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": "After"})
    assert "change: the number" in ill(database)["derived"]
    mend(database, tmp_path)
    assert ill(database) == {}
    with write(database, "After", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": "After"})


def test_missing_changed_and_foreign_triggers_are_put_right(patient: Database, tmp_path: Path) -> None:
    on = "" if patient.sqlite else ' ON "contact"'
    with patient.begin() as connection:
        connection.exec_driver_sql(f'DROP TRIGGER "history_contact_update"{on}')
        connection.exec_driver_sql(f'DROP TRIGGER "cascade_contact"{on}')
        if patient.sqlite:
            connection.exec_driver_sql("DROP TRIGGER history_deal_insert")
            connection.exec_driver_sql("CREATE TRIGGER history_deal_insert AFTER INSERT ON deal BEGIN SELECT 1; END")
            connection.exec_driver_sql("CREATE TRIGGER spy AFTER UPDATE ON contact BEGIN SELECT 1; END")
            connection.exec_driver_sql("UPDATE change_context SET change_set_id = 5")
        else:
            connection.exec_driver_sql("ALTER TABLE deal DISABLE TRIGGER history_deal_insert")
            connection.exec_driver_sql(
                "CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
            )
            connection.exec_driver_sql("CREATE TRIGGER spy AFTER UPDATE ON contact EXECUTE FUNCTION spy()")
    found = next(f for f in check(patient) if f.check == "triggers").data["problems"]
    assert {"history_contact_update is missing", "cascade_contact is missing", "history_deal_insert is different",
            "spy is unknown"} <= set(found)  # fmt: skip
    mend(patient, tmp_path)
    assert ill(patient) == {}


def test_an_index_that_lost_an_entry_is_made_anew(filled_office: OpenFilled, tmp_path: Path) -> None:
    database, _made = filled_office(sample_office(20))
    path = database.path
    assert path is not None
    database.close()
    with closing(sqlite3.connect(path)) as raw:  # an index over other rows than those that are there
        raw.execute("PRAGMA writable_schema=ON")
        sql = raw.execute("SELECT sql FROM sqlite_master WHERE name = 'ix_note_record'").fetchone()
        name = "ix_note_record" if sql else raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'note' AND sql IS NOT NULL"
        ).fetchone()[0]  # fmt: skip
        (sql,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        raw.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql.split(" WHERE ")[0] + " WHERE 0", name))
        raw.commit()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("REINDEX")
        raw.execute("PRAGMA writable_schema=ON")
        raw.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql, name))
        raw.commit()
    database = Database(path, database.schema)
    found = next(f for f in check(database, full=True) if f.check == "integrity")
    assert not found.ok and "index" in found.detail
    mend(database, tmp_path)
    assert ill(database) == {}
    database.close()


def test_what_cannot_be_mended_is_said_with_what_to_do(patient: Database) -> None:
    with write(patient, "Edit", actor=ANA) as uow:
        deal_id = uow.connection.execute(sa.select(Base.metadata.tables["deal"].c.id).limit(1)).scalar_one()
        service.update_record(uow, "deal", deal_id, {"next_step": "Ligar"})
    blank = "x'00'" if patient.sqlite else r"'\x00'::bytea"
    operate(patient, f"UPDATE deal SET next_step = 'outra' WHERE id = {deal_id}",
            f"UPDATE blob SET content = {blank} WHERE id = (SELECT min(id) FROM blob)")  # fmt: skip
    findings = {f.check: f for f in check(patient, full=True)}
    assert plan_repairs(list(findings.values())) == []
    assert "cannot be repaired" in advice(findings["history"]) and "backup" in advice(findings["files"])
    assert advice(findings["search"]) == ""


def test_the_command_says_what_it_does_and_where_the_copy_is(filled_office: OpenFilled) -> None:
    database, _made = filled_office(sample_office(20))
    operate(database, "UPDATE number_series SET last = 0", "DELETE FROM search_text WHERE entity = 'contact'")
    command = ["doctor", "--database", str(database.path)]
    looked = CliRunner().invoke(cli.commands, command, standalone_mode=False)
    assert looked.return_value == 1 and "--repair" in looked.output
    done = CliRunner().invoke(cli.commands, [*command, "--repair"], standalone_mode=False)
    assert done.return_value == 0, done.output
    assert "→ Make the search index anew." in done.output and "A copy from before the repair" in done.output
    assert ill(database) == {}


def test_a_locked_server_is_mended_by_its_owner_only(locked_office: LockedOffice, tmp_path: Path) -> None:
    owner, other = locked_office.open("owner"), locked_office.open("sales")
    repair(owner, ["search", "derived", "timeline"], locked_office.actor("owner"), folder=tmp_path)
    assert ill(owner) == {}
    assert any("rights of the server are whole" in one.detail for one in check(owner))
    with pytest.raises(NotAllowed):
        repair(other, ["search"], locked_office.actor("sales"), folder=tmp_path)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE contact SET birthday = 'rubbish'", {"history"}),
        ("UPDATE company SET revenue = 'rubbish'", {"history", "amounts"}),
        ("UPDATE change SET data = '{broken' WHERE op = 'U'", {"history"}),
        ("UPDATE contact SET job_title = CAST(x'ff41' AS TEXT)", {"history"}),
    ],
)
def test_a_value_that_cannot_be_read_is_a_finding_and_not_the_end(
    sqlite_database: Database, tmp_path: Path, statement: str, found: set[str]
) -> None:
    """A damaged value, or one that another tool wrote: the other checks go on, and a copy can be made all the same."""
    ids = {}
    for entity in ("contact", "company"):
        with write(sqlite_database, "Create", actor=ANA) as uow:
            ids[entity] = service.create_record(uow, entity, {"name": "Ana"})
        with write(sqlite_database, "Edit", actor=ANA) as uow:
            service.update_record(uow, entity, ids[entity], {"name": "Bea"})
    operate(sqlite_database, statement)
    told = ill(sqlite_database)
    assert found <= set(told) and "cannot be read" in told["history"]
    assert {"integrity", "links", "triggers"}.isdisjoint(told)
    assert Path(repair(sqlite_database, ["search"], ANA, folder=tmp_path).copy).stat().st_size


def test_the_copy_is_protected_as_the_backups_are(patient: Database, tmp_path: Path) -> None:
    with write(patient, "Plan") as uow:
        save_plan(uow, Plan(True, encrypted=True))
    passwords.tell(patient, "Azulejo-17-moinho")
    try:
        done = repair(patient, ["search"], ANA, folder=tmp_path / "kept")
    finally:
        passwords.forget(patient)
    assert read_header(Path(done.copy)).encrypted
