"""An office is created on a server, moved there and back; what is not finished leaves nothing behind."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from crm_desktop import app, moving, office_server
from crm_desktop.backup.making import make_backup
from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Cancelled, Progress, ProgressState
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.dump import digest
from crm_desktop.db.schema import Schema
from crm_desktop.db.server_address import ServerAddress
from crm_desktop.db.unit_of_work import write
from crm_desktop.demo.make import make_demo
from crm_desktop.moving import Mover, move_office, move_to_file, people_of, restore_to_server
from crm_desktop.office_server import Login, Person, create_office, examine
from crm_desktop.records import files_service
from crm_desktop.records.moved import OfficeMoved, last_change, mark_moved, moved_note, work_on_copy
from crm_desktop.security.connecting import diagnose
from tests.helpers.postgres import PostgresServer

SECRET = "correct horse"
DATABASE = "office_here"


@pytest.fixture
def admin(postgres_server: PostgresServer) -> Login:
    return Login(postgres_server.user, postgres_server.password)


@pytest.fixture
def address(postgres_server: PostgresServer) -> Iterator[ServerAddress]:
    """Where the office shall be; whatever a test made there goes again."""
    before = postgres_server.roles()
    yield ServerAddress(postgres_server.host, postgres_server.port, DATABASE)
    postgres_server.drop_database(DATABASE)
    postgres_server.drop_roles(postgres_server.roles() - before)


def left_behind(server: PostgresServer, roles_before: set[str]) -> list[object]:
    databases = server.execute("SELECT datname FROM pg_database WHERE datname = 'office_here'")
    return [*databases, *(server.roles() - roles_before)]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small office with history, several people and a stored file, to copy from."""
    path = tmp_path_factory.mktemp("filled") / "office.crm"
    opened = app.open_office(path)
    make_demo(opened.database, contacts=12)
    contact = Base.metadata.tables["contact"]
    with opened.database.read() as connection:
        contact_id = connection.execute(sa.select(contact.c.id).limit(1)).scalar_one()
    with write(opened.database, "Attach", actor=opened.actor) as uow:
        files_service.attach_bytes(uow, "contact", contact_id, "a.txt", b"plain text " * 200_000)
        uow.delete("contact", [contact_id])
    opened.database.close()
    return path


@pytest.fixture
def office(tmp_path: Path, filled: Path) -> Iterator[Database]:
    """A copy of it, opened by its owner."""
    path = tmp_path / "office.crm"
    shutil.copyfile(filled, path)
    database = app.open_office(path).database
    yield database
    database.close()


def movers(database: Database, roles: frozenset[str] = frozenset()) -> list[Mover]:
    return [
        Mover(one.user_id, one.name, one.role, one.login, SECRET)
        for one in sorted(people_of(database, roles), key=lambda one: one.role != "owner")
    ]


def test_an_office_is_created_and_its_owner_comes_in(
    address: ServerAddress, admin: Login, schema: Schema, postgres_server: PostgresServer
) -> None:
    mine = create_office(address, admin, Person("Ana Prates", "ana.prates", SECRET), "Casa Prates", schema)
    found = diagnose(mine, SECRET, schema)
    assert found.ok and found.found is not None
    assert (found.found.user, found.found.office) == ("Ana Prates", "Casa Prates")
    opened = app.open_office(mine.url(SECRET))
    assert (opened.actor.name, opened.office) == ("Ana Prates", "Casa Prates")
    assert opened.database.access.role == "owner"
    money = [app.office_setting(opened.database, key) for key in ("country", "currency")]
    assert money == ["US", "USD"], "the same for colleagues who work in another language"
    opened.database.close()
    encoding = postgres_server.execute(
        "SELECT pg_encoding_to_char(encoding), pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'office_here'"
    )
    assert encoding == [("UTF8", "office_here_owner")]
    assert found.found.locked
    with pytest.raises(UserError, match="holds data"):
        create_office(address, admin, Person("Bia", "bia.other", SECRET), "", schema)
    assert "bia.other" not in postgres_server.roles()


@pytest.mark.parametrize("step", ["Creating the database", "Making the tables", "Putting the basics", "Locking"])
def test_a_cancelled_creation_leaves_nothing(
    address: ServerAddress, admin: Login, schema: Schema, postgres_server: PostgresServer, step: str
) -> None:
    before = postgres_server.roles()

    def stop(state: ProgressState) -> None:
        if state.message.startswith(step):
            progress.cancel()

    progress = Progress(stop, interval=0)
    with pytest.raises(Cancelled):
        create_office(address, admin, Person("Ana", "ana", SECRET), "", schema, progress)
    assert left_behind(postgres_server, before) == []


