"""What the page of backups shows: the plan, its places, and every backup that this computer or the office knows of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from crm_desktop.backup import passwords, place_notes, runs
from crm_desktop.backup.catalogue import BackupInfo, key_of
from crm_desktop.backup.disk import size_of
from crm_desktop.backup.listing import list_backups
from crm_desktop.backup.places import PlaceState, folder_of, lacking, look_all
from crm_desktop.backup.runs import Run
from crm_desktop.backup.schedule import Plan, next_due, plan_of
from crm_desktop.core.errors import UserError
from crm_desktop.db.database import Database

_LOOKED_AT = 30
"""So many of the last proven ones are looked for on the disk: older ones say little of how safe the office is."""


@dataclass(frozen=True)
class Row:
    """A backup in the list.

    Attributes:
        info: the file, as far as this computer can see it; its path is that of the computer that made it otherwise.
        run: what the office knows of it.
        state: "proven", "made", "failed", "running", "gone" (its computer went away while making it), or "lost" (its file
            was removed past the program).
        here: whether the file can be opened from here.
        places: the folders that hold it, this computer's view.
    """

    info: BackupInfo
    run: Run | None
    state: str
    here: bool
    places: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """Why it was made, as in ``runs.BackupRun``; empty where nobody here knows, as of a file from elsewhere."""
        if self.run is not None:
            return self.run.kind
        return self.info.kind or ("daily" if self.info.automatic else "")

    @property
    def proven(self) -> datetime | None:
        """When it was proven last."""
        known = [one for one in (self.info.proven, self.run.proven_at if self.run else None) if one]
        return max(known, default=None)


@dataclass(frozen=True)
class Overview:
    """Everything of the page, read at once; ``lacking`` as ``places.lacking`` gives it."""

    plan: Plan
    places: list[PlaceState]
    rows: list[Row]
    next_at: datetime | None
    needs_password: bool
    size: int
    now: datetime
    lacking: list[tuple[PlaceState, int]] = field(default_factory=list)
    same_disk: bool = False
    """Whether every place of the plan is on the disk of the office itself, which takes them all along when it breaks."""

    @property
    def newest_proven(self) -> Row | None:
        """The youngest backup that is proven, wherever it is."""
        there = (row for row in self.rows if row.proven and row.state != "lost")
        last = self.now + runs.CLOCKS  # what a wrong clock dated into days to come does not hide the others
        return max(there, key=lambda row: (row.info.created <= last, row.info.created), default=None)

    @property
    def reachable_proven(self) -> Row | None:
        """The youngest proven backup that can be opened from here, or that another computer made and may have."""
        here = (row for row in self.rows if row.proven and row.state != "lost" and (row.here or _elsewhere(row)))
        last = self.now + runs.CLOCKS
        return max(here, key=lambda row: (row.info.created <= last, row.info.created), default=None)

    @property
    def problems(self) -> tuple[str, ...]:
        """What was wrong with single places when the youngest proven backup was made, one sentence each."""
        good = self.newest_proven
        report = good.run.report if good is not None and good.run is not None else None
        return tuple(str(one) for one in (report or {}).get("problems") or ())

    @property
    def lost(self) -> int:
        """How many backups are on the list whose files somebody removed past the program."""
        return sum(1 for row in self.rows if row.state == "lost")

    @property
    def trouble(self) -> Row | None:
        """The last try, where it failed and nothing was proven after it."""
        last = self.now + runs.CLOCKS
        failed = (row for row in self.rows if row.state in ("failed", "gone") and _began(row) <= last)
        tried = max(failed, key=_began, default=None)
        good = self.newest_proven
        return tried if tried is not None and (good is None or _began(tried) > _began(good)) else None


def _elsewhere(row: Row) -> bool:
    return row.run is not None and row.run.computer != runs.computer_name()


def _began(row: Row) -> datetime:
    return row.run.started_at if row.run else row.info.created


def read_overview(database: Database) -> Overview:
    """Look at the plan, the places and the lists; may take a moment where a share is slow to answer."""
    plan = plan_of(database)
    with database.read() as connection:
        now, known = runs.now_of(connection), runs.recent(connection)
    places = look_all(plan)
    infos: dict[str, BackupInfo] = {}
    for name in dict.fromkeys(("", *plan.all_places)):
        for one in list_backups(database, folder_of(name)):
            infos.setdefault(one.path, one)
    needs = plan.enabled and plan.encrypted and not passwords.known(database)
    try:
        size = size_of(database)
    except UserError:
        size = 0
    return Overview(
        plan,
        places,
        _rows(database, list(infos.values()), known, now),
        next_due(plan, now),
        needs,
        size,
        now,
        lacking(database, plan),
        _on_one_disk(database, places),
    )


def last_proven(connection: sa.Connection) -> Run | None:
    """The backup that was proven last and whose file is still there, as far as this computer can tell."""
    return next((one for one in runs.proven(connection, _LOOKED_AT) if not was_removed(one)), None)


def was_removed(run: Run) -> bool:
    """Whether this computer made a backup, and its file is no longer in any of its folders though a folder is there.

    A stick that is not in, or a share that is away, may have it still.
    """
    if not run.path or run.computer != runs.computer_name():
        return False
    files = [Path(one) for one in (run.path, *((run.report or {}).get("copies") or ()))]
    return not any(one.exists() or not one.parent.is_dir() or place_notes.gone_from(one.parent) for one in files)


def _on_one_disk(database: Database, places: list[PlaceState]) -> bool:
    if database.path is None or not all(one.ready for one in places):
        return False
    try:
        return {one.folder.stat().st_dev for one in places} == {database.path.stat().st_dev}
    except OSError:
        return False


def _rows(database: Database, infos: list[BackupInfo], known: list[Run], now: datetime) -> list[Row]:
    """One row for each backup: copies of one file are one, and what only other computers have is in it too."""
    by_file: dict[str, list[BackupInfo]] = {}
    for one in infos:
        by_file.setdefault(Path(one.path).name, []).append(one)
    rows, seen = [], set()
    for run in known:
        files = by_file.get(run.file, []) if run.file else []
        seen.add(run.file)
        if files or not was_removed(run):
            rows.append(_row(files, run, _info_of(database, run), now))
        elif run.kind != "migration":  # of those the program removes old ones by itself
            rows.append(Row(_info_of(database, run), run, "lost", False))
    rows += [_row(files, None, files[0], now) for name, files in by_file.items() if name not in seen]
    return sorted(rows, key=lambda row: row.info.created, reverse=True)


def _row(files: list[BackupInfo], run: Run | None, made: BackupInfo, now: datetime) -> Row:
    info = max(files, key=lambda one: (one.proven is not None, one.records), default=made)
    if run is None:
        return Row(
            info, None, "proven" if info.proven else "made", True, tuple(str(Path(f.path).parent) for f in files)
        )
    state = "gone" if run.gone(now) else run.state
    return Row(info, run, state, bool(files), tuple(str(Path(one.path).parent) for one in files))


def _info_of(database: Database, run: Run) -> BackupInfo:
    return BackupInfo(
        run.path or "", key_of(database), run.started_at, run.size or 0, run.encrypted, run.proven_at, run.records or 0,
        run.seconds or 0.0, automatic=run.kind != "hand", kind=run.kind,
    )  # fmt: skip
