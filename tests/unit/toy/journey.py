"""What a new record type can do with no further line; run by ``test_new_record_type``."""

from __future__ import annotations

import os
import sys
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path[:0] = [str(Path(__file__).resolve().parents[3]), str(Path(__file__).resolve().parent)]
os.environ["CRM_DATA"] = str(Path(sys.argv[2]) / "data")

from python_calamine import CalamineWorkbook
from vehicle import VEHICLE

from crm_desktop import doctor, features
from crm_desktop.core.access import Access
from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import where
from crm_desktop.core.jobs import Progress
from crm_desktop.core.refusals import NotAllowed
from crm_desktop.db import migrate, search
from crm_desktop.db.copy import copy_database
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.run import run_import
from crm_desktop.records import attach_service, custom, history, queries, service
from crm_desktop.reporting.output import write_document

ANA = Actor(None, "Ana")
folder = Path(sys.argv[2])

# the one line, and the migration, which follows the newest one of the program
migrations = folder / "migrations"
migrations.mkdir()
template = (Path(__file__).resolve().parent / "migration.py").read_text(encoding="utf-8")
head = migrate.head(Schema(features.ENTITIES))
(migrations / "9001.py").write_text(template.replace('"HEAD"', f'"{head}"'), encoding="utf-8")
schema = Schema((*features.ENTITIES, VEHICLE), (migrations,), rules=features.RULES, expressions=features.EXPRESSIONS)
database = Database(sys.argv[1], schema)
migrate.migrate(database)
print("migrated")

from ui.app import make_application
from ui.framework import tasks
from ui.framework.office import Office
from ui.records.form import RecordForm
from ui.records.kit import ListKit
from ui.records.list_page import ListPage
from ui.records.output import ListContent, list_document

qt = make_application()
office = Office(database, ANA, write)


class Nowhere:
    """A navigator that goes nowhere."""

    def __getattr__(self, name: str) -> object:
        return lambda *args, **kwargs: None


def settle() -> None:
    """Wait until nothing is read any more."""
    for _ in range(5):
        assert tasks.wait_idle(20)
        qt.processEvents()


fields = custom.fields_of(database, "vehicle")
form = RecordForm(office, "vehicle", fields)
assert {"plate", "fuel", "bought", "cost", "company_id"} <= set(form.rows)
print("form")

with write(database, "New vehicle", actor=ANA) as uow:
    company = service.create_record(uow, "company", {"name": "Transportes Rota Sabiá"})
    values = {"plate": "ÁBC-1234", "fuel": "Diesel", "bought": "2024-02-29", "cost": "98500.00", "company_id": company}
    van = service.create_record(uow, "vehicle", values)
page = ListPage(office, Nowhere(), ListKit("vehicles", "vehicle"))
page.resize(1000, 600)
page.show()
page.activated()
settle()
assert page.model.rowCount() == 1
shown = {page.model.index(0, column).data() for column in range(page.model.columnCount())}
assert "ÁBC-1234" in shown and "Diesel" in shown, shown
print("list")

with database.read() as connection:
    assert [hit.id for hit in search.find(connection, schema, "abc rota")] == [van]
    print("search")
    assert list(queries.find_ids(database, connection, "vehicle", filter=where("cost", "gt", "90000"))) == [van]
    print("filter")

with write(database, "New field", actor=ANA) as uow:
    custom.create_custom_field(uow, "vehicle", "Seats", Kind.INTEGER)
with write(database, "Seats", actor=ANA) as uow:
    service.update_record(uow, "vehicle", van, {"custom.seats": "3"})
with database.read() as connection:
    assert list(queries.find_ids(database, connection, "vehicle", filter=where("custom.seats", "eq", 3))) == [van]
print("custom")

source = folder / "frota.csv"
source.write_text("placa;custo;seats\nXYZ-0001;1.200,50;2\nÁBC-1234;98.500,00;3\n", encoding="utf-8")
result = run_import(database, source, guess_plan(database, source, "vehicle").plan, ANA)
assert (result.created, result.unchanged) == (1, 1), result
with database.read() as connection:
    ids = queries.find_ids(database, connection, "vehicle")
    rows = queries.fetch_rows(database, connection, "vehicle", ids, ["plate", "cost", "custom.seats"])
assert {(row.values["cost"], row.values["custom.seats"]) for row in rows} == {
    (Decimal(98500), 3), (Decimal("1200.5"), 2),
}  # fmt: skip
print("import")

fields = custom.fields_of(database, "vehicle")
with database.read() as connection:
    ids = queries.find_ids(database, connection, "vehicle")
    content = ListContent("Vehicles", "", [f for f in fields if f.in_list], ids)
    document = list_document(office, connection, "vehicle", content, Progress())
target = write_document(document, folder / "frota.xlsx")
assert CalamineWorkbook.from_path(str(target)).get_sheet_by_index(0).to_python()
print("export")

with database.read() as connection:
    entries = history.record_history(database, connection, "vehicle", van, fields=custom.fields_of(database, "vehicle"))
    assert [change.label for entry in entries for change in entry.fields] == ["Seats"]
print("history")

before = None
with database.read() as connection:
    before = logical_dump(connection, schema)
with write(database, "Delete", actor=ANA) as uow:
    service.delete_records(uow, "vehicle", [van])
with database.read() as connection:
    history_row = history.recent(connection, limit=1)[0]
history.undo(database, history_row.id, ANA)
with database.read() as connection:
    assert logical_dump(connection, schema) == before
print("undo")

assert all(finding.ok for finding in doctor.check(database)), [f for f in doctor.check(database) if not f.ok]
print("doctor")

other = Database(folder / "copy.crm", schema)
copy_database(database, other)
with other.read() as connection:
    assert logical_dump(connection, schema) == before
print("copy")

# nothing says whose a vehicle is: it is whose who made it
RIGHTS = {
    ("vehicle", "read"): "own",
    ("vehicle", "create"): "all",
    ("vehicle", "edit"): "all",
    ("vehicle", "delete"): "own",
}
database.access = Access(7, "sales", scopes=MappingProxyType(RIGHTS))
BEA = Actor(7, "Bea")
with write(database, "Hers", actor=BEA) as uow:
    hers = service.create_record(uow, "vehicle", {"plate": "BEA-0007"})
    attach_service.add_note(uow, "vehicle", hers, "New tyres")
with database.read() as connection:
    assert list(queries.find_ids(database, connection, "vehicle")) == [hers]
    assert [hit.id for hit in search.find(connection, schema, "abc")] == []
for work in (
    lambda uow: service.update_record(uow, "vehicle", van, {"fuel": "electric"}),
    lambda uow: service.delete_records(uow, "vehicle", [van]),
    lambda uow: attach_service.add_note(uow, "vehicle", van, "Mine now"),
):
    try:
        with write(database, "Try", actor=BEA) as uow:
            work(uow)
    except NotAllowed as refusal:
        assert "may not see this record" in str(refusal), refusal
    else:
        raise AssertionError("somebody else's vehicle was changed")
print("rights")
