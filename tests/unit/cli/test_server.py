"""`crm-desktop server`: what an administrator does by hand or in a script, with passwords from standard input."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop import app, cli
from crm_desktop.db.server_address import PINNED, ServerAddress
from crm_desktop.demo.make import make_demo
from crm_desktop.records.moved import OfficeMoved
from tests.helpers.certificates import make_certificate
from tests.helpers.postgres import PostgresServer
from tests.helpers.postgres_tls import encrypted

SECRET = "correct horse"


@pytest.fixture
def place(postgres_server: PostgresServer) -> Iterator[str]:
    """An address without a password, of a database that is not there yet."""
    before = postgres_server.roles()
    yield f"postgresql://{postgres_server.user}@{postgres_server.host}:{postgres_server.port}/office_cli"
    postgres_server.drop_database("office_cli")
    postgres_server.drop_roles(postgres_server.roles() - before)


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], *passwords: str
) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{one}\n" for one in passwords)))
    code = cli.main(["server", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_check_says_every_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str, postgres_server: PostgresServer
) -> None:
    code, out, err = run(monkeypatch, capsys, ["check", place], postgres_server.password)
    assert code == 1 and "✓ PostgreSQL answers" in out and "✗ Sign in" in out
    assert "no database called office_cli" in err
    code, out, _err = run(
        monkeypatch, capsys, ["check", place.replace("office_cli", "postgres"), "--json"], postgres_server.password
    )
    found = json.loads(out)
    assert code == 0 and found["ok"] and found["found"]["state"] == "empty"
    code, out, _err = run(monkeypatch, capsys, ["check", place, "--no-sign-in"])
    assert code == 0 and "Sign in" not in out
    assert run(monkeypatch, capsys, ["check", "office.crm"])[0] == 2
    assert run(monkeypatch, capsys, ["check", place, "--tls", "verify"])[0] == 2


def test_a_certificate_is_accepted_by_its_fingerprint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str, postgres_server: PostgresServer
) -> None:
    with encrypted(postgres_server, make_certificate("localhost")) as port:
        there = place.replace(str(postgres_server.port), str(port))
        code, out, _err = run(monkeypatch, capsys, ["check", there, "--tls", "pinned", "--no-sign-in", "--json"])
        shown = json.loads(out)
        assert code == 1 and shown["problem"] == "tls_first"
        assert (
            run(monkeypatch, capsys, ["check", there, "--tls", "pinned", "--accept", "AA:BB", "--no-sign-in"])[0] == 1
        )
        words = ["check", there, "--tls", "pinned", "--accept", shown["fingerprint"].lower(), "--no-sign-in"]
        assert run(monkeypatch, capsys, words)[0] == 0
        assert ServerAddress.from_url(there).tls == PINNED
        assert run(monkeypatch, capsys, ["check", there, "--no-sign-in"])[0] == 0  # kept for the next time


def test_create(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str, postgres_server: PostgresServer
) -> None:
    words = ["create", place, "--owner", "Ana Prates", "--office", "Casa"]
    code, out, err = run(monkeypatch, capsys, words, postgres_server.password, SECRET)
    assert (code, err) == (0, "") and "ana.prates@" in out and SECRET not in out
    opened = app.open_office(place.replace(f"{postgres_server.user}@", f"ana.prates:{SECRET.replace(' ', '%20')}@"))
    assert (opened.office, opened.actor.name) == ("Casa", "Ana Prates")
    opened.database.close()
    code, _out, err = run(monkeypatch, capsys, words, postgres_server.password, SECRET)
    assert code == 1 and err.count("\n") == 1


def test_move_and_back(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    place: str,
    postgres_server: PostgresServer,
    tmp_path: Path,
) -> None:
    file = tmp_path / "office.crm"
    opened = app.open_office(file)
    make_demo(opened.database, contacts=12)
    opened.database.close()
    words = ["move", place, "--database", str(file), "--json"]
    code, out, err = run(monkeypatch, capsys, words, postgres_server.password, SECRET)
    assert (code, err) == (0, "")
    moved = json.loads(out)
    assert moved["reports"] == 3 and moved["rows"] > 300 and len(moved["people"]) > 1
    with pytest.raises(OfficeMoved):
        app.open_office(file)
    mine = moved["target"].replace("@", f":{SECRET.replace(' ', '%20')}@")
    code, out, _err = run(monkeypatch, capsys, ["back", str(tmp_path / "home.crm"), "--database", mine])
    assert code == 0 and "equal on both sides" in out
    app.open_office(tmp_path / "home.crm").database.close()
