"""Commands on a file that asks who works with it, and addresses with a password in them."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from crm_desktop import app
from crm_desktop.core import secrets
from crm_desktop.db.unit_of_work import write
from crm_desktop.security import passwords, service
from tests.helpers.hashing import hash_cheaply

OWNER, SELLER = "curved lantern 7 maple", "violet ferry under rain"


@pytest.fixture
def office(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    hash_cheaply(monkeypatch)
    database = app.open_database(sqlite_url)
    with write(database, "People") as uow:
        olga = service.create_user(uow, "Olga Rocha", login="olga", role="owner")
        bea = service.create_user(uow, "Bea Luz", login="bea", role="sales")
        passwords.give_passwords(uow, {olga: OWNER, bea: SELLER}, must_change=frozenset({bea}))
    database.close()
    return Path(sqlite_url)


def private(folder: Path, text: str) -> Path:
    path = folder / "secret.txt"
    path.write_text(text + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def test_a_command_asks_who_runs_it(crm: Any, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    answer = crm("list", "contact", "--database", office)
    assert answer.code == 1 and "asks who works with it" in answer.err and "--user" in answer.err
    answer = crm("list", "contact", "--database", office, "--user", "olga")
    assert answer.code == 1 and "--password-file" in answer.err


def test_the_password_comes_from_standard_input_or_a_private_file(
    crm: Any, office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(OWNER + "\n"))
    assert crm("list", "contact", "--database", office, "--user", "olga", "--password-stdin").code == 0
    file = private(tmp_path, OWNER)
    monkeypatch.setenv("CRM_USER", "Olga Rocha")
    assert crm("list", "contact", "--database", office, "--password-file", file).code == 0
    backup = crm("backup", "--to", tmp_path / "backups", "--database", office, "--sign-in-file", file)
    assert backup.code == 0, backup.err


def test_a_wrong_password_is_one_sentence(crm: Any, office: Path, tmp_path: Path) -> None:
    for name in ("olga", "nobody"):
        answer = crm(
            "list", "contact", "--database", office, "--user", name, "--password-file", private(tmp_path, "no")
        )
        assert (answer.code, answer.err) == (1, "The name or the password is not right.\n")


def test_who_must_choose_a_password_is_sent_to_the_window(crm: Any, office: Path, tmp_path: Path) -> None:
    file = private(tmp_path, SELLER)
    answer = crm("list", "contact", "--database", office, "--user", "bea", "--password-file", file)
    assert answer.code == 1 and "sign in once in the window" in answer.err


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps no such bits")
def test_a_password_file_that_others_can_read_is_refused(crm: Any, office: Path, tmp_path: Path) -> None:
    file = private(tmp_path, OWNER)
    file.chmod(0o644)
    answer = crm("list", "contact", "--database", office, "--user", "olga", "--password-file", file)
    assert answer.code == 1 and "Others can read the password file" in answer.err and OWNER not in answer.err
    assert "cannot be read" in crm("list", "contact", "--user", "x", "--database", office, "--password-file", "no").err


def test_the_history_names_who_ran_the_command(crm: Any, office: Path, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("Name;E-mail\nZuleica Prova;z@prova.example\n", encoding="utf-8")
    who = ("--user", "olga", "--password-file", private(tmp_path, OWNER))
    assert crm("import", people, "--as", "contact", "--database", office, *who).code == 0
    shown = crm("history", "--database", office, "--json", *who)
    assert [one["user"] for one in shown.json if "people.csv" in str(one)] == ["Olga Rocha"]


def test_a_forgotten_password_and_the_list(crm: Any, office: Path, tmp_path: Path) -> None:
    new = "some other words 9"
    answer = crm("user", "password", "olga", "--database", office, "--password-file", private(tmp_path, new))
    assert answer.code == 0 and answer.out == "Olga Rocha signs in with the new password now.\n"
    who = ("--user", "olga", "--password-file", private(tmp_path, new))
    assert crm("list", "contact", "--database", office, *who).code == 0
    listed = crm("user", "list", "--database", office, "--json")
    assert {one["login"]: one["password"] for one in listed.json} == {"olga": True, "bea": True}
    short = crm("user", "password", "olga", "--database", office, "--password-file", private(tmp_path, "short"))
    assert short.code == 1 and "at least 8" in short.err


def test_an_address_with_a_password_is_answered_with_a_warning(
    crm: Any, monkeypatch: pytest.MonkeyPatch, postgres_server: Any
) -> None:
    secret = "h0rse:battery@staple"
    address = postgres_server.url("postgres", "nobody_here", secret)
    monkeypatch.setattr(sys, "argv", ["crm-desktop", "list", "contact", "--database", address])
    answer = crm(*sys.argv[1:])
    assert answer.code == 1 and "Others on this computer can read a password" in answer.err
    seen = " ".join([*sys.argv, answer.err, answer.out])
    assert secret not in seen and secrets.quote(secret, safe="") not in seen and "***@" in sys.argv[-1]


def test_an_address_that_cannot_be_read_does_not_show_its_password(crm: Any) -> None:
    answer = crm("list", "contact", "--database", "postgresql://ana:topsecret@server:port/crm")
    assert answer.code == 1 and "topsecret" not in answer.err and "is no address of a server" in answer.err
