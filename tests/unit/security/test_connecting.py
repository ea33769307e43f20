"""Trying a server: every way it can fail says one sentence that tells what to do, and goes no further."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from psycopg import sql

from crm_desktop import app
from crm_desktop.core import paths
from crm_desktop.db import handshake
from crm_desktop.db.database import Database
from crm_desktop.db.handshake import Refusal
from crm_desktop.db.schema import Schema
from crm_desktop.db.server_address import (
    OFF,
    PINNED,
    PREFER,
    SERVERS,
    VERIFY,
    ServerAddress,
    connect_args,
    pin,
)  # fmt: skip
from crm_desktop.security import connecting
from crm_desktop.security.connecting import Diagnosis, Step, diagnose
from crm_desktop.security.postgres.names import Names
from crm_desktop.security.problems import of_network, of_refusal
from tests.helpers.certificates import make_certificate
from tests.helpers.postgres import PostgresServer
from tests.helpers.postgres_tls import encrypted, hba_line, listening


def address_of(url: str) -> ServerAddress:
    return ServerAddress.from_url(url)


@pytest.fixture
def server(postgres_server: PostgresServer, postgres_url: str) -> ServerAddress:
    """An office on the test server, for its owner."""
    return address_of(postgres_url)


@pytest.fixture
def ana(postgres_server: PostgresServer, postgres_url: str) -> ServerAddress:
    """A login role that is nobody's: it may connect, and no more."""
    postgres_server.execute("CREATE ROLE ana_diag LOGIN PASSWORD 'right'")
    return replace(address_of(postgres_url), user="ana_diag")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshake, "TIMEOUT_S", 2.0)


def failed_at(diagnosis: Diagnosis, step: str, problem: str) -> None:
    """The diagnosis ended at a step: those before are ticked, those after were not tried."""
    assert (diagnosis.problem, diagnosis.step(step).state) == (problem, "failed"), diagnosis
    assert diagnosis.text and diagnosis.step(step).text == diagnosis.text and "{" not in diagnosis.text
    at = [one.key for one in diagnosis.steps].index(step)
    assert all(one.state in ("ok", "warning") for one in diagnosis.steps[:at])
    assert all(one.state == "waiting" for one in diagnosis.steps[at + 1 :])


def test_every_step_is_told_live_and_an_office_is_found(
    postgres_server: PostgresServer, postgres_url: str, schema: Schema
) -> None:
    opened = app.open_office(postgres_url)
    opened.database.close()
    told: list[Step] = []
    address = address_of(postgres_url)
    found = diagnose(address, postgres_server.password, schema, told.append)
    assert found.ok and found.problem == "" and found.found is not None
    assert (found.found.state, found.found.locked) == ("office", False)
    assert found.found.user == opened.actor.name
    assert [(one.key, one.state) for one in told] == [
        (key, state) for key in connecting.STEPS for state in ("running", "ok")
    ]  # fmt: skip
    assert found.version and found.step("version").text == f"PostgreSQL {found.version}"


def test_without_a_password_only_the_way_is_tried(server: ServerAddress) -> None:
    found = diagnose(server, None)
    assert found.ok and [one.key for one in found.steps] == list(connecting.WAY) and found.found is None


def test_a_name_that_is_none(server: ServerAddress) -> None:
    failed_at(diagnose(replace(server, host="office" * 20), None), "name", "name")


def test_a_port_where_nobody_listens(server: ServerAddress) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = diagnose(replace(server, port=port), None)
    failed_at(found, "reach", "refused")
    assert str(port) in found.text


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (b"", "silent"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "http"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not_postgres"),
    ],
)
def test_a_port_where_something_else_answers(
    server: ServerAddress, monkeypatch: pytest.MonkeyPatch, said: bytes, problem: str
) -> None:
    monkeypatch.setattr(handshake, "TIMEOUT_S", 0.1)

    def answer(client: socket.socket) -> None:
        if said:
            client.sendall(said)
        client.recv(100)
        client.recv(100)

    with listening(answer) as port:
        failed_at(diagnose(replace(server, port=port), None), "speaks", problem)


