"""What a program that is about to be killed does: saves, bulk edits, imports, merges, undo, backups; and the jobs of
``torture_jobs``.

Every unit of work writes two lines into a journal: what the data will be (in its transaction, just before the commit)
and that it is committed. Whoever kills it can tell from them what must be there.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import sqlalchemy as sa

from crm_desktop import features
from crm_desktop.backup.making import make_backup
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.dump import digest
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.plan import ImportPart
from crm_desktop.importing.run import run_imports
from crm_desktop.records import attach_service, bulk_edit, history, merging, service
from crm_desktop.records.files_service import attach_bytes
from tests.helpers.torture_moment import Watch

ANA = Actor(None, "Ana")
ENOUGH = 20
"""Contacts that there are at least when work begins."""


class Journal:
    """Lines that outlive the process once :meth:`tell` returns: a kill takes nothing from what the system has."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def tell(self, what: str, value: str) -> None:
        """Write one line."""
        os.write(self._file, (json.dumps([what, value]) + "\n").encode())


def told(path: Path) -> list[tuple[str, str]]:
    """The whole lines of a journal; one that was cut off by the kill says nothing."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    return [(what, value) for what, value in map(json.loads, lines)]


def telling_schema(journal: Journal, watch: Watch) -> Schema:
    """The schema of the program; every unit of work tells the journal what it is about to do, and that it did it."""

    def tell(uow: UnitOfWork) -> dict[str, set[int]]:
        with watch.aside():
            after = digest(uow.connection, uow.schema)
            journal.tell("begun", after)
        uow._after_commit.append(lambda: journal.tell("done", after))
        return {}

    schema = features.schema()
    schema.finishers = (*schema.finishers, tell)
    return schema


class Work:
    """One kind of work, again and again."""

    def __init__(
        self, database: Database, journal: Journal, folder: Path, seed: int, watch: Watch | None = None
    ) -> None:
        self.database, self.journal, self.folder, self.watch = database, journal, folder, watch
        self.chance = random.Random(seed)

    def ids(self, table: str, limit: int = 1000) -> list[int]:
        """Ids of a table."""
        column = Base.metadata.tables[table].c.id
        with self.database.read() as connection:
            return list(connection.execute(sa.select(column).order_by(column).limit(limit)).scalars())

    def begin(self) -> None:
        """Have contacts enough: what was killed before it was taken back left fewer."""
        missing = ENOUGH - len(self.ids("contact"))
        if missing > 0:
            with write(self.database, "Some more", actor=ANA) as uow:
                for _ in range(missing):
                    service.create_record(uow, "contact", {"name": f"Mais {self.chance.random()}", "city": "Lapa"})

    def save(self) -> None:
        """Small saves of every kind."""
        pick = self.chance.choice
        with write(self.database, "Save", actor=ANA) as uow:
            contact = service.create_record(uow, "contact", {
                "name": f"Nova {self.chance.random()}", "mobile": "41 95550-0142", "email": "n@x.example",
                "city": "Lapa"})  # fmt: skip
            service.create_record(uow, "case", {"subject": "Torneira", "contact_id": contact})
            attach_service.add_note(uow, "contact", contact, "Ligou")
            attach_service.tag_records(uow, "contact", [contact], pick(["a", "b", "c"]))
            attach_bytes(uow, "contact", contact, "parts.bin", self.chance.randbytes(1_200_000))
        with write(self.database, "Edit", actor=ANA) as uow:
            service.update_record(uow, "contact", pick(self.ids("contact")), {"mobile": "41 95550-0199", "city": "Sé"})
        with write(self.database, "Delete", actor=ANA) as uow:
            service.delete_records(uow, "contact", [contact])

    def bulk(self) -> None:
        """One value for many."""
        with write(self.database, "Bulk", actor=ANA, kind="bulk", bulk=True) as uow:
            bulk_edit.update_records(uow, "contact", self.ids("contact"), {"city": f"Vila {self.chance.random()}"})

    def imports(self) -> None:
        """A file comes in, and is taken back."""
        path = self.folder / "in.csv"
        rows = [f"Pessoa {n} {self.chance.random()},p{n}@in.example,41 9555{n:05d},Vila {n}" for n in range(250)]
        path.write_text("Nome,E-mail,Celular,Cidade\n" + "\n".join(rows), encoding="utf-8")
        plan = guess_plan(self.database, path, "contact", country="BR").plan
        done = run_imports(self.database, [ImportPart(path, plan)], ANA)
        assert done.change_set is not None
        history.undo(self.database, done.change_set, ANA)

    def merges(self) -> None:
        """Two of a kind become one, and two again."""
        one, two, three = self.chance.sample(self.ids("contact"), 3)
        merging.merge(self.database, ANA, "contact", one, [two, three])
        with self.database.read() as connection:
            newest = history.recent(connection, limit=1)[0].id
        history.undo(self.database, newest, ANA)

    def undo(self) -> None:
        """Something large goes back and forth."""
        with write(self.database, "Delete", actor=ANA, kind="bulk") as uow:
            service.delete_records(uow, "contact", self.chance.sample(self.ids("contact"), 3))
            number = uow.change_set_id
        for _ in range(3):
            history.undo(self.database, number, ANA)
            with self.database.read() as connection:
                number = next(row.id for row in history.recent(connection, limit=5) if row.undoes == number)
        history.undo(self.database, number, ANA)

    def backups(self) -> None:
        """A proven backup; every other time after a save."""
        if self.chance.random() < 0.5:
            self.save()
        made = make_backup(self.database, self.folder / "backups")
        self.journal.tell("backup", made.path)


KINDS: dict[str, Callable[[Work], None]] = {
    "save": Work.save, "bulk": Work.bulk, "import": Work.imports, "merge": Work.merges, "undo": Work.undo,
    "backup": Work.backups,
}  # fmt: skip
"""Kinds of work that go on and on, and after which the office is as it was."""


def facts(lines: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """From a journal: the state that must be there at least, and the one that may be there as well ("" for none)."""
    sure, maybe = "", ""
    for what, value in lines:
        if what == "begun":
            maybe = value
        elif what == "done":
            sure, maybe = value, ""
    return sure, maybe


def state_of(database: Database) -> str:
    """The data as one hash."""
    with database.read() as connection:
        return digest(connection, database.schema)
