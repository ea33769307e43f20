"""The plan, the places and the backups in words."""

from __future__ import annotations

from crm_desktop.backup.overview import Overview, Row
from crm_desktop.backup.places import PlaceState
from crm_desktop.backup.plan_words import joined, plan_words
from crm_desktop.backup.schedule import Plan
from crm_desktop.core import formats, paths
from crm_desktop.core.i18n import N_, _, ngettext, translate

KINDS = {
    "daily": N_("By the plan"),
    "hand": N_("By hand"),
    "migration": N_("Before an upgrade"),
    "import": N_("Before an import"),
    "restore": N_("Before a restore"),
}


def plan_text(found: Overview) -> str:
    """The plan as a sentence, and when it makes the next backup."""
    text = plan_words(found.plan)
    if found.next_at is not None:
        text += " " + _("Next: {when}.").format(when=formats.format_relative(found.next_at, with_time=True))
    return text


def state_text(found: Overview) -> tuple[str, str, str, int]:
    """How things stand: the sentence, the icon, its colour, its hue."""
    trouble, good = found.trouble, found.newest_proven
    if trouble is not None:
        return _("The last backup was not made"), "ph.shield-warning", "warning", 4
    if good is None or good.proven is None:
        return _("Nothing could be brought back yet"), "ph.shield", "text-muted", 8
    reachable = found.reachable_proven
    if reachable is None or reachable.proven is None:
        text = _("No backup can be reached just now: the last one was proven {when}")
        when = formats.format_relative(good.proven, with_time=True)
        return text.format(when=when), "ph.shield-warning", "warning", 4
    good, when = reachable, formats.format_relative(reachable.proven, with_time=True)
    seconds = good.run.seconds if good.run is not None and good.run.seconds else good.info.seconds
    if seconds and seconds >= 1:
        text = _("The office can be brought back: proven {when}, in {time}")
        return text.format(when=when, time=formats.format_duration(seconds)), "ph.shield-check", "success", 3
    return _("The office can be brought back: proven {when}").format(when=when), "ph.shield-check", "success", 3


def trouble_text(found: Overview) -> str:
    """Why the last one was not made, or not at every place; empty where it was."""
    row = found.trouble
    if row is None:
        return " ".join(found.problems)
    if row.state == "gone":
        words = _("The computer {computer} stopped in the middle of it. Another one takes over.")
        return words.format(computer=row.run.computer if row.run else "?")
    return (row.run.problem if row.run else "") or _("It was stopped. It is tried again later.")


def place_text(place: PlaceState, plan: Plan, size: int) -> tuple[str, str]:
    """How a place is, and the colour of that."""
    if place.state == "missing":
        return _("Not here just now. Backups wait and are copied when it is back."), "warning"
    if place.gone:
        return _("Not there since {when}").format(when=_since(place)), "warning"
    if place.state == "readonly":
        return _("This computer may not write there."), "warning"
    if place.free < size:
        return _("Only {free} free: too little for a backup").format(free=formats.format_size(place.free)), "warning"
    return _("{free} free").format(free=formats.format_size(place.free)), "text-muted"


def _since(place: PlaceState) -> str:
    return formats.format_relative(place.since, with_time=True)


def gone_text(place: PlaceState, waiting: int | None) -> str:
    """A folder that had backups and is not there: since when, and what it means.

    Args:
        waiting: how many backups wait for it; 0 where none can be made at all, None where it missed nothing yet.
    """
    text = _("{folder} is not there since {when}. Is the disk in, the share connected, the folder renamed?")
    if place.state == "unmounted":
        text = _("The disk of {folder} is not there since {when}; an empty folder stands in its place.")
    text = text.format(folder=place.folder, when=_since(place))
    if waiting == 0:
        return text + " " + _("No backup can be made.")
    if waiting is None:
        return text
    more = ngettext(
        "{n} backup waits for it and is copied when it is back.",
        "{n} backups wait for it and are copied when it is back.", waiting,
    )  # fmt: skip
    return text + " " + more.format(n=formats.format_integer(waiting))


def still_gone_text(place: PlaceState) -> str:
    """Somebody looked again, and it is not back."""
    return _("{folder} is still not there.").format(folder=place.folder)


def missed_text(place: PlaceState) -> str:
    """The same in the status bar."""
    return _("Backup folder not there since {when}").format(when=_since(place))


def lost_text(count: int) -> str:
    """That files of backups were removed past the program."""
    text = ngettext(
        "The file of {n} backup on the list was removed past the program.",
        "The files of {n} backups on the list were removed past the program.", count,
    )  # fmt: skip
    return text.format(n=formats.format_integer(count))


def made_text(row: Row) -> str:
    """When a backup was made."""
    return formats.format_relative(row.info.created, with_time=True)


def kind_text(row: Row) -> str:
    """Why it was made; by whom, where it was not made by itself."""
    why = translate(KINDS[row.why]) if row.why in KINDS else row.why
    name = row.run.user_name if row.run is not None else ""
    if not why or row.why in ("daily", "migration") or not name:
        return why or "–"
    return _("{why} ({name})").format(why=why, name=name)


def proof_text(row: Row) -> str:
    """Whether it is proven, and when."""
    if row.state == "running":
        return _("being made")
    if row.state in ("failed", "gone"):
        return _("not made")
    if row.state == "lost":
        return _("file removed")
    if row.proven is None:
        return _("not proven yet")
    return formats.format_relative(row.proven, with_time=True)


def where_text(row: Row) -> str:
    """Where it is."""
    if row.places:
        own = str(paths.backups_folder())
        return joined(sorted({_("this computer") if one == own else one for one in row.places}))
    if row.run is not None and row.run.path:
        folder = row.run.path[: -len(row.run.file)].rstrip("/\\") or row.run.path
        return _("{folder} on {computer}").format(folder=folder, computer=row.run.computer)
    return row.run.computer if row.run is not None else ""


def tooltip(row: Row) -> str:
    """More about a backup."""
    parts = [formats.format_datetime(row.info.created), row.info.path]
    if row.state == "lost":
        parts.append(
            _("Somebody removed its file past the program. What it had cannot be brought back from it any more.")
        )
    if row.run is not None:
        parts.append(_("made on {computer} by {name}").format(computer=row.run.computer, name=row.run.user_name or "–"))
        if row.run.problem:
            parts.append(row.run.problem)
        if row.run.proven_at is not None and not row.run.report:
            parts.append(no_certificate_text())
        tables = len((row.run.report or {}).get("tables", []))
        if tables:
            parts.append(ngettext("{n} table compared", "{n} tables compared", tables).format(n=tables))
    elif row.here:
        parts.append(no_certificate_text())
    return "\n".join(part for part in parts if part)


def no_certificate_text() -> str:
    """Why a backup has no certificate, and how it gets one."""
    return _(
        "The office's list does not have what its trial restore compared. “Prove again” makes a certificate possible."
    )