def test_a_server_that_does_not_encrypt(server: ServerAddress, tmp_path: Path) -> None:
    for tls in (VERIFY, PINNED):
        failed_at(diagnose(replace(server, tls=tls, ca_file=str(tmp_path / "ca.pem")), None), "tls", "tls_refused")
    away = replace(server, host="127.0.0.1", tls=PREFER)
    assert diagnose(away, None).step("tls").state == "ok"  # its own computer: nothing to read along


class Front:
    """The test server behind a certificate."""

    def __init__(self, server: ServerAddress, exits: ExitStack, postgres: PostgresServer, folder: Path) -> None:
        self._server, self._exits, self._postgres, self._folder = server, exits, postgres, folder

    def __call__(self, made: Any, *, tls: str = VERIFY, trusted: Any = None, host: str = "localhost") -> ServerAddress:
        port = self._exits.enter_context(encrypted(self._postgres, made))
        file = self._folder / f"ca-{port}.pem"
        file.write_bytes((trusted or made).certificate)
        return replace(self._server, host=host, port=port, tls=tls, ca_file=str(file) if tls == VERIFY else "")


@pytest.fixture
def front(server: ServerAddress, postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Front]:
    with ExitStack() as exits:
        yield Front(server, exits, postgres_server, tmp_path)


def test_the_certificate_in_the_file_opens_the_office(
    front: Front, postgres_server: PostgresServer, schema: Schema
) -> None:
    address = front(make_certificate("localhost", "127.0.0.1"))
    found = diagnose(address, postgres_server.password, schema)
    assert found.ok and found.encrypted and found.step("tls").state == "ok", found
    address.keep()
    database = Database(address.url(postgres_server.password), schema)
    with database.read() as connection:
        assert connection.connection.driver_connection.pgconn.ssl_in_use  # type: ignore[union-attr]
    database.close()
    # an authority that signed the server's certificate does as well
    authority = make_certificate("Office authority", authority=True)
    signed = front(make_certificate("localhost", issuer=authority), trusted=authority)
    assert diagnose(signed, postgres_server.password, schema).ok


@pytest.mark.parametrize(
    ("names", "days", "problem"),
    [
        (("localhost",), (-30, -1), "tls_expired"),
        (("localhost",), (5, 30), "tls_not_yet"),
        (("office.example",), (-1, 30), "tls_name"),
    ],
)
def test_a_certificate_that_does_not_hold(
    front: Front, names: tuple[str, ...], days: tuple[int, int], problem: str
) -> None:
    found = diagnose(front(make_certificate(*names, days=days)), None)
    failed_at(found, "tls", problem)
    assert problem != "tls_name" or "office.example" in found.text


def test_a_certificate_of_somebody_else(front: Front, tmp_path: Path) -> None:
    address = front(make_certificate("localhost"), trusted=make_certificate("localhost"))
    failed_at(diagnose(address, None), "tls", "tls_not_trusted")
    with pytest.raises(connecting.Problem):  # and what is opened past the diagnosis is as strict
        connecting.open_connection(address, "x")
    (tmp_path / "empty.pem").write_text("nothing")
    for file in ("empty.pem", "missing.pem"):
        failed_at(diagnose(replace(address, ca_file=str(tmp_path / file)), None), "tls", "ca_file")


def test_the_certificate_of_the_first_connection_is_remembered_and_a_change_is_told(
    front: Front, postgres_server: PostgresServer, schema: Schema
) -> None:
    first, second = make_certificate("localhost"), make_certificate("localhost")
    address = front(first, tls=PINNED)
    seen = diagnose(address, postgres_server.password, schema)
    failed_at(seen, "tls", "tls_first")
    assert seen.certificate is not None and seen.certificate.fingerprint in seen.text
    known = pin(address, seen.certificate.pem, seen.certificate.fingerprint)
    assert diagnose(known, postgres_server.password, schema).ok
    again = address_of(address.url())
    assert (again.tls, again.fingerprint) == (PINNED, seen.certificate.fingerprint)  # kept for the next start

    other = front(second, tls=PINNED)  # the same name answers with another certificate
    pin(other, seen.certificate.pem, seen.certificate.fingerprint)
    changed = diagnose(replace(other, fingerprint=known.fingerprint), postgres_server.password, schema)
    failed_at(changed, "tls", "tls_changed")
    assert known.fingerprint in changed.text
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(other.url("x"), **connect_args(other.url()))


