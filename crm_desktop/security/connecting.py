"""Trying a server step by step, and saying in one plain sentence what is wrong and what to do."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.db import handshake, migrate
from crm_desktop.db.handshake import Certificate, NotPostgres, Refusal
from crm_desktop.db.schema import Schema
from crm_desktop.db.server_address import PINNED, PREFER, VERIFY, ServerAddress, connect_args, pinned_file
from crm_desktop.security.problems import CHANGED, FIRST_SEEN, NOT_PINNABLE, of_certificate, of_network, of_refusal

OLDEST = 14
"""The oldest version of PostgreSQL that the program works with."""
WAY = ("name", "reach", "speaks", "tls")
"""The steps to a server; what needs no sign-in."""
STEPS = (*WAY, "sign_in", "version", "encoding", "office")
TITLES = {
    "name": N_("Find the server"),
    "reach": N_("Reach it"),
    "speaks": N_("PostgreSQL answers"),
    "tls": N_("Encryption"),
    "sign_in": N_("Sign in"),
    "version": N_("Version of the server"),
    "encoding": N_("Letters of every language"),
    "office": N_("The office in it"),
}


class Problem(Exception):
    """Why a step failed: a key for the program, and one sentence that says what to do."""

    def __init__(self, key: str, sentence: str, /, details: str = "", **params: Any) -> None:
        super().__init__(key)
        self.key = key
        self.text = translate(sentence).format(**params)
        self.details = details


@dataclass(frozen=True)
class Step:
    """One step: its key, "waiting", "running", "ok", "warning" or "failed", and what there is to say about it."""

    key: str
    state: str = "waiting"
    text: str = ""

    @property
    def title(self) -> str:
        """What the step is called."""
        return translate(TITLES[self.key])


@dataclass(frozen=True)
class Found:
    """What is in a database.

    Attributes:
        state: "office", "empty", "older", "newer" or "foreign".
        locked: whether the server itself enforces the rights of people.
        may_migrate: whether who signed in may bring an older one up to date; ``migrators`` names who may otherwise.
        user: the name of who signed in among the people of the office; empty where they are not.
        office: what it calls itself.
    """

    state: str = ""
    locked: bool = False
    may_migrate: bool = False
    migrators: str = ""
    user: str = ""
    office: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """What a trial of a server showed.

    Attributes:
        problem: what stopped it, as a key; empty where nothing did.
        text: the sentence for it, or for what was found.
        details: what the server or the system said, for an administrator.
        certificate: what the server showed, where it encrypts.
        encrypted: whether the connection is.
        version: the server's version, e.g. "16.4".
        found: what is in the database; None where nobody signed in.
    """

    address: ServerAddress
    steps: tuple[Step, ...] = ()
    problem: str = ""
    text: str = ""
    details: str = ""
    certificate: Certificate | None = None
    encrypted: bool = False
    version: str = ""
    found: Found | None = None

    @property
    def ok(self) -> bool:
        """Whether every step that was tried succeeded."""
        return not self.problem

    def step(self, key: str) -> Step:
        """A step by its key."""
        return next(one for one in self.steps if one.key == key)


OnStep = Callable[[Step], None]


@dataclass
class _Trial:
    """What is known so far."""

    address: ServerAddress
    listener: OnStep
    steps: dict[str, Step]
    certificate: Certificate | None = None
    encrypted: bool = False
    version: str = ""
    found: Found | None = None
    notes: dict[str, str] = field(default_factory=dict)

    def tell(self, key: str, state: str, text: str = "") -> None:
        self.steps[key] = Step(key, state, text)
        self.listener(self.steps[key])

    def outcome(self, problem: Problem | None = None) -> Diagnosis:
        said = {"problem": problem.key, "text": problem.text, "details": problem.details} if problem else {}
        return Diagnosis(
            self.address, tuple(self.steps.values()), certificate=self.certificate, encrypted=self.encrypted,
            version=self.version, found=self.found, **said,
        )  # fmt: skip


def diagnose(
    address: ServerAddress, password: str | None, schema: Schema | None = None, listener: OnStep | None = None
) -> Diagnosis:
    """Try a server, one step after the other, up to the first that fails.

    Args:
        password: None to try only the way to the server, without signing in.
        schema: the record types, to say what is in the database; without it that step is left out.
        listener: called with every step when it begins and when it is over, on the thread of the caller.
    """
    keys = WAY if password is None else STEPS if schema is not None else STEPS[:-1]
    trial = _Trial(address, listener or (lambda _step: None), {key: Step(key) for key in keys})
    works: dict[str, Callable[[_Trial], str]] = {
        "name": _find, "reach": _reach, "speaks": _speak, "tls": _encrypt,
    }  # fmt: skip
    try:
        for key in WAY:
            _try(trial, key, works[key])
        if password is not None:
            with closing(_try_sign_in(trial, password)) as connection:
                _try(trial, "version", lambda one: _version(one, connection))
                _try(trial, "encoding", lambda one: _encoding(one, connection))
                if schema is not None:
                    _try(trial, "office", lambda one: _office(one, connection, schema))
    except Problem as problem:
        return trial.outcome(problem)
    return trial.outcome()


def _try(trial: _Trial, key: str, work: Callable[[_Trial], str]) -> None:
    trial.tell(key, "running")
    try:
        text = work(trial)
    except Problem as problem:
        trial.tell(key, "failed", problem.text)
        raise
    trial.tell(key, "warning" if key in trial.notes else "ok", trial.notes.get(key, text))


def _find(trial: _Trial) -> str:
    address = trial.address
    try:
        found = handshake.resolve(address)
    except (OSError, UnicodeError) as error:
        raise Problem(*of_network("name", error), host=address.host, port=address.port) from error
    return "" if found[0][1] == address.host else found[0][1]


def _reach(trial: _Trial) -> str:
    address = trial.address
    try:
        handshake.connect(address).close()
    except OSError as error:
        raise Problem(*of_network("reach", error), host=address.host, port=address.port) from error
    return _("port {port}").format(port=address.port)


def _speak(trial: _Trial) -> str:
    address = trial.address
    if address.host.startswith("/"):
        return ""
    try:
        trial.certificate = handshake.fetch_certificate(address)
    except NotPostgres as answer:
        raise Problem(*of_network("speaks", answer), host=address.host, port=address.port) from answer
    except OSError as error:  # it said it encrypts and then did not
        raise Problem(
            "tls_broken", N_("The server at {host} says that it encrypts, but no encryption came about. Its administrator finds the reason in the server's log."),
            details=str(error), host=address.host,
        ) from error  # fmt: skip
    return ""


def _encrypt(trial: _Trial) -> str:
    address, shown = trial.address, trial.certificate
    if address.tls in (VERIFY, PINNED):
        if shown is None:
            raise Problem(
                "tls_refused", N_("The server does not encrypt. Ask its administrator to switch encryption on (ssl = on), or choose another kind of connection."),
            )  # fmt: skip
        if address.tls == PINNED:
            _compare_pinned(address, shown)
        _check_chain(address, shown)
        trial.encrypted = True
        return (
            _("The certificate is the right one.")
            if address.tls == VERIFY
            else _("The certificate is the one of the first connection.")
        )
    trial.encrypted = shown is not None and address.tls == PREFER
    if not address.local and not trial.encrypted:
        trial.notes["tls"] = _("Not encrypted: whoever is on the same network can read along.")
    elif not address.local:
        trial.notes["tls"] = _("Encrypted, but nobody checks whether it is the right server.")
    return _("Encrypted.") if trial.encrypted else _("Not encrypted; nothing leaves this computer.")


def _compare_pinned(address: ServerAddress, shown: Certificate) -> None:
    if not shown.self_signed:
        raise Problem(
            "tls_not_pinnable", NOT_PINNABLE,
            choice=_("Always encrypted, and the server's certificate is checked"),
        )  # fmt: skip
    if not address.fingerprint or not pinned_file(address.place).exists():
        raise Problem(
            "tls_first", FIRST_SEEN,
            fingerprint=shown.fingerprint,
        )  # fmt: skip
    if shown.fingerprint != address.fingerprint:
        raise Problem(
            "tls_changed", CHANGED,
            now=shown.fingerprint, before=address.fingerprint,
        )  # fmt: skip


def _check_chain(address: ServerAddress, shown: Certificate) -> None:
    try:
        context = handshake.checked(address)
    except (OSError, ssl.SSLError) as error:
        raise Problem(
            "ca_file", N_("The certificate file {file} cannot be read, or holds no certificate. Choose the file that the administrator gave you (PEM)."),
            details=str(error), file=address.ca_file or str(pinned_file(address.place)),
        ) from error  # fmt: skip
    try:
        with closing(handshake.connect(address)) as plain:
            handshake.offers_tls(plain)
            context.wrap_socket(plain, server_hostname=address.host).close()
    except ssl.SSLCertVerificationError as error:
        known = {"subject": shown.subject, "names": ", ".join(shown.names), "host": address.host}
        raise Problem(*of_certificate(error.verify_code), details=str(error), **known) from error
    except (OSError, NotPostgres) as error:
        raise Problem(*of_network("reach", error), host=address.host, port=address.port) from error


def _try_sign_in(trial: _Trial, password: str) -> psycopg.Connection[Any]:
    trial.tell("sign_in", "running")
    address = trial.address
    try:
        connection = open_connection(address, password)
    except Problem as problem:
        trial.tell("sign_in", "failed", problem.text)
        raise
    trial.encrypted = bool(connection.pgconn.ssl_in_use)
    trial.tell("sign_in", "ok", _("as {user}").format(user=address.user))
    return connection


def open_connection(address: ServerAddress, password: str, *, autocommit: bool = True) -> psycopg.Connection[Any]:
    """A plain connection, with the encryption chosen for the address.

    Raises:
        Problem: why the server lets nobody in.
    """
    # what is kept for this database may still be another choice than the one that is tried
    args = connect_args("postgresql://?sslmode=tried") | address.security()
    try:
        return psycopg.connect(
            host=address.host, port=address.port, dbname=address.database, user=address.user, password=password or None,
            autocommit=autocommit, **args,
        )  # fmt: skip
    except psycopg.Error as error:
        raise _why(address, password, error) from None


def _why(address: ServerAddress, password: str, error: psycopg.Error) -> Problem:
    try:
        refusal = handshake.ask_why(address, password)
    except (OSError, NotPostgres, KeyError, ValueError):
        refusal = None
    said = str(error)
    key, sentence = of_refusal(refusal or Refusal("", ""), said)
    details = f"{refusal.text if refusal else ''}\n{said}".strip()
    return Problem(
        key, sentence, details=details, host=address.host, port=address.port, database=address.database,
        user=address.user, names=_("see the details"),
    )  # fmt: skip


def _version(trial: _Trial, connection: psycopg.Connection[Any]) -> str:
    number = connection.info.server_version
    trial.version = str(connection.info.parameter_status("server_version") or number).split()[0]
    if number < OLDEST * 10_000:
        raise Problem(
            "version_old", N_("The server has PostgreSQL {version}. This program needs {oldest} or newer: have the server updated."),
            version=trial.version, oldest=OLDEST,
        )  # fmt: skip
    row = connection.execute("SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')").fetchone()
    if row and (row[0] or row[1] == "on"):
        raise Problem(
            "read_only", N_("This server is a standby: it only copies another one and takes no changes. Ask for the address of the main server."),
        )  # fmt: skip
    return f"PostgreSQL {trial.version}"


def _encoding(trial: _Trial, connection: psycopg.Connection[Any]) -> str:
    encoding = connection.info.parameter_status("server_encoding") or ""
    if encoding != "UTF8":
        raise Problem(
            "encoding", N_("The database {database} was made with the encoding {encoding} and cannot hold all letters. Have a new one made with UTF8."),
            database=trial.address.database, encoding=encoding,
        )  # fmt: skip
    return encoding


def _office(trial: _Trial, connection: psycopg.Connection[Any], schema: Schema) -> str:
    database = trial.address.database
    try:
        trial.found = look(connection, schema)
    except psycopg.errors.InsufficientPrivilege as error:
        raise Problem(
            "no_rights", N_("{user} may connect, but may not read the office in {database}. Ask its administrator to add you to the people of the office."),
            details=str(error), user=trial.address.user, database=database,
        ) from error  # fmt: skip
    found = trial.found
    if found.state == "foreign":
        raise Problem(
            "foreign", N_("{database} holds the tables of another program. Choose another database, or an empty one."),
            database=database,
        )  # fmt: skip
    if found.state == "newer":
        raise Problem(
            "newer", N_("The office was made by a newer version of this program. Install that version on this computer; nothing was changed."),
        )  # fmt: skip
    if found.state == "older" and not found.may_migrate:
        raise Problem(
            "older", N_("The office is still of an older version. {who} can bring it up to date by opening it with this one; until then use the version of before."),
            who=found.migrators,
        )  # fmt: skip
    if found.state == "empty":
        trial.notes["office"] = _("The database is empty. You can create the office in it.")
    elif found.state == "older":
        trial.notes["office"] = _("The office is of an older version; opening it brings it up to date, after a backup.")
    return found.office or database


def look(connection: psycopg.Connection[Any], schema: Schema) -> Found:
    """What is in the database of a connection."""
    names = {
        str(row[0])
        for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
    }
    if "alembic_version" not in names:
        others = names - {"spatial_ref_sys"}
        return Found("foreign" if others else "empty")
    standing = migrate.standing(_one(connection, "SELECT version_num FROM alembic_version"), schema)
    owner = str(
        _one(
            connection,
            "SELECT tableowner FROM pg_tables WHERE tablename = 'alembic_version' AND schemaname = current_schema()",
        )
    )
    found = Found(
        "office" if standing == "current" else standing,
        locked=bool(_one(connection, "SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass('contact')")),
        may_migrate=bool(_one(connection, "SELECT pg_has_role(session_user, %s, 'MEMBER')", owner)),
        migrators=owner,
    )
    if standing == "older":
        with suppress(psycopg.Error):  # who may not even see the people hears the name of the role
            leaders = "SELECT string_agg(name, ', ' ORDER BY name) FROM user_account WHERE role = 'owner' AND active"
            found = replace(found, migrators=str(_one(connection, leaders) or owner))
    if standing != "current":
        return found
    name = _one(connection, "SELECT name FROM user_account WHERE login = session_user AND active")
    office = _one(connection, "SELECT value #>> '{}' FROM office_setting WHERE key = 'name'")
    return replace(found, user=str(name or ""), office=str(office or ""))


def _one(connection: psycopg.Connection[Any], query: str, *values: Any) -> Any:
    row = connection.execute(query, values or None).fetchone()
    return row[0] if row else None


def as_error(diagnosis: Diagnosis) -> UserError:
    """A diagnosis that failed, as an error to show."""
    return UserError(N_("{sentence}"), details=diagnosis.details, sentence=diagnosis.text)
