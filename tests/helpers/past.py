"""A small office that lives: random operations by several people, and pictures of all that can be read of it."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from crm_desktop.calendar.queries import events_in_window
from crm_desktop.cases.queries import queue
from crm_desktop.contacts.queries import related_counts, timeline
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import where
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.dump import lines
from crm_desktop.db.journal import change
from crm_desktop.db.search import find
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.insight.queries import key_figures, today
from crm_desktop.records import (
    attach_service,
    bulk_edit,
    custom,
    deleted,
    files_service,
    history,
    merging,
    queries,
    service,
)
from crm_desktop.records.office_service import save_settings
from crm_desktop.reporting import registry
from crm_desktop.reporting.document import Organisation
from crm_desktop.reports import REPORTS
from crm_desktop.sales import service as sales
from crm_desktop.sales.queries import board, forecast, pipelines
from crm_desktop.security import service as security
from tests.helpers.thorough import some, times

NAMES = ("Ana Souza", "Bruno Reis", "Carla Dias", "Dora Melo", "Edu Pires", "Fabi Leal")
LISTED = ("contact", "company", "deal", "activity", "case", "product")
WORDS = some(("ana", "padaria", "chave", "melo", "renewal", "fabi le"), 3)
SORTED = some(("name", "created_at", "email", "last_activity_at", "company_id"), 3)
READ = some([one for one in REPORTS if one.name.partition(".")[0] != "quality"], 4)


class Office:
    """An office whose clock only goes on when something is done in it."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database, self.random = database, random.Random(seed)
        self.now = datetime(2026, 3, 2, 12, tzinfo=UTC)
        clock.set_clock(lambda: self.now)
        self.actors = [Actor(None, "Nobody")]
        self.done: list[int] = []
        self.fields = 0
        with self.writing() as uow:
            sales.ensure_default_pipeline(uow)
            for name in ("Olga", "Saul"):
                self.actors.append(Actor(security.create_user(uow, name, role="owner"), name))
            for name in NAMES[:4]:
                self.create_contact(uow, name)
            self.create_deal(uow)

    def writing(self, **options: Any) -> Any:
        self.pass_time()
        return write(self.database, "Something", actor=self.random.choice(self.actors), **options)

    def pass_time(self) -> None:
        """Minutes, hours or days go by."""
        self.now += timedelta(seconds=self.random.choice((1, 700, 40_000, 100_000)))

    def any(self, entity: str, uow: UnitOfWork, count: int = 1) -> list[int]:
        """Some records."""
        ids = list(uow.connection.execute(sa.select(uow.table(entity).c.id).order_by(uow.table(entity).c.id)).scalars())
        return self.random.sample(ids, min(count, len(ids)))

    # what people do

    def create_contact(self, uow: UnitOfWork, name: str | None = None) -> None:
        company = self.any("company", uow)
        service.create_record(
            uow, "contact", {"name": name or self.random.choice(NAMES), "company_id": company[0] if company else None,
                             "email": f"x{self.random.randint(1, 99)}@padaria.example", "city": "Curitiba"},
        )  # fmt: skip

    def create_company(self, uow: UnitOfWork) -> None:
        service.create_record(uow, "company", {"name": self.random.choice(("Padaria Sol", "Chaves Ltda", "Melo SA"))})

    def create_deal(self, uow: UnitOfWork) -> None:
        contact, company = self.any("contact", uow), self.any("company", uow)
        sales.quick_add_deal(
            uow, self.random.choice(("Renewal", "Oven", "Chave")), amount=str(self.random.randint(1, 900)),
            contact_id=contact[0] if contact else None, company_id=company[0] if company else None,
            expected_close=(self.now + timedelta(days=self.random.randint(-3, 40))).date(),
        )  # fmt: skip

    def activity(self, uow: UnitOfWork) -> None:
        about = [(name, one) for name in ("contact", "deal") for one in self.any(name, uow)]
        links = [{"entity": name, "record_id": one, "role": "about"} for name, one in about]
        kind, status = self.random.choice(("task", "call", "meeting")), self.random.choice(("done", "planned"))
        values: dict[str, Any] = {"subject": "Talk", "kind": kind, "status": status, "due": self.now.date()}
        if kind == "meeting":
            starts = datetime.combine(self.now.date(), time(self.random.randint(8, 17)))
            values |= {"starts": starts, "ends": starts + timedelta(hours=1), "zone": "UTC"}
        service.create_record(uow, "activity", values, children={"links": links})

    def case(self, uow: UnitOfWork) -> None:
        contact = self.any("contact", uow)
        service.create_record(uow, "case", {"subject": "Broken key", "contact_id": contact[0] if contact else None})

    def edit(self, uow: UnitOfWork) -> None:
        for one in self.any("contact", uow, 2):
            values: dict[str, Any] = self.random.choice((
                {"name": self.random.choice(NAMES)}, {"email": "new@sol.example"}, {"city": "Lisboa"}, {"company_id": None},
                {"birthday": date(1980, 1, self.random.randint(1, 28)), "do_not_contact": True}, {"job_title": "Boss"},
            ))  # fmt: skip
            service.update_record(uow, "contact", one, values)

    def rename_company(self, uow: UnitOfWork) -> None:
        for one in self.any("company", uow):
            service.update_record(uow, "company", one, {"name": self.random.choice(("Sol e Lua", "Melo & Filhos"))})

    def tick(self, uow: UnitOfWork) -> None:
        for one in self.any("activity", uow):
            service.update_record(uow, "activity", one, {"status": self.random.choice(("done", "planned"))})

    def move(self, uow: UnitOfWork) -> None:
        for one in self.any("deal", uow):
            self.random.choice(
                (sales.win_deal, lambda u, i: sales.lose_deal(u, i, "price"), sales.reopen_deal, self._on)
            )(uow, one)

    def _on(self, uow: UnitOfWork, deal: int) -> None:
        stages = list(uow.connection.execute(sa.select(uow.table("stage").c.id)).scalars())
        sales.move_deal(uow, deal, self.random.choice(stages))

    def bulk(self, uow: UnitOfWork) -> None:
        bulk_edit.update_records(uow, "contact", self.any("contact", uow, 4), {"job_title": self.random.choice("ABC")})

    def delete(self, uow: UnitOfWork) -> None:
        entity = self.random.choice(("contact", "contact", "company", "deal", "activity", "case"))
        service.delete_records(uow, entity, self.any(entity, uow))

    def tag(self, uow: UnitOfWork) -> None:
        attach_service.tag_records(uow, "contact", self.any("contact", uow, 2), self.random.choice(("vip", "cold")))

    def untag(self, uow: UnitOfWork) -> None:
        attach_service.untag_records(uow, self.any("contact", uow, 3), self.random.choice(("vip", "cold")))

    def note(self, uow: UnitOfWork) -> None:
        for one in self.any("contact", uow):
            attach_service.add_note(uow, "contact", one, f"Spoke of the chave {self.random.randint(1, 9)}")

    def file(self, uow: UnitOfWork) -> None:
        for one in self.any("contact", uow):
            files_service.attach_bytes(uow, "contact", one, "offer.txt", b"offer %d" % self.random.randint(1, 3))

    def own_field(self, uow: UnitOfWork) -> None:
        self.fields += 1
        custom.create_custom_field(uow, "contact", f"Size {self.fields}", Kind.NUMBER)

    def fill_own(self, uow: UnitOfWork) -> None:
        own = [one.name for one in custom.custom_fields(self.database, "contact", uow.connection)]
        for one in self.any("contact", uow, 2) if own else ():
            value = self.random.choice((None, self.random.randint(1, 9)))
            service.update_record(uow, "contact", one, {self.random.choice(own): value})

    def settings(self, uow: UnitOfWork) -> None:
        save_settings(uow, {"organisation.name": self.random.choice(("Sol", "Lua"))})

    def stage(self, uow: UnitOfWork) -> None:
        for one in self.any("stage", uow):
            sales.update_stage(uow, one, name=f"Stage {self.random.randint(1, 9)}")

    def step(self) -> None:
        """One of all that people do."""
        kind = self.random.random()
        try:
            if kind < 0.15:
                self.undo()
            elif kind < 0.25:
                self.merge()
            elif kind < 0.3:
                self.outside()
            else:
                with self.writing(bulk=self.random.random() < 0.2) as uow:
                    for _ in range(self.random.choice((1, 1, 3))):
                        self.random.choice(OPERATIONS)(self, uow)
        except UserError:
            pass  # what cannot be done is not done

    def undo(self) -> None:
        """Take back or do again one of the last things."""
        self.pass_time()
        with self.database.read() as connection:
            recent = history.recent(connection, limit=4)
        history.undo(self.database, self.random.choice(recent).id, self.actors[0], choice="all")

    def merge(self) -> None:
        """Two contacts become one."""
        self.pass_time()
        with self.database.read() as connection:
            ids = list(queries.find_ids(self.database, connection, "contact"))
        if len(ids) > 2:
            winner, loser = self.random.sample(ids, 2)
            merging.merge(self.database, self.random.choice(self.actors), "contact", winner, [loser])

    def outside(self) -> None:
        """Somebody writes with another program: it carries the time of the engine, whose clock is right here."""
        self.pass_time()
        contact = Base.metadata.tables["contact"]
        with self.database.begin() as connection:
            ids = list(connection.execute(sa.select(contact.c.id).order_by(contact.c.id)).scalars())
            if ids:
                chosen = contact.update().where(contact.c.id == self.random.choice(ids))
                connection.execute(chosen.values(language=self.random.choice(("pt", "es"))))
            connection.execute(
                sa.update(change).where(change.c.change_set_id.is_(None), change.c.at > self.now).values(at=self.now)
            )


