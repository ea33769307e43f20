"""Upgrades of a database and the way back: a proven copy from before, kept in mind, and put back for the older program."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock, paths
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.core.secrets import keep_secret
from crm_desktop.core.version import VERSION
from crm_desktop.db import migrate
from crm_desktop.db.alone import InUse, alone
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import instant_text, parse_instant

_KEPT = 30

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upgrade:
    """A database that this computer brought to a newer schema.

    Attributes:
        database: what tells it from others (``Database.place``).
        copy: the path of the backup from before.
        before, after: the revisions.
        at: when.
        program: the version of the program that did it.
        told: whether the window has said so.
        made: what is known of the copy just after it was made; not kept.
    """

    database: str
    copy: str
    before: str
    after: str
    at: datetime
    program: str
    told: bool = False
    made: Any = field(default=None, compare=False, repr=False)

    @property
    def exists(self) -> bool:
        """Whether the copy is where it was written."""
        return Path(self.copy).is_file()


@dataclass(frozen=True)
class WentBack:
    """A file that is as before its upgrade again, and where the upgraded one is kept."""

    file: Path
    kept: Path


def copy_before(database: Database) -> Upgrade:
    """Make a proven copy of a database that is about to be upgraded. Returns what :func:`keep` keeps in mind.

    It goes beside a file, or to this person's folder of backups. Where that folder takes nothing, nothing is upgraded.
    It is protected as the office's backups are; where this computer does not know their password, the log says that it
    is not, for nobody is to be locked out of the office by that.
    """
    from crm_desktop.backup import protection  # lazy: only before a migration
    from crm_desktop.backup.making import make_backup  # lazy: as above

    with database.read_all() as connection:
        before = migrate.revision(connection) or ""
    folder = database.path.parent / "backups" if database.path is not None else paths.backups_folder()
    password = protection.password_of_copy(database)
    if password is None and protection.protection_of_copy(database) == protection.UNKNOWN:
        _log.warning("The copy before the upgrade is not protected: the password of the backups is not known here.")
    made = make_backup(database, folder, password=password, automatic=True, kind="migration", anew=True)
    return Upgrade(database.place, made.path, before, migrate.head(database.schema), clock.now(), VERSION, made=made)


def keep(upgrade: Upgrade) -> None:
    """Keep an upgrade in mind, so that the window can say it and offer the way back.

    Raises:
        UserError: this person's folder takes nothing.
    """
    rows = [one for one in _read() if one.copy != upgrade.copy]
    _write([*rows[-_KEPT + 1 :], upgrade])


def drop(upgrade: Upgrade) -> None:
    """Keep an upgrade in mind no longer."""
    _write([one for one in _read() if one.copy != upgrade.copy])


def last_upgrade(database: Database) -> Upgrade | None:
    """The last upgrade of a database on this computer, as long as the copy from before is there."""
    found = [one for one in _read() if one.database == database.place]
    newest = max(found, key=lambda one: one.at, default=None)
    return newest if newest is not None and newest.exists else None


def copy_for(place: str, schema: Schema) -> Upgrade | None:
    """The copy from before an upgrade that this program, an older one, can put back; None where this computer has none.

    Args:
        place: what tells the database from others (``Database.place``).
    """
    found = [one for one in _read() if one.database == place and one.before == migrate.head(schema) and one.exists]
    return max(found, key=lambda one: one.at, default=None)


def told(upgrade: Upgrade) -> None:
    """The window has said it; it need not again."""
    keep(replace(upgrade, told=True))


def changes_since(connection: sa.Connection, upgrade: Upgrade) -> int:
    """How many changes were made after an upgrade; the copy from before does not have them."""
    sets = Base.metadata.tables["change_set"]
    statement = sa.select(sa.func.count()).where(sets.c.at > upgrade.at, sets.c.kind != "system")
    return int(connection.execute(statement).scalar_one())


def opens_with(upgrade: Upgrade, password: str) -> bool:
    """Whether a password opens the copy from before an upgrade; any does where the copy is not protected.

    Raises:
        UserError: the copy cannot be used.
    """
    from crm_desktop.backup import container, faults  # lazy: compression and encryption

    keep_secret(password)
    try:
        container.try_password(Path(upgrade.copy), password)
    except faults.BackupFault as error:
        if error.kind == faults.PASSWORD:
            return False
        raise
    return True


def needs_password(upgrade: Upgrade) -> bool:
    """Whether somebody has to give the password of the copy: it is protected, and this computer knows none that opens it.

    Of a copy that cannot be used, going back says what is wrong with it.
    """
    try:
        return not opens_with(upgrade, known_password(upgrade) or "")
    except UserError:
        return False


def known_password(upgrade: Upgrade) -> str | None:
    """The password of the office's backups as far as this computer knows it; the office need not be open."""
    from crm_desktop.backup import passwords  # lazy: only around an upgrade

    return passwords.known_at(upgrade.database) or None


