"""Ids in other programs belong to their record: shown, removed, undone, deleted and erased with it."""

from __future__ import annotations

import json

from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.insight.dossier import dossier_json, read_dossier
from crm_desktop.insight.erasure import erase_person
from crm_desktop.records import history, service
from crm_desktop.records.external_ids import delete_external_id, external_ids_of
from tests.helpers.rows import rows_of

ACTOR = Actor(None, "Rita")


def ana(database: Database) -> int:
    with write(database, "Ana", actor=ACTOR) as uow:
        made = service.create_record(uow, "contact", {"name": "Ana Souza"})
        uow.insert("external_id", {"entity": "contact", "record_id": made, "source": "erp", "value": "E-77"})
    return made


def values(database: Database) -> list[str]:
    return [row["value"] for row in rows_of(database, "external_id")]


def test_an_id_is_removed_and_comes_back_by_undo(database: Database) -> None:
    made = ana(database)
    with database.read() as connection:
        (one,) = external_ids_of(connection, made)
        assert "E-77" in logical_dump(connection, database.schema)
    with write(database, "Remove", actor=ACTOR) as uow:
        delete_external_id(uow, one.id)
    assert values(database) == []
    history.undo(database, uow.change_set_id, ACTOR)
    assert values(database) == ["E-77"]
    with database.read() as connection:
        told = history.record_history(database, connection, "contact", made)
    assert ("external_id", "D") in [(entry.table, entry.op) for entry in told]


def test_it_goes_with_its_record_and_comes_back_with_it(database: Database) -> None:
    made = ana(database)
    with write(database, "Delete", actor=ACTOR) as uow:
        service.delete_records(uow, "contact", [made])
    assert values(database) == []
    history.undo(database, uow.change_set_id, ACTOR)
    assert values(database) == ["E-77"]


def test_it_is_in_the_dossier_and_erased_with_the_person(database: Database) -> None:
    made = ana(database)
    with database.read() as connection:
        dossier = read_dossier(database, connection, "contact", made)
    assert "E-77" in json.dumps(dossier_json(database, dossier, author="Rita", office="Office"))
    erase_person(database, "contact", made, reason="Their wish", asked_by="The person", actor=ACTOR)
    assert values(database) == []
    with database.read() as connection:
        assert "E-77" not in logical_dump(connection, database.schema, history=True)