OPERATIONS: tuple[Callable[[Office, UnitOfWork], None], ...] = (
    Office.create_contact, Office.create_contact, Office.create_company, Office.create_deal, Office.activity,
    Office.activity, Office.case, Office.edit, Office.edit, Office.edit, Office.rename_company, Office.tick, Office.move,
    Office.move, Office.bulk, Office.delete, Office.delete, Office.tag, Office.untag, Office.note, Office.file,
    Office.own_field, Office.fill_own, Office.fill_own, Office.settings, Office.stage,
)  # fmt: skip


def picture(database: Database, user_id: int | None = None) -> dict[str, Any]:
    """All that can be read of an office, by name."""
    seen: dict[str, Any] = {}
    with database.read() as connection:
        for line in lines(connection, database.schema):
            seen.setdefault("dump " + line.split('"')[1], []).append(line)
        for entity in LISTED:
            ids = list(queries.find_ids(database, connection, entity, user_id=user_id))
            fields = [one.name for one in custom.fields_of(database, entity, connection)]
            seen[f"fields of {entity}"] = fields
            seen[f"list of {entity}"] = ids
            rows = queries.fetch_rows(database, connection, entity, ids, fields)
            seen[f"rows of {entity}"] = [(row.id, _entered(row.values)) for row in rows]
            seen[f"records of {entity}"] = [_record(database, connection, entity, one) for one in ids[: times(2, 5)]]
            seen[f"history of {entity}"] = [
                history.record_history(database, connection, entity, one) for one in ids[: times(1, 3)]
            ]
            for name in SORTED:
                if name in fields:
                    for down in (False, True):
                        sort = [(name, down)]
                        seen[f"{entity} by {name} {down}"] = list(
                            queries.find_ids(database, connection, entity, sort=sort)
                        )
            for word in WORDS:
                chosen = queries.find_ids(database, connection, entity, filter=where("@text", "search", word))
                seen[f"{entity} with {word}"] = sorted(chosen)
        for word in WORDS:
            seen[f"search {word}"] = [
                (hit.entity, hit.id, hit.title) for hit in find(connection, database.schema, word, limit=99)
            ]
        for one in seen["list of contact"][: times(2, 4)]:
            seen[f"timeline {one}"] = timeline(database, connection, "contact", one)
            seen[f"related {one}"] = related_counts(connection, "contact", one)
            seen[f"files {one}"] = [
                (file, files_service.attachment_content(connection, file.id))
                for file in files_service.attachments_of(connection, one)
            ]
        seen["overdue"] = list(
            queries.find_ids(
                database, connection, "deal", filter=where("expected_close", "lt", clock.today().isoformat())
            )
        )
        for one in pipelines(connection):
            seen[f"board {one.id}"] = plain(board(database, connection, one.id))
        week = timedelta(days=7)
        events = events_in_window(database, connection, clock.now() - week, clock.now() + week)
        seen["calendar"] = sorted(plain(events), key=str)
        seen["today"] = plain(today(database, connection, None, mine=False))
        seen["queue"] = plain(queue(database, connection))
        seen["forecast"] = forecast(database, connection)
        seen["figures"] = key_figures(connection, None, 5)
        seen["changes"] = history.recent(connection, limit=30)
        seen["trash"] = [
            (one.entity, one.record_id, one.title, one.change_set_id, one.at, one.who)
            for one in deleted.list_deleted(database, connection)
        ]
        for spec in READ:
            seen[f"report {spec.name}"] = _report(database, connection, spec)
    return seen


