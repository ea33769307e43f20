"""Who sees a part of the office sees the same part of its backups: when comparing, when looking for a record, and of a record."""

from __future__ import annotations

from pathlib import Path

from crm_desktop.backup.bring_back import bring_back, rows_of
from crm_desktop.backup.compare import DELETED, Choice, choose, compare
from crm_desktop.backup.look import compare_record, describe, find_records
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.restoring import browse_backup
from crm_desktop.backup.seeing import side_by_side
from crm_desktop.core import clock, formats
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import service as records
from crm_desktop.security import service as security
from crm_desktop.security.access import access_of


def test_only_what_one_may_see(database: Database, tmp_path: Path) -> None:
    formats.set_default_country("BR")
    with write(database, "People") as uow:
        uow.insert("role", {"key": "narrow", "name": "Narrow"})
        for entity, action in (("contact", "read"), ("contact", "edit"), ("contact", "create")):
            uow.insert("role_right", {"role": "narrow", "entity": entity, "action": action, "scope": "own"})
        uow.insert("role_right", {"role": "narrow", "entity": "", "action": "backup", "scope": "all"})
        mine, hers = (security.create_user(uow, name, role="narrow") for name in ("Ana", "Bea"))
        made = {
            name: records.create_record(uow, "contact", {"name": name, "owner_id": owner, "tax_id": "529.982.247-25"})
            for name, owner in (("Kept mine", mine), ("Gone mine", mine), ("Kept hers", hers), ("Gone hers", hers),
                                ("Given away", mine), ("Got", hers))
        }  # fmt: skip
    info = make_backup(database, tmp_path, prove=False)
    with write(database, "Later", actor=Actor(None, "Rui")) as uow:
        for name in ("Kept mine", "Kept hers"):
            records.update_record(uow, "contact", made[name], {"department": "Mill", "tax_id": None})
        records.delete_records(uow, "contact", [made["Gone mine"], made["Gone hers"]])
        records.update_record(uow, "contact", made["Given away"], {"owner_id": hers})
        records.update_record(uow, "contact", made["Got"], {"owner_id": mine})
    with browse_backup(info.path, database.schema) as backup:
        assert len(find_records(backup, database, "kept")) == 2
        with side_by_side(backup, database) as pair:
            assert len(compare(pair).differences) == 6
        with database.read() as connection:
            database.access = access_of(connection, database.schema, mine)
        assert [one.title for one in find_records(backup, database, "kept")] == ["Kept mine"]
        assert [(one.title, one.gone) for one in find_records(backup, database, "gone")] == [("Gone mine", True)]
        assert find_records(backup, database, "given") == []
        with side_by_side(backup, database) as pair:
            found = compare(pair)
            assert {(one.title, one.op) for one in found.differences} == {
                ("Kept mine", "changed"), ("Gone mine", "deleted"),
            }  # fmt: skip
            for hidden in ("Gone hers", "Given away", "Kept hers"):
                assert compare_record(pair, "contact", made[hidden]) is None
            own = compare_record(pair, "contact", made["Kept mine"])
            assert own is not None
            columns = {one.column for part in describe(pair, own) for one in part.fields}
            assert "department" in columns and "tax_id" not in columns
        rows = rows_of(choose(found, Choice(ops=frozenset({DELETED}))))
        bring_back(backup, database, Actor(mine, "Ana"), rows, clock.now())
        assert [one.gone for one in find_records(backup, database, "gone")] == [False]
