"""From an address to an open office: who is asked, what is tried, and who is let back in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_desktop import app as core_app
from crm_desktop.core.errors import ReadOnlyFile, SignInRefused, Unreachable
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database, is_server, server_url
from crm_desktop.db.server_address import ServerAddress
from crm_desktop.security import accounts, keyring_store, passwords
from crm_desktop.security.passwords import Person, WrongPassword
from ui.framework import settings
from ui.security.sign_in import Answer, Attempt, Question

_KEPT = 30
"""Of how many files it is remembered who signed in last."""


@dataclass(frozen=True)
class Asking:
    """An open file that asks who works with it."""

    database: Database
    office: str
    people: tuple[Person, ...]


def knock(target: str, progress: Progress | None = None) -> core_app.Opened | Asking:
    """Open a database; where it asks who works with it, nobody is signed in yet. Not on the window's thread.

    Raises:
        SignInRefused, WrongPassword: the server wants another password.
        Unreachable: it does not answer.
        ReadOnlyFile: a file cannot be written, and no ``progress`` says that there is time to read it.
    """
    database = _open(keyring_store.with_known_password(target), progress)
    try:
        if progress is not None:
            progress.check()
        if passwords.asks(database):
            name = str(core_app.office_setting(database, "name", "") or "") or database.name
            return Asking(database, name, tuple(passwords.people(database)))
        return core_app.enter(database)
    except BaseException:
        database.close()
        raise


def _open(target: str, progress: Progress | None) -> Database:
    """Open an office; a file that cannot be written is opened to read, where there is time for it."""
    try:
        return core_app.open_database(target)
    except ReadOnlyFile as error:
        if progress is None:
            raise
        from crm_desktop.reading import open_for_reading  # lazy: hardly ever

        return open_for_reading(Path(target), progress, reason=error.reason)


def asks_again(target: str, error: Exception) -> bool:
    """Whether an error of opening a server is one that the sign-in window can deal with."""
    return is_server(target) and isinstance(error, SignInRefused | WrongPassword | Unreachable)


def file_question(asking: Asking) -> Question:
    """What is asked at a file."""
    last = str(settings.LAST_PERSON.get().get(_path_of(asking.database)) or "")
    return Question(asking.office, asking.people, int(last) if last.isdigit() else None)


def file_attempt(asking: Asking) -> Attempt:
    """How somebody signs in to a file."""

    def attempt(answer: Answer) -> core_app.Opened:
        return core_app.enter(
            asking.database, user_id=answer.user_id, password=answer.password, new_password=answer.new_password
        )

    return attempt


def server_question(target: str, error: Exception) -> Question:
    """What is asked at a server that did not let us in."""
    address = ServerAddress.from_url(target)
    away = isinstance(error, Unreachable)
    refused = bool(keyring_store.read(target)) and not away
    problem = str(error) if away else (_("The password kept on this computer is no longer right.") if refused else "")
    server = _("{database} on {server}").format(database=address.database, server=address.host or "localhost")
    return Question(address.database, login=address.user, server=server, problem=problem, offline=away)


def server_attempt(target: str) -> Attempt:
    """How somebody signs in to a server. A password is kept in the keyring where that is wanted."""

    def attempt(answer: Answer) -> core_app.Opened:
        from crm_desktop.security import server_passwords  # lazy: a file needs no driver of servers

        address = (
            keyring_store.with_password(target, answer.password, user=answer.login)
            if answer.password else keyring_store.with_known_password(target)
        )  # fmt: skip
        server_passwords.knock(address)
        opened = core_app.open_office(address)
        if answer.remember and answer.password:
            keyring_store.save(address, answer.password)
        return opened

    return attempt


def _path_of(database: Database) -> str:
    """The file that people opened, also where a copy of it is read."""
    return str(database.original.path if database.original is not None else database.path)


def remember_person(database: Database, user_id: int | None) -> None:
    """Keep who signed in to a file last on this computer."""
    if database.sqlite and user_id is not None and passwords.asks(database):
        path = _path_of(database)
        known = {key: value for key, value in settings.LAST_PERSON.get().items() if key != path}
        kept = dict(list(known.items())[-_KEPT + 1 :])
        settings.LAST_PERSON.set(kept | {path: str(user_id)})


class Gate:
    """Knows who works in an open office, and lets them back in after a lock; or somebody else."""

    def __init__(self, opened: core_app.Opened, office: str, show: Callable[[core_app.Opened, str], None]) -> None:
        self._database = opened.database
        self._show = show
        self._kept = ""
        self._failures, self._failed_at = 0, 0.0
        self.name, self.hue = opened.actor.name, 0
        self.office = office
        self.user_id: int | None = opened.actor.user_id
        self.server = "" if opened.database.sqlite else opened.database.name
        self.login = "" if opened.database.sqlite else server_url(opened.database.target).username or ""

    def prepare(self) -> bool:
        """Whether there is a password to lock with. Not on the window's thread: a server is asked.

        The one of a server is kept as a hash in memory, so that the lock opens while the server is away.
        """
        if self.user_id is not None:
            me = accounts.account_of(self._database, self.user_id)
            self.name, self.hue = me.name, me.hue
        if self._database.sqlite:
            return passwords.asks(self._database)
        from crm_desktop.security import server_passwords  # lazy: a file needs no driver of servers

        password = server_passwords.password_of(self._database)
        self._kept = passwords.hash_password(password) if password else ""
        return bool(password)

    def people(self) -> Sequence[Person]:
        """Who can sign in to the file; nobody for a server."""
        return passwords.people(self._database) if self._database.sqlite else ()

    def still_asks(self) -> bool:
        """Whether a password is asked at all: of a file its owner may have taken all away meanwhile."""
        return not self._database.sqlite or passwords.asks(self._database)

    def let_back(self, answer: Answer) -> None:
        """Whether this is who works here."""
        if not self.still_asks():
            return  # as everybody else who opens this file now
        if not answer.password:  # what this computer knows of it is no proof of who sits there
            raise WrongPassword
        if self._database.sqlite:
            core_app.sign_in(
                self._database, user_id=answer.user_id, password=answer.password, new_password=answer.new_password
            )
            return
        left = passwords.wait_after(self._failures) - (time.monotonic() - self._failed_at)
        if left > 0:
            raise passwords.TryLater(int(left) + 1)
        self._failures, self._failed_at = self._failures + 1, time.monotonic()
        self._compare(answer.password)
        self._failures = 0

    def _compare(self, password: str) -> None:
        """With the password of now, or with the server, where it was changed meanwhile."""
        if passwords.matches(self._kept, password):
            return
        from crm_desktop.security import server_passwords  # lazy: a file needs no driver of servers

        if not server_passwords.matches(self._database, password):
            raise WrongPassword
        self._kept = passwords.hash_password(password)
        self._database.use_password(password)

    def let_in(self, answer: Answer) -> Any:
        """Open the office for somebody else."""
        if not answer.password:
            raise WrongPassword
        if self._database.sqlite:
            database = _open(_path_of(self._database), Progress())
            try:
                return core_app.enter(
                    database, user_id=answer.user_id, password=answer.password, new_password=answer.new_password
                )
            except BaseException:
                database.close()
                raise
        return server_attempt(self._database.target)(answer)

    def hand_over(self, opened: core_app.Opened) -> None:
        """Show the office that was opened for somebody else."""
        self._show(opened, _path_of(opened.database) if opened.database.sqlite else opened.database.target)
