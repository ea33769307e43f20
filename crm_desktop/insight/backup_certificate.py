"""The certificate of a proven backup, on paper: which database, when, where, what the trial restore compared, who."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from crm_desktop.backup import runs
from crm_desktop.backup.runs import Run
from crm_desktop.contacts.choices import SOURCES
from crm_desktop.core import formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.reporting.document import (
    Block,
    Column,
    Document,
    Figure,
    Heading,
    KeyFigures,
    Row,
    Spacer,
    Table,
    Text,
)
from crm_desktop.reporting.making import make_document
from crm_desktop.reporting.registry import Option, Parameter, ReportContext, ReportSpec

SAFETY = N_("Safety")
_LINE = "_" * 32
_DEALS = re.compile(r"(\d+) / (-?[0-9.]+) ([A-Z]{3})")
"""As ``backup_proofs`` writes the deals of a stage."""
_NAMES = {choice.key: choice.label for choice in SOURCES} | {
    "task": N_("Task"), "call": N_("Call"), "meeting": N_("Meeting"), "email": N_("E-mail"), "event": N_("Event"),
}  # fmt: skip


def _proven(context: ReportContext) -> list[Run]:
    return [one for one in runs.recent(context.connection) if one.state == "proven" and one.report]


def _options(context: ReportContext) -> list[Option]:
    return [Option(one.id, formats.format_datetime(one.started_at)) for one in _proven(context)]


def _newest(context: ReportContext) -> int | None:
    found = _proven(context)
    return found[0].id if found else None


def build_certificate(context: ReportContext, values: dict[str, Any]) -> Document:
    """The certificate of one backup."""
    run = next((one for one in _proven(context) if one.id == values["backup"]), None)
    if run is None or run.proven_at is None:
        raise UserError(N_("No backup was proven yet. Make one on the page “Backups”."))
    report = run.report or {}
    files = list(report.get("files") or (0, 0))
    tables = report.get("tables") or []
    blocks: list[Block] = [
        KeyFigures((
            Figure(_("Proven"), run.proven_at, "datetime", emphasis=True), Figure(_("Records"), run.records or 0),
            Figure(_("Rows compared"), sum(int(one[1]) for one in tables)), Figure(_("Files checked"), files[0]),
        )),
        Text(_statement(run)),
        _facts(context, run, report, files),
        *_check_yourself(report),
        Heading(_("Reports with the same numbers")),
    ]  # fmt: skip
    blocks += [_numbers(one) for one in (report.get("reports") or {}).values()]
    blocks += [Heading(_("Tables with their rows and checksums")), _tables(tables), Spacer(24), _signature()]
    return make_document(
        CERTIFICATE, context, values, blocks, names={"backup": formats.format_datetime(run.started_at)}
    )


def _statement(run: Run) -> str:
    return _(
        "The backup was restored into a scratch database. Its bytes, its integrity, the rows and the checksum of every "
        "table, every stored file and three reports were compared with the database at the moment of the backup, {when}. "
        "Nothing differed."
    ).format(when=formats.format_datetime(run.started_at, seconds=True))


def _facts(context: ReportContext, run: Run, report: dict[str, Any], files: list[int]) -> Table:
    copies = [str(one) for one in report.get("copies") or ()]
    facts = [
        (_("Database"), context.database.name if context.database is not None else ""), (_("File"), run.path or ""),
        (_("Copies"), ", ".join(copies)), (_("Size"), formats.format_size(run.size)),
        (_("Size when restored"), formats.format_size(report.get("plain"))),
        (_("Stored files"), f"{formats.format_integer(files[0])} ({formats.format_size(files[1])})"),
        (_("Password"), _("yes") if run.encrypted else _("no")), (_("Made on"), run.computer),
        (_("Made by"), run.user_name or ""), (_("Version of the program"), str(report.get("program") or "")),
        (_("Duration"), formats.format_duration(run.seconds)),
        (_("SHA-256 of the file"), str(report.get("file") or "")),
        (_("SHA-256 of the database inside"), str(report.get("sha256") or "")),
    ]  # fmt: skip
    columns = (Column("what", _("What"), weight=1), Column("value", _("Value"), weight=3))
    return Table(columns, tuple(Row(one) for one in facts if one[1]), name=_("Backup"))


def _check_yourself(report: dict[str, Any]) -> list[Block]:
    """How somebody without the program sees that a file is the one that this paper speaks of."""
    if not report.get("file"):
        return []  # proven by an earlier program
    text = _(
        "Whoever has the file can compare it with this paper: “sha256sum FILE” (Linux), “shasum -a 256 FILE” (macOS) or "
        "“certutil -hashfile FILE SHA256” (Windows) shows the SHA-256 of the file."
    )
    return [Text(text, muted=True)]


def _numbers(one: dict[str, Any]) -> Table:
    columns = (Column("label", _(str(one["title"])), weight=3), Column("value", _("Number"), align="right"))
    rows = tuple(
        Row((_(_NAMES.get(label, label)) if label else _("Not given"), _number_text(str(value))))
        for label, value in one["rows"]
    )
    return Table(columns, rows, name=_(str(one["title"])), empty=_("Nothing to count."))


def _number_text(value: str) -> str:
    """A number as people write it; the deals of a stage and their sum, which are compared as one text, as two."""
    if value.isdigit():
        return formats.format_integer(int(value))
    found = _DEALS.fullmatch(value)
    if found is None:
        return value
    count, amount, currency = int(found[1]), Decimal(found[2]), found[3]
    deals = ngettext("{n} deal", "{n} deals", count).format(n=formats.format_integer(count))
    return f"{deals}, {formats.format_money(amount, currency)}"


def _tables(tables: list[Any]) -> Table:
    columns = (
        Column("table", _("Table"), weight=1.4), Column("rows", _("Rows"), "integer", weight=0.7, total="sum"),
        Column("sum", _("Checksum (SHA-256)"), weight=3.6),
    )  # fmt: skip
    rows = tuple(Row((str(name), int(count), str(total))) for name, count, total in tables if count)
    return Table(columns, rows, name=_("Tables"), total_label=_("Total"))


def _signature() -> Text:
    return Text(f"{_LINE}    {_LINE}\n{_('Place and date')}    ·    {_('Signature')}")


CERTIFICATE = ReportSpec(
    "backup-certificate", N_("Certificate of a backup"),
    N_("Proof for the files: what the trial restore of a backup compared."), "ph.shield-check", build_certificate,
    (Parameter("backup", N_("Backup"), "choice", _newest, _options),), SAFETY,
    present_only=True,
)  # fmt: skip
REPORTS = (CERTIFICATE,)
