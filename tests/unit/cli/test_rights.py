"""``crm-desktop rights``: an administrator locks a database and manages people and roles without the window."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.helpers.locked import LockedOffice
from tests.helpers.postgres import PostgresServer
from tests.unit.cli.conftest import Run

Type = Callable[[str], None]


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Iterator[Type]:
    """What comes on standard input."""
    yield lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_locking_a_plain_database_and_looking_after_it(
    crm: Run, postgres_server: PostgresServer, postgres_url: str, types: Type
) -> None:
    name = postgres_url.rpartition("/")[2]
    olga, saul = f"olga.{name[-6:]}", f"saul.{name[-6:]}"
    assert crm("rights", "check", "--database", postgres_url).code == 0
    assert "--owner" in crm("rights", "lock", "--database", postgres_url).err
    types("Olga-Secret-1\n")
    answer = crm(
        "rights", "lock", "--database", postgres_url, "--owner", olga, "--name", "Olga", "--new-password-stdin"
    )
    assert answer.code == 0 and f"{name}_owner" in answer.out, answer.err
    assert crm("rights", "check", "--database", postgres_url, "--json").json == {"state": "locked", "problems": []}

    mine = postgres_server.url(name, olga, "Olga-Secret-1")
    types("Saul-Secret-1\n")
    added = crm(
        "rights", "user", "add", saul, "--name", "Saul", "--role", "sales", "--new-password-stdin", "--database", mine
    )
    assert added.code == 0, added.err
    with psycopg.connect(postgres_server.url(name, saul, "Saul-Secret-1")) as connection:
        assert connection.execute("SELECT count(*) FROM deal").fetchone() == (0,)
    types("Saul-Secret-2\n")
    assert crm("rights", "user", "password", saul, "--new-password-stdin", "--database", mine).code == 0
    psycopg.connect(postgres_server.url(name, saul, "Saul-Secret-2")).close()
    assert crm("rights", "user", "disable", saul, "--hand-over-to", olga, "--database", mine).code == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres_server.url(name, saul, "Saul-Secret-2"))
    assert crm("rights", "user", "disable", "nobody", "--database", mine).code == 1


def test_roles(crm: Run, locked_office: LockedOffice) -> None:
    url = locked_office.url("admin")
    assert "manager" in crm("rights", "role", "list", "--database", url).out
    assert crm("rights", "role", "set", "sales", "deal", "read", "own", "--database", url).code == 0
    rows = crm("rights", "role", "show", "sales", "--json", "--database", url).json
    assert {"records": "deal", "action": "read", "scope": "own"} in rows
    assert crm("rights", "role", "set", "sales", "-", "import", "all", "--database", url).code == 0
    assert "import" in crm("rights", "role", "show", "sales", "--database", url).out
    assert crm("rights", "role", "set", "sales", "whale", "read", "own", "--database", url).code == 1
    assert crm("rights", "role", "set", "owner", "deal", "read", "own", "--database", url).code == 1
    assert (
        crm("rights", "role", "set", "sales", "deal", "read", "all", "--database", locked_office.url("sales")).code == 1
    )
    assert locked_office.ask("SELECT scope FROM role_right WHERE entity = 'deal'") == "own"


def test_a_broken_lock_is_told(crm: Run, locked_office: LockedOffice) -> None:
    url = locked_office.server.url(locked_office.name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("GRANT SELECT ON deal TO PUBLIC")
    answer = crm("rights", "check", "--database", url)
    assert answer.code == 1 and "PUBLIC" in answer.out and "deal" in answer.out
    assert crm("rights", "lock", "--database", url).code == 0
    assert crm("rights", "check", "--database", url).code == 0


def test_the_statements_are_those_that_lock(crm: Run, postgres_server: PostgresServer, postgres_url: str) -> None:
    """Run by hand they give the same as ``rights lock``."""
    text = crm("rights", "sql", "--database", postgres_url).out
    assert text.startswith("\\set ON_ERROR_STOP on\nBEGIN;") and "CREATE POLICY" in text
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(text.partition("\n")[2])  # type: ignore[call-overload]
    assert crm("rights", "check", "--database", postgres_url, "--json").json["state"] == "locked"


def test_a_file_has_no_rights_of_a_server(crm: Run, sqlite_url: str) -> None:
    answer = crm("rights", "check", "--database", sqlite_url)
    assert answer.code == 1 and "postgresql://" in answer.err