def test_a_signed_certificate_is_not_remembered_by_itself(front: Front) -> None:
    authority = make_certificate("Office authority", authority=True)
    failed_at(
        diagnose(front(make_certificate("localhost", issuer=authority), tls=PINNED), None), "tls", "tls_not_pinnable"
    )


def test_a_certificate_of_an_authority_that_this_computer_trusts_needs_no_file(
    front: Front, postgres_server: PostgresServer, schema: Schema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = make_certificate("Public authority", authority=True)
    address = replace(front(make_certificate("localhost", issuer=authority), trusted=authority), ca_file="")
    failed_at(diagnose(address, None), "tls", "tls_not_trusted")
    store = tmp_path / "store.pem"
    store.write_bytes(authority.certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(store))
    assert diagnose(address, postgres_server.password, schema).ok
    address.keep()
    with psycopg.connect(address.url(postgres_server.password), **connect_args(address.url())) as connection:
        assert connection.pgconn.ssl_in_use


def test_databases_with_long_names_share_no_role() -> None:
    first, second = (Names.for_database("office_of_the_northern_and_the_southern_" + end) for end in ("a", "b"))
    keys = ("owner", "people", "a_role_with_a_name_that_is_rather_long_as_well_for_a_role_of_an_office")
    for one in keys:
        assert first.group(one) != second.group(one) and len(first.group(one).encode()) <= 63
    assert Names.for_database("crm").owner == "crm_owner"


def test_the_name_or_the_password_is_wrong(ana: ServerAddress, schema: Schema) -> None:
    failed_at(diagnose(ana, "wrong", schema), "sign_in", "password")
    failed_at(diagnose(ana, "", schema), "sign_in", "password")
    failed_at(diagnose(replace(ana, user="nobody_here"), "x", schema), "sign_in", "password")


def test_why_is_heard_as_a_code_whatever_language_the_server_speaks(ana: ServerAddress) -> None:
    refusal = handshake.ask_why(ana, "wrong")
    assert refusal is not None and refusal.code == "28P01"
    assert of_refusal(Refusal("28P01", "autenticação do tipo senha falhou"), "FATAL: autenticação")[0] == "password"
    assert handshake.ask_why(ana, "right") is None


@pytest.mark.parametrize("password", ["ação çã", "Ⅸ\u00ad soft", "🔑 key", "a\u00a0b"])
def test_passwords_with_any_letters(postgres_server: PostgresServer, ana: ServerAddress, password: str) -> None:
    postgres_server.execute(sql.SQL("ALTER ROLE ana_diag PASSWORD {}").format(sql.Literal(password)))
    assert handshake.ask_why(ana, password) is None
    connecting.open_connection(ana, password).close()


def test_the_server_knows_no_rule_for_this_computer(
    postgres_server: PostgresServer, ana: ServerAddress, schema: Schema
) -> None:
    with hba_line(postgres_server, "host all ana_diag all reject"):
        failed_at(diagnose(ana, "right", schema), "sign_in", "no_entry")
    postgres_server.execute("ALTER ROLE ana_diag NOLOGIN")
    failed_at(diagnose(ana, "right", schema), "sign_in", "no_entry")


def test_a_server_that_wants_the_password_itself(
    postgres_server: PostgresServer, ana: ServerAddress, schema: Schema
) -> None:
    with hba_line(postgres_server, "host all ana_diag all password"):
        failed_at(diagnose(ana, "right", schema), "sign_in", "clear_password")


def test_the_database_is_missing_or_closed(postgres_server: PostgresServer, ana: ServerAddress, schema: Schema) -> None:
    failed_at(diagnose(replace(ana, database="no_such"), "right", schema), "sign_in", "no_database")
    name = sql.Identifier(ana.database)
    postgres_server.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(name))
    failed_at(diagnose(ana, "right", schema), "sign_in", "no_connect")
    postgres_server.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO PUBLIC").format(name))
    postgres_server.execute("ALTER ROLE ana_diag CONNECTION LIMIT 0")
    failed_at(diagnose(ana, "right", schema), "sign_in", "too_many")
    postgres_server.execute("ALTER ROLE ana_diag CONNECTION LIMIT -1")
    postgres_server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
    failed_at(diagnose(ana, "right", schema), "sign_in", "not_accepting")


