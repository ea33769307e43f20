"""Passwords of the people who share a file on one computer.

A file asks who works with it as soon as one active user has a password. Only an Argon2id hash is kept (RFC 9106, the
profile for little memory), in a table without a history. A file is not encrypted: passwords keep colleagues apart who
use the program, not somebody who takes the file to other programs. On a server the server knows the passwords.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.access import LEADING
from crm_desktop.core.errors import RecordGone, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.ids import generator
from crm_desktop.core.secrets import keep_secret
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.security.access import role_scopes
from crm_desktop.security.rules import MORE_THAN_SELF, is_below
from crm_desktop.security.strength import normal, refuse_bad

if TYPE_CHECKING:
    from argon2 import PasswordHasher

FREE_TRIES = 2
LONGEST_WAIT = 60
"""How many wrong tries cost nothing, and the most seconds that one makes people wait."""


class SignInNeeded(UserError):
    """The file asks who works with it, and nobody said so yet."""

    def __init__(self, name: str) -> None:
        super().__init__(N_("{name} asks who works with it. Sign in with your name and your password."), name=name)


class WrongPassword(UserError):
    """The name or the password is not right; it is never said which."""

    def __init__(self) -> None:
        super().__init__(N_("The name or the password is not right."))


class TryLater(UserError):
    """Too many wrong tries; ``seconds`` says how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(N_("Too many wrong tries. Wait {n} seconds and try again."), n=seconds)
        self.seconds = seconds


