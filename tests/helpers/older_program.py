"""What an older program does and says: runs inside a checkout of it, and asks today's program the same questions.

Only what every release has is used, so that both answer with their own code: ``PYTHONPATH=CHECKOUT python
older_program.py TARGET FACTS [lock]`` lets the program of the checkout write an office and tell of it.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import tempfile
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop import app
from crm_desktop.core import formats
from crm_desktop.core.fields import Kind
from crm_desktop.db import migrate, search
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.demo.make import make_demo
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.run import run_import
from crm_desktop.records import attach_service, custom, history, queries, service
from crm_desktop.sales import queries as sales

OLD_NAME, NEW_NAME, DELETED, LOSER, IMPORTED = (
    "Zenaide Antes Múrcia", "Zenaide Depois Múrcia", "Ulisses Apagado", "Zenaide A. Múrcia", "Quitéria Vinda"
)  # fmt: skip
PASSWORD = "Azulejo-17-moinho"
"""Of everybody who has one, and of the backup."""
PEOPLE = (("Iracema Dona", "iracema", "owner"), ("Joaquim Vende", "joaquim", "sales"), ("Olga Lê", "olga", "readonly"))
TAX_ID = "529.982.247-25"
FILES = (("contrato.bin", bytes(range(256)) * 9 + "Contrato à mão".encode()), ("planta.bin", bytes(range(253)) * 5_000))
"""One of them is larger than what a release keeps in one piece."""
_MAKING = "crm_desktop.backup.making"
"""Where a backup is made since 0008."""
_ROWS = (
    ("Nome", "E-mail", "Celular", "Cidade"),
    (IMPORTED, "quiteria@vinda.example", "(41) 99555-0177", "Lapa"),
    ("Raimundo Vindo", "raimundo@vinda.example", "(41) 99555-0178", "Morretes"),
)


def write_office(target: str) -> dict[str, Any]:
    """Make an office as people of that time would have: the sample, then work on it. Returns ids of what was done."""
    database = app.open_database(target)
    make_demo(database, 20)
    users = Base.metadata.tables["user_account"]
    with database.read() as connection:
        owner = connection.execute(sa.select(users.c.id, users.c.name).where(users.c.role == "owner")).one()
    actor = Actor(owner.id, owner.name)
    app.ensure_basics(database, actor)
    formats.set_default_country("BR")
    done: dict[str, Any] = {}
    with write(database, "New contact", actor=actor) as uow:
        custom.create_custom_field(uow, "contact", "Time do coração", Kind.TEXT)
        own = {"mobile": "(41) 99555-0101", "email": "zenaide@antes.example", "city": "Lapa"}
        one = service.create_record(uow, "contact", {"name": OLD_NAME, "job_title": "Diretora", **own})
        loser = service.create_record(uow, "contact", {"name": LOSER, "phone": "+55 41 3555-0102", "tax_id": TAX_ID})
        gone = service.create_record(uow, "contact", {"name": DELETED, "email": "ulisses@apagado.example"})
        attach_service.add_note(uow, "contact", one, "Prefere café às quintas.")
        attach_service.add_note(uow, "contact", loser, "Telefonar à tarde.")
        attach_service.tag_records(uow, "contact", [one], "Vizinha")
        attach = import_module(_files()).attach_bytes
        for name, content in FILES:
            attach(uow, "contact", one, name, content)
    [field] = [name.name for name in custom.custom_fields(database, "contact") if name.label == "Time do coração"]
    with write(database, "Edit", actor=actor) as uow:
        service.update_record(uow, "contact", one, {"name": NEW_NAME, "city": "Sé", field: "Azul e branco"})
        done["edit"] = uow.change_set_id
    with write(database, "Delete", actor=actor) as uow:
        service.delete_records(uow, "contact", [gone])
        done["deletion"] = uow.change_set_id
    done["import"] = _import(database, actor)
    if find_spec("crm_desktop.records.merging"):
        import_module("crm_desktop.records.merging").merge(database, actor, "contact", one, [loser])
        with database.read() as connection:
            done["merge"] = history.recent(connection, limit=1)[0].id
    _people(database, actor)
    done.update(contact=one, field=field)
    database.close()
    return done


def _files() -> str:
    """Where attaching a file is in this release."""
    newer = "crm_desktop.records.files_service"
    return newer if find_spec(newer) else "crm_desktop.records.attach_service"


def _import(database: Database, actor: Actor) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clientes.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=";").writerows(_ROWS)
        result = run_import(database, path, guess_plan(database, path, "contact").plan, actor)
    assert result.created == len(_ROWS) - 1 and result.change_set, result
    return int(result.change_set)


def _people(database: Database, actor: Actor) -> None:
    """Users of three roles; with passwords and a role of the office where the release knows them."""
    ids = []
    with write(database, "People", actor=actor) as uow:
        for name, login, role in PEOPLE:
            ids.append(uow.insert("user", {"name": name, "login": login, "role": role, "active": True}))
    if not find_spec("crm_desktop.security.roles"):
        return
    roles, passwords = (import_module(f"crm_desktop.security.{name}") for name in ("roles", "passwords"))
    app.follow_access(database, ids[0])
    with write(database, "Roles", actor=Actor(ids[0], PEOPLE[0][0])) as uow:
        key = roles.create_role(uow, "Estagiários", copy_of="sales")
        roles.set_right(uow, key, "contact", "delete", "none")
        service.update_record(uow, "user", ids[2], {"role": key})
        if database.sqlite:
            passwords.give_passwords(uow, {one: PASSWORD for one in ids[:2]}, must_change=frozenset())


def tell(database: Database, done: dict[str, Any]) -> dict[str, Any]:
    """What a program says of an office, by its own queries."""
    with database.read() as connection:
        told: dict[str, Any] = {"revision": migrate.revision(connection)}
        entities = sorted(database.schema.entities)
        told["counts"] = {name: queries.count(database, connection, name) for name in entities}
        told["names"] = {name: _names(database, connection, name) for name in ("company", "contact", "deal")}
        told["contact"] = _card(database, connection, "contact", done["contact"])
        told["first"] = {
            name: _card(database, connection, name, _ids(database, connection, name)[0])
            for name in ("contact", "company", "deal", "activity", "case", "product")
        }
        told["stages"] = [
            [total.stage.name, total.count, *([part.currency, str(part.total)] for part in total.amounts)]
            for pipeline in sales.pipelines(connection)
            for total in sales.pipeline_totals(database, connection, pipeline.id)
        ]
        sums = queries.totals(database, connection, "deal", ["amount"])
        told["sums"] = {name: plain(value) for name, value in sums.items()}
        told["search"] = {
            word: sorted([hit.entity, hit.title] for hit in search.find(connection, database.schema, word))
            for word in ("murcia", "quiteria", "99555-0101", "ulisses")
        }
        told["changes"] = sorted(one.id for one in history.recent(connection, limit=500))
        entries = history.record_history(database, connection, "contact", done["contact"], limit=500)
        told["history"] = sorted(
            [one.change_set_id, one.table, one.op, sorted([part.name, plain(part.old), plain(part.new)] for part in one.fields)]
            for one in entries
        )  # fmt: skip
        files = import_module(_files())
        kept = [
            files.attachment_content(connection, one.id) for one in files.attachments_of(connection, done["contact"])
        ]
        told["files"] = sorted([name, len(content), hashlib.sha256(content).hexdigest()] for name, content in kept)
        users = Base.metadata.tables["user_account"]
        rows = connection.execute(
            sa.select(users.c.name, users.c.login, users.c.role, users.c.active, users.c.id)
        ).all()
        told["users"] = sorted([*row[:-1]] for row in rows)
        if find_spec("crm_desktop.security.access"):
            of = import_module("crm_desktop.security.access").access_of
            told["rights"] = {row.login: _rights(of(connection, database.schema, row.id)) for row in rows}
    return told


def _rights(access: Any) -> dict[str, list[str]]:
    """How far somebody's rights reach."""
    actions = ("read", "create", "edit", "delete", "export")
    return {name: [access.scope(name, one) for one in actions] for name in ("company", "contact", "deal", "case")}


