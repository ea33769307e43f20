"""Signing in to a file that several people share, and what passwords leave behind: nothing."""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_desktop import app
from crm_desktop.core import clock, secrets
from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.exporting.office_export import export_office
from crm_desktop.security import passwords, service
from crm_desktop.security.passwords import MustChange, SignInNeeded, TryLater, WrongPassword
from crm_desktop.security.strength import normal, refuse_bad, strength
from tests.helpers.hashing import hash_cheaply

REAL_HASHER = passwords._hasher
OWNER, SELLER = "curved lantern 7 maple", "violet ferry under rain"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash cheaply."""
    hash_cheaply(monkeypatch)


@pytest.fixture
def clock_hand() -> Iterator[list[datetime]]:
    """A clock that a test moves."""
    hand = [datetime.fromisoformat("2026-03-02T12:00:00+00:00")]
    clock.set_clock(lambda: hand[0])
    yield hand


@pytest.fixture
def shared(sqlite_url: str, schema: object) -> Path:
    """A file with an owner who has a password, and a seller who must choose her own."""
    database = app.open_database(sqlite_url)
    with write(database, "People") as uow:
        olga = service.create_user(uow, "Olga Rocha", login="olga", role="owner", email="olga@office.example")
        bea = service.create_user(uow, "Bea Luz", login="bea", role="sales")
        service.create_user(uow, "Nilo Sá", login="nilo", role="readonly")
    with write(database, "Passwords") as uow:
        passwords.give_passwords(uow, {olga: OWNER, bea: SELLER}, must_change=frozenset({bea}))
    database.close()
    return Path(sqlite_url)


@pytest.fixture
def database(shared: Path) -> Iterator[Database]:
    opened = app.open_database(shared)
    yield opened
    opened.close()


def by_login(database: Database) -> dict[str, int]:
    return {one.login: one.id for one in passwords.people(database)}


def test_a_file_with_passwords_asks_and_shows_only_who_can_sign_in(database: Database) -> None:
    assert passwords.asks(database) and set(by_login(database)) == {"olga", "bea"}
    assert not database.access.everything and not database.access.may("contact", "read")
    with pytest.raises(SignInNeeded):
        app.sign_in(database)
    actor = app.sign_in(database, login="olga", password=OWNER)
    assert actor.name == "Olga Rocha" and database.access.everything
    assert app.sign_in(database) == Actor(actor.user_id, actor.name, "")  # what runs beside her works in her name


def test_a_file_without_passwords_opens_as_ever(sqlite_url: str) -> None:
    opened = app.open_office(sqlite_url)
    assert not passwords.asks(opened.database) and opened.database.access.everything
    opened.database.close()


def test_the_name_may_be_written_in_any_way_but_not_the_password(database: Database) -> None:
    for name in ("olga", "OLGA ", "olga rocha", "Ólga Rochá"):
        assert passwords.check(database, OWNER, login=name).login == "olga"
    for wrong in (OWNER.upper(), OWNER + " ", OWNER[:-1], ""):
        with pytest.raises((WrongPassword, TryLater)):
            passwords.check(database, wrong, login="olga")


def test_a_wrong_name_and_a_wrong_password_say_the_same(database: Database) -> None:
    said = []
    for login, password in (("olga", "not this one"), ("nobody", OWNER), ("nilo", OWNER), ("", "")):
        with pytest.raises(WrongPassword) as caught:
            passwords.check(database, password, login=login)
        said.append(str(caught.value))
    assert set(said) == {"The name or the password is not right."}


def test_accents_are_the_same_on_every_keyboard(database: Database) -> None:
    with write(database, "Password") as uow:
        database.access = app.access_of(uow.connection, database.schema, by_login(database)["olga"])
        passwords.give_password(uow, by_login(database)["olga"], "café da manhã às 7", must_change=False)
    assert normal("cafe\u0301") == "café"
    decomposed = "cafe\u0301 da manha\u0303 a\u0300s\u00a07"
    assert passwords.check(database, decomposed, login="olga").login == "olga"


def test_wrong_tries_cost_more_and_more_and_another_window_changes_nothing(
    shared: Path, clock_hand: list[datetime]
) -> None:
    waits = []
    for _try in range(6):
        again = app.open_database(shared)
        with pytest.raises(WrongPassword):
            passwords.check(again, "not this one", login="olga")
        again.close()
        again = app.open_database(shared)
        try:
            with pytest.raises((TryLater, WrongPassword)) as caught:
                passwords.check(again, "not this one", login="olga")
        finally:
            again.close()
        if isinstance(caught.value, TryLater):
            waits.append(caught.value.seconds)
            clock_hand[0] += timedelta(seconds=caught.value.seconds)
    assert waits == sorted(waits) and waits[:3] == [2, 4, 8]
    assert [passwords.wait_after(n) for n in (0, 2, 3, 8, 99)] == [0, 0, 2, 60, 60]


def test_the_right_password_waits_too_and_then_everything_is_forgiven(
    database: Database, clock_hand: list[datetime]
) -> None:
    for _try in range(3):
        with pytest.raises(WrongPassword):
            passwords.check(database, "not this one", login="olga")
    with pytest.raises(TryLater) as caught:
        passwords.check(database, OWNER, login="olga")
    assert str(caught.value) == "Too many wrong tries. Wait 2 seconds and try again."
    assert passwords.check(database, SELLER, login="bea").must_change  # of others nothing is asked
    clock_hand[0] += timedelta(seconds=2)
    assert passwords.check(database, OWNER, login="olga").name == "Olga Rocha"
    for _try in range(2):
        with pytest.raises(WrongPassword):
            passwords.check(database, "not this one", login="olga")


def test_a_clock_that_was_wrong_locks_nobody_out(database: Database, clock_hand: list[datetime]) -> None:
    for _try in range(3):
        with pytest.raises(WrongPassword):
            passwords.check(database, "not this one", login="olga")
    clock_hand[0] -= timedelta(days=400)
    with pytest.raises(TryLater) as caught:
        passwords.check(database, OWNER, login="olga")
    assert caught.value.seconds == 2


def test_who_was_given_a_password_chooses_another_first(database: Database) -> None:
    with pytest.raises(MustChange):
        app.sign_in(database, login="bea", password=SELLER)
    assert not database.access.may("contact", "read")
    with pytest.raises(UserError, match="This is the password you have"):
        app.sign_in(database, login="bea", password=SELLER, new_password=SELLER)
    new = "harbour of seven bells"
    assert app.sign_in(database, login="bea", password=SELLER, new_password=new).name == "Bea Luz"
    assert database.access.role == "sales"
    assert not passwords.check(database, new, login="bea").must_change


def test_only_an_owner_gives_passwords_to_owners(database: Database) -> None:
    new = "harbour of seven bells"
    ids = by_login(database)
    app.sign_in(database, login="bea", password=SELLER, new_password=new)
    for work in (
        lambda uow: passwords.give_password(uow, ids["olga"], "some other words 9"),
        lambda uow: passwords.take_password(uow, ids["olga"]),
        lambda uow: passwords.switch_off(uow),
    ):
        with pytest.raises(UserError, match="Only an owner or an administrator"), write(database, "Try") as uow:
            work(uow)
    with pytest.raises(WrongPassword), write(database, "Try") as uow:
        passwords.choose_password(uow, ids["olga"], "a guess of mine", "some other words 9")
    assert passwords.check(database, OWNER, login="olga")


def test_somebody_who_administers_keeps_a_password_until_all_go(database: Database) -> None:
    ids = by_login(database)
    app.sign_in(database, login="olga", password=OWNER)
    with pytest.raises(UserError, match="must have a password first"), write(database, "Take") as uow:
        passwords.take_password(uow, ids["olga"])
    with write(database, "Off") as uow:
        assert passwords.switch_off(uow) == 2
    assert not passwords.asks(database)


def test_the_first_password_is_that_of_somebody_who_administers(sqlite_url: str) -> None:
    database = app.open_database(sqlite_url)
    with write(database, "People") as uow:
        service.create_user(uow, "Olga", login="olga", role="owner")
        bea = service.create_user(uow, "Bea", login="bea")
    with pytest.raises(UserError, match="must have a password first"), write(database, "On") as uow:
        passwords.give_password(uow, bea, SELLER)
    assert not passwords.asks(database)
    database.close()


def test_who_left_cannot_sign_in(database: Database) -> None:
    app.sign_in(database, login="olga", password=OWNER)
    with write(database, "Leave") as uow:
        service.deactivate_user(uow, by_login(database)["bea"])
    with pytest.raises(WrongPassword):
        passwords.check(database, SELLER, login="bea")


def test_old_parameters_are_replaced_when_somebody_signs_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_hasher", REAL_HASHER)  # the fixture hashed with weak parameters
    table = sa.table("user_secret", sa.column("password_hash"), sa.column("user_id"))
    olga = by_login(database)["olga"]
    assert passwords.check(database, OWNER, login="olga")
    with database.begin() as connection:
        kept = connection.execute(sa.select(table.c.password_hash).where(table.c.user_id == olga)).scalar_one()
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.check(database, OWNER, login="olga")


def test_a_forgotten_password_is_replaced_by_who_has_the_file(database: Database) -> None:
    person = passwords.reset_from_outside(database, "olga", "some other words 9")
    assert person.name == "Olga Rocha"
    assert app.sign_in(database, login="olga", password="some other words 9").name == "Olga Rocha"
    with pytest.raises(UserError, match="no active user"):
        passwords.reset_from_outside(database, "nobody", "some other words 9")


@pytest.mark.parametrize(
    "bad",
    ["", "short 7", "password", "PassWord1", "12345678", "qwertyui", "aaaaaaaaab", "Olga Rocha", "olga@office.example"],
)  # fmt: skip
def test_what_anybody_would_try_first_is_refused(bad: str) -> None:
    about = ("Olga Rocha", "olga", "olga@office.example")
    with pytest.raises(FieldError) as caught:
        refuse_bad(bad, about)
    assert caught.value.field == "password" and (not bad or bad not in str(caught.value))
    assert strength(bad, about).level == 0


def test_the_hint_grows_with_the_password() -> None:
    levels = [strength(text).level for text in ("ok", "summer26", "summer rain 26", OWNER)]
    assert levels == [0, 1, 2, 3]
    assert strength("Olga Rocha 26", ("Olga Rocha",)).level == 1


def test_no_password_is_written_anywhere(database: Database, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Neither the right one nor a wrong one: history, dump, every byte of the files, the log."""
    caplog.set_level(logging.DEBUG)
    new, wrong = "harbour of seven bells", "a wrong guess of hers"
    with pytest.raises(WrongPassword):
        app.sign_in(database, login="bea", password=wrong)
    app.sign_in(database, login="bea", password=SELLER, new_password=new)
    app.sign_in(database, login="olga", password=OWNER)
    with database.read() as connection:
        dump = logical_dump(connection, database.schema, history=True)
        titles = connection.execute(sa.text("SELECT title FROM change_set")).scalars().all()
        tracked = connection.execute(sa.text("SELECT count(*) FROM change WHERE table_name = 'user_secret'")).scalar()
    assert tracked == 0 and "Passwords" not in titles
    written = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    for secret in (OWNER, SELLER, new, wrong):
        assert secret not in dump and secret not in caplog.text and secret.encode() not in written
        assert secret not in secrets.hide(f"before {secret} after")


def test_the_hash_stays_out_of_what_others_read(database: Database, tmp_path: Path) -> None:
    app.sign_in(database, login="olga", password=OWNER)
    target = tmp_path / "all.zip"
    export_office(database, target, "json")
    with zipfile.ZipFile(target) as archive:
        texts = b"".join(archive.read(name) for name in archive.namelist())
    assert b"argon2" not in texts
