"""Eight people at once on the same few records of a server: nothing confirmed is lost, nobody sees a database's words."""

from __future__ import annotations

import time

import sqlalchemy as sa

from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import service
from crm_desktop.sales.service import ensure_default_pipeline, quick_add_deal
from tests.helpers.crowd import Stage, faults_of, run_clients

CLIENTS = 8
SECONDS = 2.0


def make_stage(database: Database, contacts: int, deals: int) -> Stage:
    """A few records that everybody wants."""
    with write(database, "Start", actor=Actor(None, "Helena")) as uow:
        pipeline = ensure_default_pipeline(uow)
        people = [
            service.create_record(uow, "contact", {"name": f"Ana {n}", "city": "Curitiba"}) for n in range(contacts)
        ]
        made = [quick_add_deal(uow, f"Deal {n}", contact_id=people[0]) for n in range(deals)]
        table = uow.table("stage")
        wanted = sa.select(table.c.id).where(table.c.pipeline_id == pipeline, table.c.outcome == "open")
        columns = list(uow.connection.execute(wanted).scalars())
    return Stage(people, made, columns, ["Ana", "Deal"])


def test_eight_people_on_the_same_records(postgres_database: Database, schema: Schema) -> None:
    stage = make_stage(postgres_database, 3, 2)  # so few that they meet all the time
    names = [f"Person {number}" for number in range(CLIENTS)]
    account = run_clients(names, postgres_database.target, stage, (0.0, 0.02), time.time() + SECONDS, schema)
    assert faults_of(postgres_database, account) == []
    assert len(account.saved) > CLIENTS
    assert account.conflicts  # they did meet
