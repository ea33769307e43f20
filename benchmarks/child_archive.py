"""Measured process: a whole archive made, read again, or restored; or the same records as a plain export."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from benchmarks.child_memory import Watch, own
from benchmarks.processes import arguments, tell
from crm_desktop import features
from crm_desktop.archive.making import make_archive
from crm_desktop.backup import restoring, whole_zip
from crm_desktop.db.database import Database
from crm_desktop.exporting.office_export import export_office


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Do one of the works; its times, and the most memory that it took more than before."""
    schema, archive, folder = features.schema(), Path(given["archive"]), Path(given["folder"])
    database = Database(given["database"], schema)
    with database.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM contact").all()
    before, wall, cpu = own(), time.perf_counter(), time.process_time()
    with Watch() as memory:
        found = _work(given["work"], database, archive, folder)
    found |= {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "more": memory.most - before}
    database.close()
    return found


def _work(work: str, database: Database, archive: Path, folder: Path) -> dict[str, Any]:
    if work == "make":
        made = make_archive(database, archive)
        return {"records": made.records, "pages": made.pages, "members": made.members, "size": made.size,
                "problems": list(made.problems)}  # fmt: skip
    if work == "check":
        return {"whole": whole_zip.check_archive(archive).whole}
    if work == "restore":
        restoring.restore_backup(archive, folder / "again.crm", database.schema)
    else:
        export_office(database, folder / "plain.zip", "csv")
    return {}


if __name__ == "__main__":
    tell(main(arguments()))
