"""The sub-command for privacy: everything that is held about a person, as PDF, JSON or an archive with the files."""

from __future__ import annotations

from pathlib import Path

import click

from crm_desktop.cli_base import actor_of, command, opened, option, say, say_json, working
from crm_desktop.core import formats
from crm_desktop.core.i18n import N_, _
from crm_desktop.records.office_service import ADDRESS, NAME, read_settings


@command(
    "person-data", N_("Write everything that is held about a contact or company: .pdf, .json, or .zip with the files.")
)
@click.argument("number", type=int)
@option(
    "--to", "file", required=True, type=click.Path(dir_okay=False), help=N_("The file; its ending says what it is.")
)
@option("--company", "company", is_flag=True, help=N_("The number is that of a company."))
def person_data(target: str | None, as_json: bool, number: int, file: str, company: bool) -> None:
    """Write what is held about one person."""
    from crm_desktop.insight.dossier import write_dossier  # lazy: the writers of documents

    entity = "company" if company else "contact"
    with opened(target) as database, working() as progress:
        with database.read() as connection:
            kept = read_settings(connection)
        path = write_dossier(
            database, entity, number, Path(file), author=actor_of(database).name, office=str(kept.get(NAME) or ""),
            address=str(kept.get(ADDRESS) or ""), progress=progress,
        )  # fmt: skip
    if as_json:
        say_json({"file": str(path), "size": path.stat().st_size})
        return
    say(_("Written: {file} ({size}).").format(file=path, size=formats.format_size(path.stat().st_size)))