def test_an_empty_database_made_by_hand_is_used_and_left_empty_by_a_failure(
    address: ServerAddress, admin: Login, schema: Schema, postgres_server: PostgresServer
) -> None:
    postgres_server.create_database(DATABASE)
    progress = Progress(lambda state: progress.cancel() if state.message.startswith("Putting") else None, interval=0)
    with pytest.raises(Cancelled):
        create_office(address, admin, Person("Ana", "ana", SECRET), "", schema, progress)
    looked = examine(address, admin)
    assert (looked.exists, looked.empty, looked.problem) == (True, True, "")
    mine = create_office(address, admin, Person("Ana", "ana", SECRET), "", schema)
    assert diagnose(mine, SECRET, schema).ok


def _last(words: tuple[object, ...]) -> str:
    """A problem for the trial of the first sign-in, which is the only one that looks into the office."""
    return "made up" if len(words) > 2 else ""


def test_a_database_is_dropped_although_the_server_itself_is_in_it(postgres_server: PostgresServer) -> None:
    """Its vacuum belongs to a superuser, whom no other administrator may send away."""
    postgres_server.execute(f"CREATE ROLE dropper LOGIN CREATEDB PASSWORD '{SECRET}'")
    place = dict(host=postgres_server.host, port=postgres_server.port, autocommit=True)
    try:
        with psycopg.connect(**place, user="dropper", password=SECRET, dbname="postgres") as own:
            own.execute("CREATE DATABASE to_go TEMPLATE template0")
            guest = psycopg.connect(
                **place, user=postgres_server.user, password=postgres_server.password, dbname="to_go"
            )
            timer = threading.Timer(1.0, guest.close)
            timer.start()
            office_server.drop_database(own, sql.Identifier("to_go"))
            timer.join()
            assert own.execute("SELECT 1 FROM pg_database WHERE datname = 'to_go'").fetchone() is None
    finally:
        postgres_server.execute("DROP DATABASE IF EXISTS to_go WITH (FORCE)")
        postgres_server.execute("DROP ROLE dropper")


@pytest.mark.parametrize("by_hand", [False, True])
def test_an_administrator_need_not_be_a_superuser(
    address: ServerAddress,
    schema: Schema,
    postgres_server: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
    by_hand: bool,
) -> None:
    postgres_server.execute(
        f"CREATE ROLE keeper_of_it LOGIN CREATEROLE {'' if by_hand else 'CREATEDB'} PASSWORD '{SECRET}'"
    )
    clerk = Login("keeper_of_it", SECRET)
    before = postgres_server.roles()
    if by_hand:
        postgres_server.execute("CREATE DATABASE office_here OWNER keeper_of_it TEMPLATE template0 ENCODING 'UTF8'")
    with monkeypatch.context() as patch:  # the last step fails: everything is there already, and locked
        patch.setattr(office_server, "as_error", lambda found: UserError("the last step"))
        patch.setattr(
            office_server, "diagnose", lambda *words, **more: replace(diagnose(*words, **more), problem=_last(words))
        )
        with pytest.raises(UserError, match="the last step"):
            create_office(address, clerk, Person("Ana", "ana", SECRET), "", schema)
    assert postgres_server.roles() == before
    looked = examine(address, clerk)
    assert (looked.exists, looked.problem) == (by_hand, "")
    mine = create_office(address, clerk, Person("Ana", "ana", SECRET), "Casa", schema)
    found = diagnose(mine, SECRET, schema)
    assert found.ok and found.found is not None and found.found.locked


def test_what_an_administrators_login_may_not_do(
    address: ServerAddress, admin: Login, schema: Schema, postgres_server: PostgresServer
) -> None:
    before = postgres_server.roles()
    assert examine(address, Login(admin.user, "wrong password")).problem
    postgres_server.execute(f"CREATE ROLE clerk LOGIN PASSWORD '{SECRET}'")
    assert "clerk may not create" in examine(address, Login("clerk", SECRET)).problem
    with pytest.raises(UserError, match="knows the login"):
        create_office(address, admin, Person("Clerk", "clerk", SECRET), "", schema)
    with pytest.raises(UserError, match="at least 8"):
        create_office(address, admin, Person("Ana", "ana", "short"), "", schema)
    assert left_behind(postgres_server, before | {"clerk"}) == []