def go_back(path: Path, upgrade: Upgrade, *, password: str | None = None, progress: Progress | None = None) -> WentBack:
    """Put the file from before an upgrade back, for the older program. The upgraded one is kept beside it.

    The office must be closed here. A step that fails leaves the present file where and as it is.

    Args:
        password: of the copy; else the one that this computer knows.

    Raises:
        UserError: somebody else has the file open, the copy is damaged, its password is wrong, or there is no space.
    """
    from crm_desktop.backup.container import extract  # lazy: compression and encryption
    from crm_desktop.backup.disk import disk_errors  # lazy: as above

    progress = progress or Progress()
    partial, copy = path.with_name(path.name + ".going-back"), path.with_name(path.name + ".going-back-kept")
    with disk_errors(path.parent):
        try:
            extract(Path(upgrade.copy), partial, password or known_password(upgrade), progress)
            _refuse_unfit(partial, upgrade)
            _let_go(path)
            kept = _free(path)
            # never a second name of the same file, not for a moment: two programs on one file under two names damage it
            shutil.copy2(path, copy)
            for one in (partial, copy):
                _flush(one)
            os.replace(copy, kept)
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
            copy.unlink(missing_ok=True)
    with suppress(UserError):  # the office is back all the same
        drop(upgrade)
    return WentBack(path, kept)


def _refuse_unfit(partial: Path, upgrade: Upgrade) -> None:
    """Refuse a copy that is not whole, or not of the time before the upgrade."""
    with closing(sqlite3.connect(partial)) as connection:
        whole = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if not whole or revision is None or revision[0] != upgrade.before:
        raise UserError(
            N_("{name} is not the copy from before the upgrade. Nothing was changed."), name=Path(upgrade.copy).name
        )


def _let_go(path: Path) -> None:
    """Leave the present file without a log beside it, which takes that nobody else has it open."""
    try:
        with alone(path):
            pass
    except InUse as error:
        raise UserError(
            N_("{name} is open in another window or on another computer. Close it there first. Nothing was changed."),
            name=path.name,
        ) from error


def _flush(path: Path) -> None:
    """Wait until the disk has a file."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _free(path: Path) -> Path:
    """A name beside the file for the upgraded one."""
    stem = f"{path.stem} {clock.today().isoformat()}"
    target, number = path.with_name(f"{stem}{path.suffix}"), 2
    while target.exists():
        target, number = path.with_name(f"{stem} ({number}){path.suffix}"), number + 1
    return target


def _file() -> Path:
    return paths.data_folder() / "upgrades.json"


def _read() -> list[Upgrade]:
    """Those that are kept in mind; what another version of the program writes besides is passed over."""
    rows: Any = []
    with suppress(OSError, ValueError):
        rows = json.loads(_file().read_text(encoding="utf-8"))
    names, result = {one.name for one in fields(Upgrade)}, []
    for row in rows if isinstance(rows, list) else ():
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            known = {name: value for name, value in row.items() if name in names}
            result.append(Upgrade(**(known | {"at": parse_instant(row["at"])})))
    return result


def _write(rows: list[Upgrade]) -> None:
    from crm_desktop.backup.disk import disk_errors  # lazy: only around a migration

    target = _file()
    temporary = target.with_suffix(".tmp")
    plain = [asdict(replace(one, made=None)) | {"at": instant_text(one.at)} for one in rows]
    for row in plain:
        del row["made"]
    with disk_errors(target.parent):
        temporary.write_text(json.dumps(plain, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(temporary, target)
