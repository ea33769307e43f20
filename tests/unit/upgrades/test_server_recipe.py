"""Going back on a server: the recipe of the admin guide, followed to the letter, with logins and passwords as before."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
from click.testing import CliRunner

from crm_desktop import app, cli
from crm_desktop.backup.making import make_backup
from crm_desktop.db.database import Database
from crm_desktop.db.dump import digest
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service
from tests.helpers.locked import LockedOffice
from tests.helpers.postgres import PostgresServer

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "admin-guide.md"


def recipe() -> tuple[list[str], list[str]]:
    """The SQL and the commands of the section."""
    text = GUIDE.read_text(encoding="utf-8").split("For a **server** the backup from before", 1)[1].split("\n## ", 1)[0]
    sql = re.search(r"```sql\n(.*?)```", text, re.DOTALL)
    commands = re.search(r"```\n(.*?)```", text[text.index("3. Restore") :], re.DOTALL)
    assert sql is not None and commands is not None
    return sql[1].splitlines(), commands[1].splitlines()


def run_sql(server: PostgresServer, lines: list[str], name: str) -> None:
    """As psql runs it: a line after the other, ``\\c`` goes to another database."""
    place = "postgres"
    for line in lines:
        text = re.sub(r"\bcrm(?=_|\b)", name, line.partition("--")[0].strip())
        if text.startswith("\\c "):
            place = text.removeprefix("\\c ")
        elif text:
            for statement in text.rstrip(";").split(";"):
                server.execute(statement, place)


def run_command(line: str, name: str, backup: str, server: PostgresServer) -> str:
    words = line.replace("postgresql://postgres@server/crm", server.url(name)).split()[1:]
    words = [backup if word.endswith(".crmbackup") else word for word in words]
    done = CliRunner().invoke(cli.commands, words, standalone_mode=False)
    assert done.exception is None and not done.return_value, (line, done.output, done.exception)
    return done.output


def state(database: Database) -> str:
    with database.read() as connection:
        return digest(connection, database.schema)


def test_the_recipe_of_the_guide_works_as_it_stands(
    locked_office: LockedOffice, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    office = locked_office
    with write(office.root, "Before", actor=office.actor("owner")) as uow:
        service.create_record(uow, "contact", {"name": "Before The Upgrade"})
    backup = make_backup(office.root, tmp_path).path
    before = state(office.root)
    with write(office.root, "After", actor=office.actor("owner")) as uow:
        service.create_record(uow, "contact", {"name": "After The Upgrade"})
    office.root.close()
    sql, commands = recipe()
    try:
        run_sql(postgres_server, sql, office.name)
        said = [run_command(line, office.name, backup, postgres_server) for line in commands]
        assert "the lock is whole" in said[-1]
        for key in ("owner", "sales"):  # with the passwords they had
            database = app.open_office(office.url(key)).database
            assert database.locked
            if key == "owner":
                assert state(database) == before
            database.close()
        refused = f"{office.name}_upgraded"
        try:
            psycopg.connect(postgres_server.url(refused, office.logins["sales"], "Ginger-Biscuit-42")).close()
            raise AssertionError("people still get into what was put aside")
        except psycopg.OperationalError as error:
            assert "permission denied" in str(error)
        kept = postgres_server.execute("SELECT name FROM contact ORDER BY id", refused)
        assert ("After The Upgrade",) in kept
    finally:
        postgres_server.drop_database(f"{office.name}_upgraded")