def _ids(database: Database, connection: sa.Connection, entity: str) -> list[int]:
    return list(queries.find_ids(database, connection, entity, sort=(("id", False),)))


def _names(database: Database, connection: sa.Connection, entity: str) -> list[str]:
    return sorted(queries.titles(database.schema, connection, entity, _ids(database, connection, entity)).values())


def _card(database: Database, connection: sa.Connection, entity: str, one: int) -> dict[str, Any]:
    """The stored values of a record; what is computed changes with the day."""
    record = queries.get_record(database, connection, entity, one)
    fields = custom.fields_of(database, entity, connection)
    values = {field.name: plain(record.values.get(field.name)) for field in fields if not field.computed}
    return {
        "id": one,
        "title": record.title,
        "values": {name: value for name, value in values.items() if value is not None},
        "tags": sorted(name for _id, name, _hue in record.tags),
        "children": {
            name: [{key: plain(value) for key, value in row.items() if value is not None} for row in rows]
            for name, rows in record.children.items()
            if rows
        },
    }


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")  # a file keeps no more
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _lock(database: Database) -> None:
    """As ``crm-desktop rights lock`` of that time: everybody is a login of the server, two of them with a password."""
    lock, passwords = (import_module(f"crm_desktop.security.postgres.{name}") for name in ("lock", "passwords"))
    with database.begin() as connection:
        lock.install_lock(connection, database.schema)
        for _name, login, _role in PEOPLE[:2]:
            passwords.set_password(connection, login, PASSWORD)


def main(target: str, facts: str, lock: str = "") -> None:
    """Write an office, open it once more and keep what the program says of it."""
    done = write_office(target)
    database = Database(target, import_module("crm_desktop.features").schema())
    if lock:
        _lock(database)
    told = {"done": done, **tell(database, done)}
    if database.sqlite:
        make = import_module("crm_desktop.backup.service" if find_spec("crm_desktop.backup.service") else _MAKING)
        make.make_backup(database, Path(facts).parent / "backups", password=PASSWORD)
    if find_spec("crm_desktop.doctor"):
        found = import_module("crm_desktop.doctor").check(database, full=True)
        told["doctor"] = [one.detail for one in found if not one.ok]
    database.close()
    Path(facts).write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
