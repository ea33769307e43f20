"""Where programs are killed: offices of every state, made once and copied for each that needs a fresh one."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from crm_desktop import app, features
from crm_desktop.backup.making import make_backup
from crm_desktop.core import clock
from crm_desktop.db import migrate, triggers
from crm_desktop.db.database import Database
from crm_desktop.db.dump import lines
from crm_desktop.db.journal import change, change_set
from crm_desktop.db.unit_of_work import write
from crm_desktop.demo.make import make_demo
from crm_desktop.doctor import check
from crm_desktop.records import attach_service, service
from crm_desktop.records.files_service import attach_bytes
from crm_desktop.security import service as people
from tests.helpers import old_offices
from tests.helpers.locked import PASSWORD, locked
from tests.helpers.postgres import PostgresServer
from tests.helpers.torture_work import ANA, state_of

TEMPLATES = {"compaction": "aged", "repair": "broken", "restore": "changed", "bring": "changed"}
"""The state of the office for a kind of work; "now" for the others, an older program's for upgrades."""
UPGRADES = ("migration", "back")
OFTEN = frozenset({"save", "bulk", "import", "merge", "undo", "backup", "bring", "archive", "space", "rights", "crowd"})
"""Kinds that leave the office as it was, so that one serves for several kills."""
_RENEW = 12


@dataclass(frozen=True)
class Template:
    """An office to copy.

    Attributes:
        target: the path or name of its database.
        state: what was in it, as a hash; ``bare`` as lines without settings, ``entries`` its history.
        backup: the path of a backup from before its last edits.
        ill: names of checks that find something in it.
    """

    target: str
    state: str
    backup: str = ""
    bare: tuple[str, ...] = ()
    entries: Mapping[int, bool] = field(default_factory=dict)
    ill: frozenset[str] = frozenset()


