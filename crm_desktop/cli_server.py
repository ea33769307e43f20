"""The sub-command for office servers: check the way to one, create an office there, move one there, bring one back."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from crm_desktop import features
from crm_desktop.cli_base import command, opened, option, say, say_json, table_lines, working
from crm_desktop.core import formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.secrets import keep_secret
from crm_desktop.db.database import is_server, server_url
from crm_desktop.db.server_address import PINNED, TLS_MODES, VERIFY, ServerAddress, pin
from crm_desktop.moving import Moved, move_office, move_to_file, people_of
from crm_desktop.office_server import Login, Person, create_office, examine, temporary_password
from crm_desktop.security.connecting import Diagnosis, Step, diagnose
from crm_desktop.security.service import free_login

_SIGNS = {"ok": "✓", "warning": "!", "failed": "✗"}


@command("server", N_("An office server: check ADDRESS, create ADDRESS, move ADDRESS, back FILE."))
@click.argument("action", type=click.Choice(["check", "create", "move", "back"]))
@click.argument("where")
@option(
    "--tls",
    type=click.Choice(TLS_MODES),
    default=None,
    help=N_("How the connection is protected; kept on this computer."),
)
@option(
    "--ca-file", default="", help=N_("With --tls verify: the certificate of the server, or of who signed it (PEM).")
)
@option(
    "--accept",
    default="",
    metavar="FINGERPRINT",
    help=N_("With --tls pinned: the certificate with this fingerprint is the right one."),
)
@option("--no-sign-in", is_flag=True, help=N_("check: only the way to the server."))
@option("--admin", default="postgres", show_default=True, help=N_("An administrator's login of the server; used once."))
@option("--owner", default="", help=N_("create: the name of the first owner."))
@option("--login", default="", help=N_("create: their login; made from the name otherwise."))
@option("--office", default="", help=N_("create: what the office is called."))
def server(
    target: str | None, as_json: bool, action: str, where: str, tls: str | None, ca_file: str, accept: str,
    no_sign_in: bool, admin: str, owner: str, login: str, office: str,
) -> int:  # fmt: skip
    """Check, create, move, bring back. Passwords are asked for, or read from standard input, a line each."""
    if action == "back":
        return _back(target, as_json, where)
    if not is_server(where):
        raise click.UsageError(
            _("It is written {form}.").format(form=f"server {action} postgresql://name@host/database")
        )
    address = _address(where, tls, ca_file, accept)
    if action == "check":
        return _check(address, where, as_json, no_sign_in)
    way = diagnose(address, None)
    if not way.ok:
        return _show(way, as_json)
    given = Login(admin, _ask(_("Password of {name}").format(name=admin)))
    if action == "create":
        if not owner.strip():
            raise click.UsageError(_("Say who the first owner is: --owner “Ana Prates”."))
        person = Person(owner.strip(), login or free_login(owner, set()), "")
        person = replace(person, password=_ask(_("Password for {name}").format(name=person.login), confirm=True))
        with working() as progress:
            mine = create_office(address, given, person, office, features.schema(), progress)
        _made(Moved(mine.url(), None, mine), as_json)
        return 0
    return _move(target, as_json, address, given)


def _address(where: str, tls: str | None, ca_file: str, accept: str) -> ServerAddress:
    address = ServerAddress.from_url(where)
    if tls is not None:
        kept = address if address.tls == tls else replace(address, ca_file="", fingerprint="")
        address = replace(kept, tls=tls, ca_file=str(Path(ca_file).absolute()) if ca_file else kept.ca_file)
    if address.tls == VERIFY and not address.ca_file:
        raise click.UsageError(_("Give the certificate's file with --ca-file."))
    if accept and address.tls == PINNED:
        found = diagnose(replace(address, fingerprint=""), None).certificate
        if found is None or found.fingerprint.replace(":", "") != accept.replace(":", "").upper():
            raise UserError(N_("The server's certificate has another fingerprint. Nothing was accepted."))
        address = pin(address, found.pem, found.fingerprint)
    return address


def _check(address: ServerAddress, where: str, as_json: bool, no_sign_in: bool) -> int:
    password = None
    if not no_sign_in:
        password = server_url(where).password or _ask(_("Password of {name}").format(name=address.user))
        keep_secret(str(password))
    listener = None if as_json else _tell
    found = diagnose(address, None if password is None else str(password), features.schema(), listener)
    if found.ok:
        address.keep()
    return _show(found, as_json)


def _tell(step: Step) -> None:
    if step.state in _SIGNS:
        say(f"{_SIGNS[step.state]} {step.title}" + (f": {step.text}" if step.text else ""))


def _show(found: Diagnosis, as_json: bool) -> int:
    if as_json:
        inside: Any = found.found
        say_json({
            "ok": found.ok, "problem": found.problem, "text": found.text, "details": found.details,
            "encrypted": found.encrypted, "version": found.version,
            "fingerprint": found.certificate.fingerprint if found.certificate else "",
            "found": {"state": inside.state, "locked": inside.locked, "user": inside.user, "office": inside.office}
            if inside else None,
            "steps": [{"step": one.key, "state": one.state, "text": one.text} for one in found.steps],
        })  # fmt: skip
    elif not found.ok:
        click.echo(found.text, err=True)
    return 0 if found.ok else 1


def _move(target: str | None, as_json: bool, address: ServerAddress, admin: Login) -> int:
    with opened(target) as database:
        people = sorted(people_of(database, _roles(address, admin)), key=lambda one: one.role != "owner")
        mine = people[0] if people else None
        if mine is None:
            raise UserError(N_("Nobody works in this office. Open it once, so that it has an owner."))
        people[0] = replace(mine, password=_ask(_("Password for {name}").format(name=mine.login), confirm=True))
        people[1:] = [replace(one, password=temporary_password()) for one in people[1:]]
        with working() as progress:
            moved = move_office(database, address, admin, people, progress)
    rows = [[one.name, one.login, one.password] for one in people[1:]]
    if as_json:
        _made(moved, True, [dict(zip(("name", "login", "password"), row, strict=True)) for row in rows])
        return 0
    _made(moved, False)
    if rows:
        say()
        for line in table_lines([_("Name"), _("Login"), _("First password")], rows):
            say(line)
    return 0


def _roles(address: ServerAddress, admin: Login) -> frozenset[str]:
    return examine(address, admin).roles


def _back(target: str | None, as_json: bool, where: str) -> int:
    if target is None or not is_server(target):
        raise click.UsageError(
            _("It is written {form}.").format(form="server back FILE --database postgresql://name@host/database")
        )
    with opened(target) as database, working() as progress:
        moved = move_to_file(database, Path(where), progress)
    _made(moved, as_json)
    return 0


def _made(moved: Moved, as_json: bool, people: Any = ()) -> None:
    verified = moved.verified
    if as_json:
        facts = {} if verified is None else {
            "tables": verified.tables, "rows": verified.rows, "files": verified.files, "reports": verified.reports
        }  # fmt: skip
        say_json({"target": moved.target, **facts, **({"people": list(people)} if people else {})})
        return
    say(_("The office is in {place}.").format(place=moved.target))
    if verified is not None:
        words = _("Compared and equal on both sides: {rows} rows in {tables} tables, {files} files, {reports} reports.")
        say(words.format(
            rows=formats.format_integer(verified.rows), tables=verified.tables, files=verified.files, reports=verified.reports
        ))  # fmt: skip


def _ask(words: str, *, confirm: bool = False) -> str:
    """A password: typed at a terminal, else the next line of standard input."""
    if sys.stdin is not None and sys.stdin.isatty():
        password = str(click.prompt(words, hide_input=True, confirmation_prompt=confirm, err=True))
    else:
        password = sys.stdin.readline().rstrip("\r\n") if sys.stdin is not None else ""
    if not password:
        raise UserError(N_("A password is missing. They are read from standard input, a line each."))
    keep_secret(password)
    return password
