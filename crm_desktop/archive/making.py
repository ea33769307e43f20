"""Making a whole archive: one moment of the office, written into one zip, read again before it counts."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from crm_desktop.archive import files, pages, readme, schemas, tables
from crm_desktop.archive.names import safe_name
from crm_desktop.archive.work import Work, customer_types
from crm_desktop.archive.zip_stream import ZipStream
from crm_desktop.backup import whole_zip
from crm_desktop.backup.container import Header
from crm_desktop.backup.disk import disk_errors, refuse_full, size_of, stem_of
from crm_desktop.backup.proving import verify_backup
from crm_desktop.backup.snapshot import snapshot
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, language, translate
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.core.refusals import require
from crm_desktop.core.scratch import unfinished
from crm_desktop.core.version import VERSION
from crm_desktop.db.database import Database
from crm_desktop.db.types import instant_text
from crm_desktop.records.office_service import read_settings
from crm_desktop.records.whole_sight import refuse_part

_SPARE = 20_000_000
_CACHE_KIB = 6_000
"""The page cache of the copy: every table is read from its beginning to its end, once."""
_A_PAGE, _A_RECORD, _A_CHANGE = 2_500, 250, 60
"""Bytes in the zip, roughly."""
_SHRINKS = 0.45
"""What is left of a database without files when it is packed."""


@dataclass(frozen=True)
class Estimate:
    """What an archive will take, roughly: bytes of its parts, and how many there are of what fills them."""

    base: int
    pages: int
    files: int
    customers: int
    stored: int

    def size(self, *, pages: bool, files: bool) -> int:
        """The bytes of an archive with these parts."""
        return self.base + (self.pages if pages else 0) + (self.files if files else 0)


@dataclass(frozen=True)
class Archived:
    """What was written.

    Attributes:
        lost: paths of files whose content the office has not got whole any more.
        problems: what the trial restore found, in sentences; none means proven.
    """

    path: Path
    size: int
    members: int
    records: int
    pages: int
    files: int
    seconds: float
    lost: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def refuse_reader(database: Database) -> None:
    """Refuse who may not make backups, and who sees only a part of the office: the archive shows all of it.

    Raises:
        NotAllowed: the power to make backups is missing.
        UserError: a part is hidden.
    """
    if database.read_only and not database.access.can("backup"):
        raise UserError(
            N_("{name} can only be read here. Open a copy to work in, and write the archive of that."),
            name=database.name,
        )
    require(database.access, "backup")
    listed = [one.name for one in database.schema.entities.values() if one.listed]
    refuse_part(database, listed)
    access = database.access
    if not all(access.scope(name, "read") == "all" and access.may(name, "sensitive") for name in listed):
        raise UserError(
            N_("This looks at every record of the office, and you see only a part. Ask somebody who sees everything.")
        )


def suggest_name(database: Database, now: datetime | None = None) -> str:
    """A name for an archive of today."""
    day = (now or clock.now()).astimezone(clock.local_zone()).date().isoformat()
    return f"{safe_name(stem_of(database)) or 'office'}-{translate(N_('archive'))}-{day}{whole_zip.SUFFIX}"


def estimate(database: Database) -> Estimate:
    """What an archive of an office will take."""
    with database.read_all() as connection:
        count, size = files.weigh(connection)
        customers = sum(_count(connection, database, name) for name in customer_types(database.schema))
        records = sum(
            _count(connection, database, name) for name, spec in database.schema.entities.items() if spec.listed
        )
        changes = int(connection.execute(sa.text("SELECT coalesce(max(id), 0) FROM change")).scalar_one())
    whole = size_of(database)
    base = int(max(whole - size, 0) * _SHRINKS) + min(size, whole) + records * _A_RECORD + changes * _A_CHANGE
    return Estimate(base, customers * _A_PAGE, size, customers, count)


def _count(connection: sa.Connection, database: Database, name: str) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(database.schema.table(name))).scalar_one())


def make_archive(
    database: Database, to: Path | str, *, with_pages: bool = True, with_files: bool = True,
    progress: Progress | None = None,
) -> Archived:  # fmt: skip
    """Write the whole office into one zip and prove that it comes back from it.

    Args:
        to: the zip; one that is there is replaced once the new one is whole.
        with_pages: a page for people for each customer.
        with_files: the attached files under their own names; office.crm has them in any case.

    Raises:
        NotAllowed, UserError: see :func:`refuse_reader`.
        NoSpace: the disk would not take it; nothing was written.
        UserError: no right to write, or the disk went away.
        Cancelled: nothing stays behind.
    """
    refuse_reader(database)
    progress, started = progress or Progress(), time.monotonic()
    target = Path(to)
    if target.suffix.lower() != whole_zip.SUFFIX:
        target = target.with_name(target.name + whole_zip.SUFFIX)
    if database.path is not None and target.resolve() == database.path.resolve():
        raise UserError(N_("{name} is the office itself. Choose another name for the archive."), name=target.name)
    guess = estimate(database)
    partial = target.with_name(target.name + ".partial")
    with tempfile.TemporaryDirectory(prefix="crm-archive-") as scratch, disk_errors(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        refuse_without_room(database, guess.size(pages=with_pages, files=with_files), target.parent, Path(scratch))
        try:
            with unfinished(partial):
                made = _write(database, partial, Path(scratch), with_pages, with_files, progress)
                made = replace(made, problems=tuple(_prove(partial, database, progress)))
                partial.replace(target)
        except BaseException:
            if target.parent.is_dir():
                partial.unlink(missing_ok=True)
            raise
    return replace(made, path=target, size=target.stat().st_size, seconds=time.monotonic() - started)


def refuse_without_room(database: Database, needed: int, folder: Path, scratch: Path) -> None:
    """Refuse an archive of so many bytes where a disk would not take it.

    The scratch folder takes the copy, and the restored file beside it for the proof.

    Raises:
        NoSpace: a disk would not take it.
    """
    beside = int(size_of(database) * 1.1)
    if folder.stat().st_dev == scratch.stat().st_dev:
        refuse_full(folder, needed + beside + _SPARE)
        return
    refuse_full(folder, needed + _SPARE)
    refuse_full(scratch, beside + _SPARE)


def _write(
    database: Database, partial: Path, scratch: Path, with_pages: bool, with_files: bool, progress: Progress
) -> Archived:
    progress.update(message=translate(N_("Copying the database")))
    plain, now = scratch / whole_zip.OFFICE, clock.now()
    with snapshot(database, plain, progress, now) as taken:
        checks, counts = taken.checks | taken.wait(), taken.counts
        wrong = taken.differing()
        if wrong:
            raise UserError(N_("The content of {table} is not what was backed up."), table=wrong[0])
    with closing(sqlite3.connect(plain)) as raw:
        revision = str(raw.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    header = Header(instant_text(now), database.name, VERSION, revision, "", plain.stat().st_size, counts, checks)
    copy = Database(plain, database.schema, read_only=True)
    try:
        with partial.open("w+b") as out, copy.read_all() as connection:
            connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KIB}")
            stream = ZipStream(out, scratch, now.astimezone(clock.local_zone()))
            try:
                work = Work(copy, connection, stream, scratch, progress)
                work.total = _units(work, counts, with_pages, with_files)
                _fill(work, header, not database.sqlite, with_pages, with_files, plain)
                stream.finish()
            finally:
                stream.close()
            out.flush()
            os.fsync(out.fileno())
    finally:
        copy.close()
    for path in scratch.iterdir():  # the trial restore may need their room
        path.unlink() if path.is_file() else shutil.rmtree(path)
    return Archived(
        partial, 0, stream.count, work.records, work.pages, work.files, 0.0, tuple(work.lost)
    )  # fmt: skip


def _units(work: Work, counts: dict[str, int], with_pages: bool, with_files: bool) -> int:
    total = sum(counts.values())
    if with_pages:
        customers = sum(counts.get(work.schema.entity(name).table, 0) for name in work.customers)
        total += customers * pages.UNITS
    if with_files:
        total += files.weigh(work.connection)[1] // 50_000
    return total


def _fill(work: Work, header: Header, server: bool, with_pages: bool, with_files: bool, plain: Path) -> None:
    """All members, in the order in which people look for them."""
    office = str(read_settings(work.connection).get("name") or "") or Path(header.database).stem
    about = readme.About(office, clock.now(), VERSION, with_files, with_pages, server, header.counts)
    frame = about.frame()
    readme.write_readme(work, frame, about)
    tables.write_configuration(work)
    schemas.write_schemas(work)
    tables.write_records(work)
    tables.write_further(work)
    tables.write_history(work)
    if with_files:
        files.write_files(work)
    if with_pages:
        pages.write_pages(work, frame, files=with_files)
    work.tell(translate(N_("Packing the database")))
    with work.zip.member(whole_zip.OFFICE, level=4) as member, plain.open("rb") as source:
        while block := source.read(1024 * 1024):
            member.write(block)
            work.progress.check()
    header.sha256 = member.sha256
    _write_manifest(work, header, with_pages, with_files)


def _write_manifest(work: Work, header: Header, with_pages: bool, with_files: bool) -> None:
    """The last member: what the archive says of itself, then every other member on a line."""
    parts = [name for name, wanted in (("pages", with_pages), ("files", with_files)) if wanted]
    said = {
        "format": whole_zip.FORMAT, "version": whole_zip.VERSION, "created": header.created, "database": header.database,
        "program": header.program, "revision": header.revision, "language": language(), "parts": parts,
        "office": {"sha256": header.sha256, "size": header.size}, "lost": work.lost, "counts": header.counts,
        "checks": header.checks,
    }  # fmt: skip
    with work.zip.member(whole_zip.MANIFEST) as member:
        head = json.dumps(said, ensure_ascii=False, indent=1)[:-2] + ",\n" + whole_zip.FILES
        member.write(head.encode())
        for number, (name, size, digest) in enumerate(work.zip.sums()):
            line = json.dumps(name, ensure_ascii=False) + ": " + json.dumps({"size": size, "sha256": digest})
            member.write(((",\n  " if number else "  ") + line).encode())
        member.write(b"\n }\n}\n")


def _prove(path: Path, database: Database, progress: Progress) -> list[str]:
    """Read everything again, and restore the office for trial."""
    progress.update(0, 0, translate(N_("Reading the archive again")))
    found = whole_zip.check_archive(path, progress)
    if not found.whole or found.added:
        raise UserError(N_("{folder} did not keep what was written to it."), folder=str(path.parent))
    progress.update(0, 0, translate(N_("Proving the archive by a trial restore")))
    try:
        return list(verify_backup(path, database.schema, progress=progress).problems)
    except Cancelled:
        raise
    except UserError as error:
        return [str(error)]