def _record(database: Database, connection: sa.Connection, entity: str, one: int) -> Any:
    found = queries.get_record(database, connection, entity, one)
    children = {name: [_plain(row) for row in rows] for name, rows in found.children.items()}
    return _entered(found.values), children, found.tags, found.title, found.merged


def plain(value: Any) -> Any:
    """What a query gave, without versions: they move with every write, and say nothing."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value) if one.name != "version"}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def _plain(row: Any) -> dict[str, Any]:
    return {name: value for name, value in _entered(row).items() if name != "version"}


def _entered(values: Any) -> dict[str, Any]:
    """Without who wrote last: a write that changes nothing moves it, and leaves nothing in the history."""
    return {name: value for name, value in values.items() if name not in ("updated_at", "updated_by")}


def _report(database: Database, connection: sa.Connection, spec: Any) -> Any:
    user = SimpleNamespace(id=0, name="Olga")
    context = registry.ReportContext(connection, user, Organisation("Office"), clock.today(), database)
    try:
        document = registry.run_report(spec, context, registry.default_values(spec, context))
    except UserError as error:
        return str(error)
    return document.blocks, document.as_of


def differing(then: dict[str, Any], now: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What two pictures show differently, for a message that can be read."""
    return {name: (then.get(name), now.get(name)) for name in then | now if then.get(name) != now.get(name)}


def after() -> datetime:
    """A moment with all that was written so far before it, and all that comes after it."""
    clock.set_clock(None)
    reached = clock.now() + timedelta(milliseconds=1)
    clock.set_clock(lambda: reached + timedelta(milliseconds=1))
    return reached
