"""What the command "backup" does: by hand or by the office's plan, and the certificate as a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from crm_desktop.backup import passwords, place_notes, places, running, schedule
from crm_desktop.backup.disk import disk_errors
from crm_desktop.backup.running import Outcome
from crm_desktop.cli_base import actor_of
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.core.refusals import require
from crm_desktop.db.database import Database
from crm_desktop.insight.backup_certificate import CERTIFICATE
from crm_desktop.records.office_service import read_settings
from crm_desktop.reporting.document import Organisation
from crm_desktop.reporting.output import write_document
from crm_desktop.reporting.registry import ReportContext, run_report


def make(
    database: Database, folders: Sequence[Path], password: str | None, progress: Progress, *, anew: bool = False
) -> Outcome | None:
    """Make one in the given folders, or where the plan wants it; ``anew``: also in those that had backups and are gone."""
    _refuse_read_only(database)
    require(database.access, "backup")
    plan = schedule.plan_of(database)
    if folders:
        plan = replace(plan, encrypted=False)  # the password is the one that was given, or none
    if anew:
        _make_anew(folders or [places.folder_of(name) for name in ("", *plan.all_places)])
    return running.run_backup(
        database, plan, user_name=actor_of(database).name, password=password, progress=progress, folders=folders
    )  # fmt: skip


def _make_anew(folders: Sequence[Path]) -> None:
    for folder in folders:
        if place_notes.gone_from(folder):
            with disk_errors(folder):
                place_notes.make_anew(folder)


def _refuse_read_only(database: Database) -> None:
    """Say what it is before anything is said of rights: nobody may write into what can only be read."""
    if database.read_only:
        raise UserError(
            N_(
                "{name} can only be read here, and a backup is noted in the office itself, so none was made. Run this where "
                "the file and its folder may be written, or keep a copy of the file as it is."
            ),
            name=database.name,
        )


def make_scheduled(database: Database, password: str | None, progress: Progress) -> Outcome | None:
    """Make the one that the plan wants now; copy on what a place missed."""
    _refuse_read_only(database)
    require(database.access, "backup")
    plan = schedule.plan_of(database)
    if password:
        passwords.tell(database, password)
    outcome = running.make_due(database, plan, actor_of(database).name, progress)
    if plan.enabled:
        running.bring_late(database, plan, progress)
    return outcome


def write_certificate(database: Database, path: Path) -> None:
    """Write the certificate of the newest proven backup as a PDF."""
    actor = actor_of(database)
    with database.read() as connection:
        settings = read_settings(connection)
        organisation = Organisation(str(settings.get("name") or database.name), str(settings.get("address") or ""))
        user = SimpleNamespace(id=actor.user_id or 0, name=actor.name)
        context = ReportContext(connection, user, organisation, clock.today(), database)
        document = run_report(CERTIFICATE, context, {})
    write_document(document, path)
