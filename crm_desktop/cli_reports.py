"""What the sub-command for reports does: list them, build one, write it to a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

from crm_desktop.cli_base import say, say_json
from crm_desktop.core import clock
from crm_desktop.core.i18n import _, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.records.office_service import ADDRESS, NAME, read_settings
from crm_desktop.reporting import registry
from crm_desktop.reporting.document import Organisation
from crm_desktop.reporting.output import write_document
from crm_desktop.reports import REPORTS


def list_reports(as_json: bool) -> None:
    """Print every report with its parameters."""
    if as_json:
        say_json([
            {"name": spec.name, "title": _(spec.title), "description": _(spec.description),
             "category": _(spec.category),
             "parameters": [{"name": p.name, "label": _(p.label), "kind": p.kind} for p in spec.parameters]}
            for spec in REPORTS
        ])  # fmt: skip
        return
    for spec in REPORTS:
        say(f"{spec.name}  {_(spec.title)}")
        say(f"    {_(spec.description)}")
        if spec.parameters:
            say("    " + ", ".join(f"{p.name} ({_(p.label)}: {p.kind})" for p in spec.parameters))


def write_report(
    database: Database, actor: Actor, name: str, file: str, settings: Sequence[str], progress: Progress
) -> Path:
    """Build a report and write it. Returns the file's path.

    Raises:
        UserError: there is no such report or parameter, a value does not fit, or the file cannot be written.
    """
    spec = registry.find_report(REPORTS, name)
    with database.read() as connection:
        kept = read_settings(connection)
        organisation = Organisation(str(kept.get(NAME) or database.name), str(kept.get(ADDRESS) or ""))
        user = SimpleNamespace(id=actor.user_id or 0, name=actor.name)
        context = registry.ReportContext(connection, user, organisation, clock.today(), database)
        document = registry.run_report(spec, context, registry.parse_settings(spec, settings, context))
    progress.update(message=translate(spec.title))
    return write_document(document, file, progress=progress)