@dataclass
class Place:
    """Where one kind of work happens: its database and its folder."""

    engine: str
    root: Path
    server: PostgresServer | None
    kind: str
    templates: dict[str, Template] = field(default_factory=dict)
    target: str = ""
    folder: Path = Path()
    template: Template = field(default_factory=lambda: Template("", ""))
    state: str = ""
    _age: int = 0

    def prepare(self, chance: random.Random) -> None:
        """Get ready for the next kill, with a fresh office where that is due."""
        if self._age == 0 or self.kind not in OFTEN or self._age >= _RENEW:
            self._renew(chance)
            self._age = 0
        self._age += 1
        (self.folder / "journal").unlink(missing_ok=True)

    def forget(self) -> None:
        """Begin with a fresh office next time."""
        self._age = 0

    def close(self) -> None:
        """Let folder and database go."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.server is not None and self.target:
            self.server.drop_database(self.target.rsplit("/", 1)[1])

    def _renew(self, chance: random.Random) -> None:
        if self.folder != Path():
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder = self.root / uuid.uuid4().hex[:8]
        (self.folder / "tmp").mkdir(parents=True)
        name = chance.choice(old_offices.REVISIONS) if self.kind in UPGRADES else TEMPLATES.get(self.kind, "now")
        if name not in self.templates:
            self.templates[name] = self._make(name)
        self.template = self.templates[name]
        self.state = self.template.state
        if self.server is None:
            self.target = str(self.folder / "office.crm")
            shutil.copyfile(self.template.target, self.target)
            return
        if self.target:
            self.server.drop_database(self.target.rsplit("/", 1)[1])
        fresh = f"torture_{uuid.uuid4().hex[:8]}"
        self.server.create_database(fresh, self.template.target)
        # a sequence of a copied database is not in the server's log before its next checkpoint: a crash would turn it back
        self.server.execute("CHECKPOINT")
        self.target = self.server.url(fresh)
        if self.kind == "rights":
            self._lock(fresh)

    def _lock(self, name: str) -> None:
        """Let the server itself enforce the rights, and be its owner: roles are of one database, so none is copied."""
        assert self.server is not None
        database = Database(self.target, features.schema())
        with write(database, "Logins", actor=ANA) as uow:  # they are the server's, and other offices may have them
            for row in uow.connection.exec_driver_sql("SELECT id, login FROM user_account").all():
                people.update_user(uow, row.id, login=f"{row.login}.{name[-4:]}")
        database.close()
        with self.as_next_start(self.root / "making"), locked(self.server, self.target, features.schema()) as office:
            self.state = state_of(office.root)
            self.target = self.server.url(name, office.logins["owner"], PASSWORD)

    def _make(self, name: str) -> Template:
        label = f"template_{name}_{uuid.uuid4().hex[:6]}"
        target = str(self.root / f"{label}.crm")
        if self.server is not None:
            self.server.create_database(label)
            target = self.server.url(label)
        with self.as_next_start(self.root / "making"):
            if name in old_offices.REVISIONS:
                old_offices.build(target, name)
                made = Template(target, old_offices.raw_state(target))
            else:
                made = self._make_office(target, name)
        if self.server is None:
            settle(target)
            return made
        return replace(made, target=label)

    def _make_office(self, target: str, name: str) -> Template:
        database = Database(target, features.schema())
        try:
            migrate.migrate(database)
            make_demo(database, 40)
            app.enter(database)
            backup = ""
            if name == "aged":
                let_years_pass(database)
            elif name == "changed":
                backup = make_backup(database, self.root / "making" / "kept").path
                change_much(database)
            elif name == "broken":
                break_much(database)
            ill = frozenset(one.check for one in check(database, full=True) if not one.ok)
            return Template(target, state_of(database), backup, bare(database), entries(database), ill)
        finally:
            clock.set_clock(None)
            database.close()

    @contextlib.contextmanager
    def as_next_start(self, folder: Path | None = None) -> Iterator[None]:
        """Be the program that is started after the kill, on the same computer."""
        kept = {name: os.environ.get(name) for name in ("CRM_DATA", "TMPDIR")}
        chosen = folder or self.folder
        (chosen / "tmp").mkdir(parents=True, exist_ok=True)
        os.environ["CRM_DATA"] = str(chosen / "data")
        os.environ["TMPDIR"] = str(chosen / "tmp")
        tempfile.tempdir = None
        try:
            yield
        finally:
            for name, value in kept.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
            tempfile.tempdir = None


def bare(database: Database) -> tuple[str, ...]:
    """Every row of the office but its settings."""
    with database.read_all() as connection:
        return tuple(one for one in lines(connection, database.schema) if not one.startswith('["office_setting"'))


def entries(database: Database) -> dict[int, bool]:
    """Ids of the history, and whether each has its values."""
    with database.read_all() as connection:
        rows = connection.execute(sa.select(change.c.id, change.c.data, change.c.op)).all()
        return {row.id: bool(row.data) or row.op == "I" for row in rows}


def settle(target: str) -> None:
    """Let a file be whole without its log."""
    with contextlib.closing(sqlite3.connect(target)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def let_years_pass(database: Database) -> None:
    """A history with old edits and old deletions, with files, and with young ones after them. The clock is set back."""
    with database.begin() as connection:  # what is there is older than what comes
        connection.execute(change_set.update().values(at=datetime.now(UTC) - timedelta(days=2000)))
    for days, count in ((1500, 12), (1100, 12), (400, 12), (5, 4)):
        moment = datetime.now(UTC) - timedelta(days=days)
        clock.set_clock(lambda moment=moment: moment)  # type: ignore[misc]
        for number in range(count):
            with write(database, "Old", actor=ANA) as uow:
                values = {"name": f"Old {days} {number}", "mobile": "41 95550-0142"}
                gone = service.create_record(uow, "contact", values)
                attach_service.add_note(uow, "contact", gone, "Ligou")
                attach_bytes(uow, "contact", gone, "plan.bin", f"{days} {number}".encode() * 500)
                stays = service.create_record(uow, "contact", {"name": f"Stays {days} {number}", "city": "Lapa"})
            for city in ("Vila", "Sé"):
                with write(database, "Edit", actor=ANA) as uow:
                    values = {"city": f"{city} {number}", "mobile": "41 95550-0199"}
                    service.update_record(uow, "contact", stays, values)
            with write(database, "Delete", actor=ANA) as uow:
                service.delete_records(uow, "contact", [gone])


def change_much(database: Database) -> None:
    """Edits, deletions and new records since a backup."""
    with database.read() as connection:
        ids = list(connection.exec_driver_sql("SELECT id FROM contact ORDER BY id").scalars())
    with write(database, "Edit", actor=ANA) as uow:
        for number, one in enumerate(ids[:12]):
            service.update_record(uow, "contact", one, {"city": f"Vila {number}", "email": f"n{number}@x.example"})
    with write(database, "Delete", actor=ANA) as uow:
        service.delete_records(uow, "contact", ids[12:20])
    with write(database, "New", actor=ANA) as uow:
        for number in range(8):
            service.create_record(uow, "contact", {"name": f"Later {number}", "mobile": "41 95550-0142"})


def break_much(database: Database) -> None:
    """Everything that the doctor can mend, broken behind the program's back."""
    yes = "1" if database.sqlite else "true"
    with database.begin() as connection:
        if database.sqlite:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for prefix in ("history_", "search_", "cascade_"):
            triggers.drop(connection, prefix)
        for statement in (
            "UPDATE contact_point SET owner_id = 78 WHERE id = (SELECT max(id) FROM contact_point)",
            f"UPDATE contact_point SET is_primary = {yes} WHERE owner_id = (SELECT owner_id FROM contact_point "
            "WHERE kind = 'phone' GROUP BY owner_id HAVING count(*) > 1 ORDER BY owner_id LIMIT 1)",
            "UPDATE number_series SET last = 0",
            "UPDATE contact SET last_activity_at = created_at",
            "UPDATE contact SET sort_name = 'zzz' WHERE id = (SELECT min(id) FROM contact)",
            "UPDATE activity_link SET activity_at = (SELECT min(created_at) FROM contact) "
            "WHERE id = (SELECT max(id) FROM activity_link)",
            "DELETE FROM search_text WHERE entity = 'contact'",
        ):
            connection.exec_driver_sql(statement)