def test_a_standby_and_an_old_server(server: ServerAddress, postgres_server: PostgresServer, schema: Schema) -> None:
    name = sql.Identifier(server.database)
    postgres_server.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
    failed_at(diagnose(server, postgres_server.password, schema), "version", "read_only")
    info = SimpleNamespace(server_version=130014, parameter_status=lambda _name: "13.14")
    trial = connecting._Trial(server, lambda _step: None, {})
    with pytest.raises(connecting.Problem, match="version_old"):
        connecting._version(trial, SimpleNamespace(info=info))  # type: ignore[arg-type]


def test_another_encoding(postgres_server: PostgresServer, server: ServerAddress, schema: Schema) -> None:
    postgres_server.execute(
        "CREATE DATABASE crm_latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc"
    )
    try:
        found = diagnose(replace(server, database="crm_latin"), postgres_server.password, schema)
        failed_at(found, "encoding", "encoding")
        assert "LATIN1" in found.text
    finally:
        postgres_server.drop_database("crm_latin")


def test_what_is_in_the_database(
    postgres_server: PostgresServer, server: ServerAddress, ana: ServerAddress, schema: Schema
) -> None:
    secret, name = postgres_server.password, server.database
    failed_at(diagnose(ana, "right", schema), "office", "no_rights")
    postgres_server.execute("UPDATE alembic_version SET version_num = '9999'", name)
    failed_at(diagnose(server, secret, schema), "office", "newer")
    postgres_server.execute("UPDATE alembic_version SET version_num = '0006'", name)
    older = diagnose(server, secret, schema)
    assert older.ok and older.found is not None and older.found.may_migrate and older.found.state == "older"
    postgres_server.execute("GRANT SELECT ON alembic_version TO ana_diag", name)
    refused = diagnose(ana, "right", schema)
    failed_at(refused, "office", "older")
    assert postgres_server.user in refused.text
    postgres_server.execute("GRANT SELECT ON user_account TO ana_diag", name)
    postgres_server.execute(
        "INSERT INTO user_account (id, name, login, role, active, created_at, updated_at) "
        "VALUES (1, 'Helena', 'h', 'owner', true, now(), now())",
        name,
    )
    assert "Helena can bring it up to date" in diagnose(ana, "right", schema).text


def test_an_empty_database_and_one_of_another_program(
    empty_postgres_url: str, postgres_server: PostgresServer, schema: Schema
) -> None:
    address = address_of(empty_postgres_url)
    empty = diagnose(address, postgres_server.password, schema)
    assert empty.ok and empty.found is not None and empty.found.state == "empty"
    assert empty.step("office").state == "warning"
    postgres_server.execute("CREATE TABLE invoices (id int)", address.database)
    failed_at(diagnose(address, postgres_server.password, schema), "office", "foreign")


@pytest.mark.parametrize("code", ["57P03", "57P01", "53300", "0A000"])
def test_what_only_a_busy_server_says(code: str) -> None:
    key, sentence = of_refusal(Refusal(code, "…"), "connection failed")
    assert key != "unknown" and sentence


def test_a_silence_and_a_network_that_is_away() -> None:
    assert of_network("reach", TimeoutError())[0] == "timeout"
    assert of_network("reach", OSError(101, "Network is unreachable"))[0] == "no_network"
    assert of_network("name", socket.gaierror(-2, "unknown"))[0] == "name"


def test_an_address_is_kept_without_its_password(tmp_path: Path) -> None:
    address = ServerAddress("Server", 5433, "vendas do sul", "ana maria", VERIFY, "/ca file.pem")
    address.keep()
    again = address_of(address.url("sécret/@:"))
    assert again == address and "cret" not in address.url()
    assert "cret" not in paths.settings_file().read_text()
    args = connect_args(again.url("sécret/@:"))
    assert (args["sslmode"], args["sslrootcert"]) == ("verify-full", "/ca file.pem")
    assert "sslmode" not in connect_args(address.url() + "?sslmode=require")
    assert replace(address, tls=OFF).security()["sslmode"] == "disable"
    socket_address = ServerAddress("/run/postgresql", 5434, "crm", "ana")
    assert address_of(socket_address.url("x")) == replace(socket_address, tls=PREFER)
    assert list(SERVERS.get()) == ["server:5433/vendas do sul"]