def test_an_office_moves_to_a_server_and_back_and_is_the_same(
    office: Database, address: ServerAddress, admin: Login, schema: Schema, tmp_path: Path
) -> None:
    with office.read() as connection:
        users = connection.execute(sa.text("SELECT count(*) FROM user_account WHERE active")).scalar_one()
    people = movers(office)
    assert len(people) == users > 1
    moved = move_office(office, address, admin, people)
    assert moved.verified.files > 1 and moved.verified.reports == 3 and moved.verified.rows > 300

    server = app.open_office(moved.target.replace("@", f":{SECRET}@".replace(" ", "%20"), 1)).database
    with server.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM contact")).scalar_one() == 19
    for one in people:  # everybody can sign in
        assert diagnose(ServerAddress(address.host, address.port, DATABASE, one.login), SECRET, schema).ok
    back = move_to_file(server, tmp_path / "back.crm")
    assert back.verified.rows >= moved.verified.rows
    with server.read() as ours, Database(back.target, schema).read() as theirs:
        assert digest(ours, schema) == digest(theirs, schema)
    server.close()
    assert not list(tmp_path.glob("*.partial*"))


def test_the_moved_file_says_where_the_office_is(
    office: Database, address: ServerAddress, admin: Login, schema: Schema, tmp_path: Path
) -> None:
    move_office(office, address, admin, movers(office))
    path = office.path
    assert path is not None
    office.close()
    with pytest.raises(OfficeMoved, match=r"moved to .*office_here on") as told:
        app.open_office(path)
    assert SECRET not in told.value.to and told.value.to.endswith("/office_here") and told.value.path == str(path)
    work_on_copy(path, tmp_path / "copy.crm", schema)
    app.open_office(tmp_path / "copy.crm").database.close()
    with pytest.raises(OfficeMoved):
        app.open_office(path)


def test_a_backup_of_a_file_that_had_moved_away_lives_on_the_server_it_is_restored_to(
    office: Database, address: ServerAddress, admin: Login, schema: Schema, tmp_path: Path
) -> None:
    with office.read() as connection:
        seen = last_change(connection)
    mark_moved(office, "postgresql://ana@elsewhere/crm", seen)
    backup = make_backup(office, tmp_path / "kept", prove=False).path
    people = movers(office)
    moved = restore_to_server(backup, address, admin, people, schema, examine=lambda *_seen: ["Something is odd."])
    assert moved.problems == ("Something is odd.",)
    assert moved.address is not None and moved.target == moved.address.url()
    server = app.open_office(moved.address.url(SECRET)).database
    back = move_to_file(server, tmp_path / "back.crm")
    server.close()
    app.open_office(back.target).database.close()  # it does not send people elsewhere
    with office.read() as connection:
        note = moved_note(connection, "office.crm")
    assert note is not None and "elsewhere" in note.to, "the file itself is as it was"


@pytest.mark.parametrize(
    "step", ["Copying", "Comparing every table", "Comparing every file", "Comparing reports", "Locking"]
)
def test_a_cancelled_move_leaves_both_sides_as_they_were(
    office: Database, address: ServerAddress, admin: Login, postgres_server: PostgresServer, step: str
) -> None:
    roles = postgres_server.roles()
    with office.read() as connection:
        before = digest(connection, office.schema, history=True)
    progress = Progress(lambda state: progress.cancel() if state.message.startswith(step) else None, interval=0)
    with pytest.raises(Cancelled):
        move_office(office, address, admin, movers(office), progress)
    assert left_behind(postgres_server, roles) == []
    with office.read() as connection:
        assert digest(connection, office.schema, history=True) == before


def test_a_difference_or_a_late_change_stops_the_move(
    office: Database,
    address: ServerAddress,
    admin: Login,
    postgres_server: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    roles = postgres_server.roles()

    def late(self: office_server.Making, people: object, progress: Progress) -> None:
        with write(office, "Late") as uow:
            uow.insert("tag", {"name": "late"})

    with monkeypatch.context() as patch:
        patch.setattr(office_server.Making, "finish", late)
        with pytest.raises(UserError, match="Somebody changed the office"):
            move_office(office, address, admin, movers(office))
    assert left_behind(postgres_server, roles) == []

    copy = moving.copy_database

    def lossy(source: Database, target: Database, *args: object, **named: object) -> dict[str, int]:
        counts = copy(source, target, *args, **named)  # type: ignore[arg-type]
        with target.begin() as connection:
            connection.exec_driver_sql("UPDATE company SET name = name || '!' WHERE id = (SELECT min(id) FROM company)")
        return counts

    monkeypatch.setattr(moving, "copy_database", lossy)
    with pytest.raises(UserError, match="not equal to the original"):
        move_office(office, address, admin, movers(office))
    assert left_behind(postgres_server, roles) == []
    office.path and app.open_office(office.path).database.close()


def test_a_login_that_the_server_knows_is_proposed_otherwise(office: Database) -> None:
    first = people_of(office)[0]
    again = next(one for one in people_of(office, frozenset({first.login})) if one.user_id == first.user_id)
    assert again.taken and again.login != first.login and again.login == again.login.lower()
