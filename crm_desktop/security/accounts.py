"""One's own account: what may be changed of it, and the password, in a file as on a server."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from crm_desktop.core.errors import RecordGone, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.secrets import keep_secret
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.records import service
from crm_desktop.security import keyring_store, passwords
from crm_desktop.security.defaults import ROLES
from crm_desktop.security.passwords import WrongPassword
from crm_desktop.security.strength import refuse_bad


class OldPasswordWrong(UserError):
    """The password of now, which is asked before a new one, is not right."""

    def __init__(self) -> None:
        super().__init__(N_("This is not your password of now."))


@dataclass(frozen=True)
class Account:
    """What somebody sees of themselves.

    Attributes:
        role: the name of the role as a source text; ``role_name`` where the office made it.
        may_edit: whether they may change name, e-mail, phone and colour.
        has_password: whether they sign in with one.
        may_give_passwords: whether they may give those of a file to others.
        server: whether it is one on a server.
        kept: whether this computer's keyring knows the password.
    """

    id: int
    name: str
    login: str
    email: str
    phone: str
    hue: int
    role: str
    role_name: str = ""
    may_edit: bool = True
    has_password: bool = False
    may_give_passwords: bool = False
    server: bool = False
    kept: bool = False


def account_of(database: Database, user_id: int | None) -> Account:
    """The account of who is signed in. Not on the window's thread: the keyring may ask.

    Raises:
        RecordGone: the user was deleted.
    """
    user, role = Base.metadata.tables["user_account"], Base.metadata.tables["role"]
    statement = sa.select(user, role.c.name.label("role_name")).outerjoin(role, role.c.key == user.c.role)
    with database.read() as connection:
        row = connection.execute(statement.where(user.c.id == user_id)).first()
    if row is None or user_id is None:
        raise RecordGone("user", user_id or 0)
    access = database.access
    has = not database.sqlite or user_id in passwords.states(database)
    return Account(
        row.id, row.name, row.login, row.email or "", row.phone or "", row.hue or row.id % 8 + 1,
        next((one.label for one in ROLES if one.key == row.role), row.role), row.role_name or "",
        not database.locked or access.can("users"), has, database.sqlite and access.everything,
        not database.sqlite, not database.sqlite and bool(keyring_store.read(database.target)),
    )  # fmt: skip


def update_own(uow: UnitOfWork, account: Account) -> None:
    """Change one's own name, e-mail, phone and colour; nothing else, and of nobody else.

    Raises:
        ValidationFailed: a value does not fit.
        UserError: it is somebody else's account.
    """
    if account.id != uow.actor.user_id:
        raise UserError(N_("This is not your own account."))
    values = {"name": account.name.strip(), "email": account.email, "phone": account.phone, "hue": account.hue}
    with uow.unasked():
        service.update_record(uow, "user", account.id, values)


def give_password(uow: UnitOfWork, user_id: int, password: str, *, must_change: bool = True) -> None:
    """Give somebody else a password, in a file that asks for one or on a server where people are logins.

    Args:
        must_change: let them choose their own at the next sign-in; of files only.

    Raises:
        FieldError: the password is too short or too easy.
        UserError: who writes may not do this.
    """
    if uow.database.sqlite:
        passwords.give_password(uow, user_id, password, must_change=must_change)
        return
    from crm_desktop.security.postgres.passwords import set_password  # lazy: a file needs no driver of servers

    user = Base.metadata.tables["user_account"]
    row = uow.connection.execute(sa.select(user.c.login, user.c.name, user.c.email).where(user.c.id == user_id)).first()
    if row is None:
        raise RecordGone("user", user_id)
    if not uow.database.locked:
        raise UserError(N_("In this office the server's administrator gives passwords, on the server itself."))
    keep_secret(password)
    refuse_bad(password, [str(word) for word in row if word])
    set_password(uow.connection, row.login, password)


def choose_password(database: Database, actor: Actor, old: str, new: str) -> None:
    """Change one's own password.

    Raises:
        OldPasswordWrong: the old one is not right.
        FieldError: the new one is too short or too easy.
        UserError: it is the old one, or the server does not allow it.
    """
    try:
        if not database.sqlite:
            from crm_desktop.security import server_passwords  # lazy: a file needs no driver of servers

            server_passwords.choose_password(database, old, new)
        elif actor.user_id is not None:
            passwords.check(database, old, user_id=actor.user_id)  # counts wrong tries
            with write(database, N_("Choose a password"), actor=actor, kind="system") as uow:
                passwords.choose_password(uow, actor.user_id, old, new)
    except WrongPassword:
        raise OldPasswordWrong from None