class MustChange(UserError):
    """The password is right, but somebody else chose it: a new one is needed."""

    def __init__(self) -> None:
        super().__init__(N_("Choose a password of your own; this one was given to you by somebody else."))


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in. ``role_name`` is that of a role the office made, as it is written there."""

    id: int
    name: str
    login: str
    role: str
    hue: int
    must_change: bool = False
    role_name: str = ""


def sign_in_on(connection: sa.Connection) -> bool:
    """Whether a file asks who works with it: an active user has a password."""
    user, secret = _tables()
    statement = sa.select(secret.c.id).join(user, user.c.id == secret.c.user_id).where(user.c.active).limit(1)
    return connection.execute(statement).first() is not None


def asks(database: Database) -> bool:
    """Whether this database is a file that asks who works with it. A backup that is looked at does not."""
    if not database.sqlite or (database.read_only and database.original is None):
        return False
    with database.engine.connect() as connection:
        return sign_in_on(connection)


def people(database: Database) -> list[Person]:
    """The active users who have a password, by name."""
    user, secret = _tables()
    role = Base.metadata.tables["role"]
    statement = (
        sa.select(user, secret.c.must_change, role.c.name.label("role_name"))
        .join(secret, secret.c.user_id == user.c.id).outerjoin(role, role.c.key == user.c.role)
        .where(user.c.active).order_by(sa.func.crm_fold(user.c.name), user.c.id)
    )  # fmt: skip
    with database.engine.connect() as connection:
        rows = connection.execute(statement).all()
    return [
        Person(
            row.id, row.name, row.login, row.role, row.hue or row.id % 8 + 1, bool(row.must_change), row.role_name or ""
        )
        for row in rows
    ]  # fmt: skip


def states(database: Database) -> dict[int, bool]:
    """User id to "must choose a new one", of everybody who has a password of this file."""
    secret = _tables()[1]
    with database.engine.connect() as connection:
        rows = connection.execute(sa.select(secret.c.user_id, secret.c.must_change)).all()
    return {identity: bool(must) for identity, must in rows}


def check(database: Database, password: str, *, user_id: int | None = None, login: str = "") -> Person:
    """Who signs in with this password. It takes about a tenth of a second on purpose.

    Args:
        user_id: the user; or
        login: the name to sign in with, or the whole name, capitals and accents as they come.

    Raises:
        WrongPassword: nobody of that name has this password.
        TryLater: there were too many wrong tries.
    """
    keep_secret(password)
    person = _find(people(database), user_id, login)
    if person is None:
        _verify(_decoy(), password)  # as long as it takes for somebody who is there
        raise WrongPassword
    kept = _count_try(database, person.id)
    if not _verify(kept, password):
        raise WrongPassword
    _remember_success(database, person.id, kept, password)
    return person


def give_password(uow: UnitOfWork, user_id: int, password: str, *, must_change: bool = True) -> None:
    """Give a user a password that they sign in with, in place of the one they had.

    Args:
        must_change: let them choose their own at the next sign-in.

    Raises:
        FieldError: the password is too short or too easy.
        UserError: who writes may not do this, or nobody could administer the file any more.
    """
    give_passwords(uow, {user_id: password}, must_change=frozenset({user_id} if must_change else ()))


def give_passwords(uow: UnitOfWork, given: Mapping[int, str], *, must_change: frozenset[int]) -> None:
    """Give several users passwords at once. Arguments and errors as of :func:`give_password`."""
    for user_id, password in given.items():
        _refuse_without_right(uow, user_id)
        _store(uow.connection, uow.now, user_id, password, user_id in must_change)
    _refuse_without_leader(uow.connection)


def choose_password(uow: UnitOfWork, user_id: int, old: str, new: str) -> None:
    """Let somebody choose their own password.

    Raises:
        WrongPassword, TryLater: the old one is not right.
        FieldError: the new one is too short or too easy, or it is the old one.
    """
    kept = uow.connection.execute(sa.select(_tables()[1].c.password_hash).where(_mine(user_id))).scalar()
    if kept is None or not _verify(str(kept), old):
        raise WrongPassword
    if normal(old) == normal(new):
        raise UserError(N_("This is the password you have. Choose another one."))
    _store(uow.connection, uow.now, user_id, new, False)


def take_password(uow: UnitOfWork, user_id: int) -> None:
    """Take somebody's password away: they cannot sign in to this file until they are given another.

    Raises:
        UserError: who writes may not do this, or nobody could administer the file any more.
    """
    _refuse_without_right(uow, user_id)
    uow.connection.execute(_tables()[1].delete().where(_mine(user_id)))
    _refuse_without_leader(uow.connection)


def switch_off(uow: UnitOfWork) -> int:
    """Take all passwords away: the file opens without a question again. Returns how many there were.

    Raises:
        UserError: who writes is no owner or administrator.
    """
    if not uow.database.access.everything:
        raise UserError(N_("Only an owner or an administrator can do this."))
    return uow.connection.execute(_tables()[1].delete()).rowcount


def reset_from_outside(database: Database, login: str, password: str) -> Person:
    """Give an active user a new password without asking for the old one: for the command line of who has the file.

    The way out of a forgotten password. It is no way in that was not there: who can read the file can read all of it.

    Raises:
        FieldError: the password is too short or too easy.
        UserError: there is no such user.
    """
    keep_secret(password)
    user = _tables()[0]
    with database.begin() as connection:
        rows = connection.execute(sa.select(user).where(user.c.active)).all()
        person = _find([Person(row.id, row.name, row.login, row.role, row.hue or 1) for row in rows], None, login)
        if person is None:
            raise UserError(N_("There is no active user {name} in this database."), name=login)
        _store(connection, clock.now(), person.id, password, False)
        _refuse_without_leader(connection)
    return person


def wait_after(failures: int) -> int:
    """How many seconds to wait after so many wrong tries in a row: 0, 0, 2, 4, 8 … 60."""
    return 0 if failures <= FREE_TRIES else min(LONGEST_WAIT, 2 ** min(failures - FREE_TRIES, 10))


def _tables() -> tuple[sa.Table, sa.Table]:
    return Base.metadata.tables["user_account"], Base.metadata.tables["user_secret"]


def _mine(user_id: int) -> sa.ColumnElement[bool]:
    return _tables()[1].c.user_id == user_id


def _find(known: Sequence[Person], user_id: int | None, login: str) -> Person | None:
    """The one who is meant: by id, by login, or by a name that only one has."""
    if user_id is not None:
        return next((one for one in known if one.id == user_id), None)
    asked = fold(normal(login)).strip()
    by_login = [one for one in known if asked and fold(one.login) == asked]
    by_name = [one for one in known if asked and fold(one.name) == asked]
    found = by_login or by_name
    return found[0] if len(found) == 1 else None


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher, profiles  # lazy: most files have no password

    return PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)


@cache
def _decoy() -> str:
    """The hash of a password that nobody has."""
    return _hasher().hash(secrets.token_hex())


def hash_password(password: str) -> str:
    """The Argon2id hash of a password, with its parameters and its salt, as it is kept."""
    return _hasher().hash(normal(password))


def matches(kept: str, password: str) -> bool:
    """Whether a password has this hash."""
    return _verify(kept, password)


def _verify(kept: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError  # lazy: as above

    try:
        return _hasher().verify(kept, normal(password))
    except (VerificationError, InvalidHashError):
        return False


def _count_try(database: Database, user_id: int) -> str:
    """Count a try before it is made, so that many at once count as many. Returns the hash to compare with.

    Raises:
        TryLater: the last one was too short a time ago.
    """
    secret, now = _tables()[1], clock.now()
    with database.begin_own() as connection:
        row = connection.execute(sa.select(secret).where(_mine(user_id))).one()
        if row.failed_at is not None:
            wait = wait_after(row.failures)
            left = wait - (now - row.failed_at).total_seconds()
            if left > 0:
                raise TryLater(min(int(left) + 1, wait))  # never longer, wherever the clock was then
        values = {"failures": row.failures + 1, "failed_at": now}
        connection.execute(secret.update().where(_mine(user_id)).values(values))
    return str(row.password_hash)


def _remember_success(database: Database, user_id: int, kept: str, password: str) -> None:
    """Begin to count anew; and hash the password again where the program has become stricter since."""
    secret = _tables()[1]
    values: dict[str, object] = {"failures": 0, "failed_at": None}
    if _hasher().check_needs_rehash(kept):
        values["password_hash"] = hash_password(password)
    with database.begin_own() as connection:
        unchanged = _mine(user_id) & (secret.c.password_hash == kept)
        connection.execute(secret.update().where(unchanged).values(values))


def _store(connection: sa.Connection, now: datetime, user_id: int, password: str, must_change: bool) -> None:
    user, secret = _tables()
    keep_secret(password)
    who = connection.execute(sa.select(user.c.name, user.c.login, user.c.email).where(user.c.id == user_id)).first()
    if who is None:
        raise RecordGone("user", user_id)
    refuse_bad(password, [str(word) for word in who if word])
    values = {
        "password_hash": hash_password(password), "must_change": must_change, "changed_at": now, "failures": 0,
        "failed_at": None,
    }  # fmt: skip
    if not connection.execute(secret.update().where(_mine(user_id)).values(values)).rowcount:
        connection.execute(secret.insert().values(values | {"id": generator.next(), "user_id": user_id}))


def _refuse_without_right(uow: UnitOfWork, user_id: int) -> None:
    """Only who manages users gives passwords; those of owners and administrators, only their like."""
    access, user = uow.database.access, _tables()[0]
    if not uow.database.sqlite:
        raise UserError(N_("On a server, the server keeps the passwords."))
    role = uow.connection.execute(sa.select(user.c.role).where(user.c.id == user_id)).scalar()
    if not access.can("users") or (role in LEADING and not access.everything):
        raise UserError(N_("Only an owner or an administrator can do this."))
    if not access.everything and not is_below(access, role_scopes(uow.connection, uow.database.schema, str(role))):
        raise UserError(MORE_THAN_SELF)  # who signs in as somebody else may do no more than before


def _refuse_without_leader(connection: sa.Connection) -> None:
    """Somebody with a password must be able to administer the file, as long as anybody has one."""
    user, secret = _tables()
    statement = sa.select(user.c.role).join(secret, secret.c.user_id == user.c.id).where(user.c.active)
    roles = set(connection.execute(statement).scalars())
    if roles and not roles & set(LEADING):
        raise UserError(N_("An owner or administrator must have a password first. Give yourself one."))
