"""Writes of the calendar: plan, move, edit, finish and delete activities, one occurrence of a series or more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from crm_desktop.calendar.occurrences import first_on_rule, to_wall, zone_of
from crm_desktop.calendar.queries import expand, get_activity, length_of, read_exdates, taken_occurrences
from crm_desktop.calendar.recurrence import Frequency, Rule, format_rule, parse_rule
from crm_desktop.calendar.series import continued_from, ended_before, is_first, moved_exceptions, moved_rule
from crm_desktop.core import clock
from crm_desktop.core.errors import EditConflict, UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import service as records

Links = Sequence[tuple[str, int]]
"""(record type, id) of what an activity belongs to."""

SUBJECT_LENGTH = 80
"""As much of what was said in a call is its subject; the rest stands below."""

CALL = N_("Call")
USUAL_LENGTH = timedelta(hours=1)
"""How long an appointment takes where nobody says."""

_OWN = {"id", "version", "created_at", "created_by", "updated_at", "updated_by", "done_at", "outcome", "uid"}


class Scope(StrEnum):
    """How much of a series a change is for."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


def plan_activity(uow: UnitOfWork, values: Mapping[str, Any], *, links: Links = ()) -> int:
    """Plan an appointment or a task. Returns its id.

    Args:
        values: fields of an activity; ``starts`` and ``ends`` are wall times in its ``zone``, which is the
            computer's own where none is given; the end of a whole day is the day after it.
        links: what it belongs to.
    """
    given = dict(values)
    given.setdefault("owner_id", uow.actor.user_id)
    if given.get("starts") and not given.get("ends") and not given.get("all_day"):
        given["ends"] = given["starts"] + USUAL_LENGTH
    if given.get("rrule"):
        if not given.get("starts"):
            raise UserError(N_("What repeats needs a start. Give one."))
        rule = parse_rule(given["rrule"])
        given |= {"rrule": format_rule(rule), **_on_rule(rule, given["starts"], given.get("ends"))}
    return records.create_record(uow, "activity", given, children={"links": _link_rows(links)})


def log_call(uow: UnitOfWork, links: Links, call: Any) -> int:
    """Note a call down that has just taken place, and plan its next step. Returns the id of the call.

    Args:
        call: has ``direction``, ``outcome``, ``seconds``, ``text``, ``next_step``, ``next_day`` and ``next_time``.
    """
    text = call.text.strip()
    first, _break, rest = text.partition("\n")
    whole = len(first) <= SUBJECT_LENGTH and not rest.strip()
    values = {
        "kind": "call", "status": "done", "subject": _subject(first) or translate(CALL), "direction": call.direction,
        "outcome": call.outcome, "duration": call.seconds, "description": None if whole else text,
    }  # fmt: skip
    call_id = plan_activity(uow, values, links=links)
    if call.next_step.strip():
        step = {"kind": "task", "subject": call.next_step.strip(), "due": call.next_day}
        if call.next_time is not None:
            step["due_time"] = f"{call.next_time:%H:%M}"
        plan_activity(uow, step, links=links)
    return call_id


def _subject(line: str) -> str:
    """The beginning of a text, as long as a subject may be, cut between words."""
    line = line.strip()
    if len(line) <= SUBJECT_LENGTH:
        return line
    return line[:SUBJECT_LENGTH].rsplit(" ", 1)[0].rstrip(",;: ") + "…"


def edit_activity(
    uow: UnitOfWork, activity_id: int, values: Mapping[str, Any], *, recurrence_id: datetime | None = None,
    scope: Scope = Scope.ALL, links: Links | None = None, base: Mapping[str, Any] = records.NO_BASE,
) -> int:  # fmt: skip
    """Change an activity, or a series from one of its occurrences. Returns the id of the record that now holds it.

    Args:
        values: what is different; ``starts`` and ``ends`` are those of the occurrence that was edited.
        recurrence_id: which occurrence of the series; None for an activity that stands alone.
        scope: only this occurrence, this and all later ones, or all.
        links: what it belongs to from now on; None leaves that as it is.
        base: the values that the editor showed, to notice what somebody else changed meanwhile.

    Raises:
        EditConflict: somebody else changed one of the same fields.
        RecordGone: it was deleted.
    """
    row = get_activity(uow.database, uow.connection, activity_id)
    if values.get("rrule"):
        values = {**values, "rrule": format_rule(parse_rule(values["rrule"]))}
    children = {"links": _kept_links(uow, activity_id, links)} if links is not None else None
    if recurrence_id is None or not row["rrule"]:
        records.update_record(uow, "activity", activity_id, values, base=base, children=children)
        return activity_id
    zone = zone_of(row["zone"])
    rule = parse_rule(row["rrule"])
    if scope is Scope.FOLLOWING and is_first(rule, row["starts"], recurrence_id, zone):
        scope = Scope.ALL
    if scope is Scope.THIS:
        return _detach(uow, row, recurrence_id, values, links)
    if scope is Scope.FOLLOWING:
        return _split(uow, row, rule, recurrence_id, values, links, zone)
    _shift_series(uow, row, rule, recurrence_id, dict(values), zone)
    if children is not None:
        records.replace_children(uow, "activity", activity_id, "links", children["links"])
    return activity_id


def move_activity(
    uow: UnitOfWork, activity_id: int, start: datetime, end: datetime, *, all_day: bool | None = None,
    recurrence_id: datetime | None = None, scope: Scope = Scope.ALL, seen: tuple[datetime, datetime] | None = None,
) -> int:  # fmt: skip
    """Give an activity another time. Returns the id of the record that now holds it.

    Args:
        start: aware; the clock of the activity's own zone is set from it. Of a whole day only the date counts.
        end: aware, as ``start``.
        all_day: make it one of whole days or of hours; None leaves that as it is.
        seen: its start and end as whoever moves it saw them; None does not ask.

    Raises:
        EditConflict: somebody else gave it another time meanwhile.
        UserError: the same of a series, of which the place that was seen is no more.
    """
    row = get_activity(uow.database, uow.connection, activity_id)
    whole = bool(row["all_day"]) if all_day is None else all_day
    zone = zone_of(row["zone"])
    if whole:
        values: dict[str, Any] = {"starts": start.replace(tzinfo=None), "ends": end.replace(tzinfo=None)}
    else:
        values = {"starts": to_wall(start, zone), "ends": to_wall(end, zone)}
    if all_day is not None:
        values["all_day"] = all_day
    base: Mapping[str, Any] = records.NO_BASE
    if seen is not None and (row["all_day"] or recurrence_id is not None):
        _refuse_moved(uow, row, recurrence_id, seen, values)
    elif seen is not None and not whole:
        base = {"starts": to_wall(seen[0], zone), "ends": to_wall(seen[1], zone)}
    return edit_activity(uow, activity_id, values, recurrence_id=recurrence_id, scope=scope, base=base)


def _refuse_moved(
    uow: UnitOfWork, row: Mapping[str, Any], recurrence_id: datetime | None, seen: tuple[datetime, datetime],
    mine: Mapping[str, Any],
) -> None:  # fmt: skip
    """Raise where whole days, or an occurrence of a series, no longer stand where they were seen."""
    taken = taken_occurrences(uow.connection, uow.table("activity"), [row["id"]])[row["id"]]
    view = seen[0].tzinfo if isinstance(seen[0].tzinfo, ZoneInfo) else clock.local_zone()
    day = timedelta(days=1)
    for one in expand(dict(row), taken, view, seen[0] - day, seen[1] + day):
        if (one.recurrence_id, one.start, one.end) == (recurrence_id, *seen):
            return
    if recurrence_id is not None:
        raise UserError(
            N_("Somebody else changed this repeating event meanwhile. It is shown as it is now; move it again.")
        )
    names = ("starts", "ends")
    was = dict(zip(names, (one.replace(tzinfo=None) for one in seen), strict=True))
    raise EditConflict("activity", row["id"], {name: (was[name], mine[name], row[name]) for name in names})


def schedule_task(uow: UnitOfWork, activity_id: int, start: datetime, end: datetime) -> None:
    """Give a task an hour in the calendar; its due day stays."""
    zone_name = clock.local_zone_name()
    zone = ZoneInfo(zone_name)
    values = {"starts": to_wall(start, zone), "ends": to_wall(end, zone), "zone": zone_name, "all_day": False}
    records.update_record(uow, "activity", activity_id, values)


def complete_activity(
    uow: UnitOfWork, activity_id: int, *, done: bool = True, recurrence_id: datetime | None = None,
    outcome: str | None = None,
) -> int:  # fmt: skip
    """Tick an activity off, or one occurrence of a series; ``done=False`` takes it back. Returns the record's id."""
    values: dict[str, Any] = {"status": "done" if done else "planned"}
    if outcome is not None:
        values["outcome"] = outcome
    return edit_activity(uow, activity_id, values, recurrence_id=recurrence_id, scope=Scope.THIS)


def delete_activity(
    uow: UnitOfWork, activity_id: int, *, recurrence_id: datetime | None = None, scope: Scope = Scope.ALL
) -> None:
    """Delete an activity, or a part of a series. An occurrence of its own does not come back by the rule."""
    row = get_activity(uow.database, uow.connection, activity_id)
    if row["series_id"] and row["recurrence_id"]:
        _leave_out(uow, row["series_id"], row["recurrence_id"])
        records.delete_records(uow, "activity", [activity_id])
        return
    if recurrence_id is None or not row["rrule"] or scope is Scope.ALL:
        records.delete_records(uow, "activity", [activity_id])
        return
    rule, zone = parse_rule(row["rrule"]), zone_of(row["zone"])
    if scope is Scope.THIS:
        _leave_out(uow, activity_id, recurrence_id)
    elif is_first(rule, row["starts"], recurrence_id, zone):
        records.delete_records(uow, "activity", [activity_id])
    else:
        _end_series(uow, row, rule, recurrence_id)
        later = [one["id"] for one in _exceptions(uow, activity_id) if one["recurrence_id"] >= recurrence_id]
        records.delete_records(uow, "activity", later)


def set_links(uow: UnitOfWork, activity_id: int, links: Links) -> bool:
    """Say what an activity belongs to. Returns whether anything was different."""
    rows = _kept_links(uow, activity_id, links)
    return records.replace_children(uow, "activity", activity_id, "links", rows)


def _detach(
    uow: UnitOfWork, row: Mapping[str, Any], recurrence_id: datetime, values: Mapping[str, Any], links: Links | None
) -> int:
    """Make one occurrence a record of its own, which stands in for it."""
    own = _copy(row) | {
        "starts": recurrence_id,
        "ends": recurrence_id + length_of(row),
        "rrule": None,
        "exdates": None,
        "series_id": row["id"],
        "recurrence_id": recurrence_id,
        "uid": row["uid"],
    }
    changed = {name: value for name, value in values.items() if name != "rrule"}
    return _insert_copy(uow, own, changed, row["id"], links)


def _split(
    uow: UnitOfWork, row: Mapping[str, Any], rule: Rule, recurrence_id: datetime, values: Mapping[str, Any],
    links: Links | None, zone: tzinfo,
) -> int:  # fmt: skip
    """End a series before an occurrence and go on from there with a new one that has the changes."""
    following = continued_from(rule, row["starts"], recurrence_id, zone)
    later = [one for one in _exceptions(uow, row["id"]) if one["recurrence_id"] >= recurrence_id]
    exdates = read_exdates(row["exdates"])
    new = _copy(row) | {
        "starts": recurrence_id,
        "ends": recurrence_id + length_of(row),
        "rrule": format_rule(following),
        "exdates": _stored(one for one in exdates if _is_from(one, recurrence_id)) or None,
    }
    _end_series(uow, row, rule, recurrence_id)
    uow.update(
        "activity", row["id"], {"exdates": _stored(x for x in exdates if not _is_from(x, recurrence_id)) or None}
    )
    new_id = _insert_copy(uow, new, {}, row["id"], links)
    for one in later:
        uow.update("activity", one["id"], {"series_id": new_id})
    fresh = get_activity(uow.database, uow.connection, new_id)
    _shift_series(uow, fresh, following, recurrence_id, dict(values), zone)
    return new_id


def _shift_series(
    uow: UnitOfWork, row: Mapping[str, Any], rule: Rule, recurrence_id: datetime, values: dict[str, Any], zone: tzinfo
) -> None:
    """Change a whole series. New times are those of the occurrence, so that the first one moves as far as it did."""
    starts, ends = values.pop("starts", None), values.pop("ends", None)
    length = length_of(row)
    begin = starts if starts is not None else recurrence_id
    if ends is not None:
        length = ends - begin
    offset = begin - recurrence_id
    first = row["starts"] + offset
    moved = {"starts": first, "ends": first + length}
    given = values.pop("rrule", ...)
    if given is None:
        # It repeats no longer: what is left is the occurrence that was edited.
        moved, values["rrule"] = {"starts": begin, "ends": begin + length}, None
    elif given is not ... and parse_rule(str(given)) != rule:
        values["rrule"] = str(given)
        moved = _on_rule(parse_rule(str(given)), first, first + length)
    elif offset:
        new_rule = moved_rule(rule, recurrence_id, begin)
        values["rrule"] = format_rule(new_rule)
        # The same distance may miss the rule in the month of the first one: the second Tuesday and 8 days.
        once = new_rule.freq in (Frequency.MONTHLY, Frequency.YEARLY) and len(new_rule.days + new_rule.month_days) == 1
        period = first.replace(day=1) if once else first
        moved = _on_rule(new_rule, period, period + length)
    records.update_record(uow, "activity", row["id"], {**values, **moved})
    if offset:
        kept = moved_exceptions(read_exdates(row["exdates"]), zone, recurrence_id, begin)
        uow.update("activity", row["id"], {"exdates": _stored(kept) or None})
        for one in _exceptions(uow, row["id"]):
            uow.update("activity", one["id"], {"recurrence_id": one["recurrence_id"] + offset})


def _on_rule(rule: Rule, start: datetime, end: datetime | None) -> dict[str, datetime]:
    """The times of the first occurrence, on a day that the rule gives."""
    first = first_on_rule(rule, start)
    return {"starts": first} if end is None else {"starts": first, "ends": first + (end - start)}


def _insert_copy(
    uow: UnitOfWork, row: dict[str, Any], values: Mapping[str, Any], source: int, links: Links | None
) -> int:
    spec = uow.schema.entity("activity")
    whole = {**row, **records.clean(spec.fields, values).columns}
    records.run_rule(records.RuleContext(uow, spec), whole, None)
    new_id = uow.insert("activity", whole)
    chosen = links if links is not None else [(entity, record) for entity, record, _id in _links(uow, source)]
    for entity, record_id in chosen:
        uow.insert("activity_link", {"activity_id": new_id, "entity": entity, "record_id": record_id})
    return new_id


def _end_series(uow: UnitOfWork, row: Mapping[str, Any], rule: Rule, recurrence_id: datetime) -> None:
    ended = ended_before(rule, recurrence_id, all_day=bool(row["all_day"]))
    records.update_record(uow, "activity", row["id"], {"rrule": format_rule(ended)})


def _leave_out(uow: UnitOfWork, series_id: int, wall: datetime) -> None:
    stored = get_activity(uow.database, uow.connection, series_id)["exdates"]
    exdates = [*read_exdates(stored), wall]
    uow.update("activity", series_id, {"exdates": _stored(exdates)})


def _exceptions(uow: UnitOfWork, series_id: int) -> list[Mapping[str, Any]]:
    table = uow.table("activity")
    statement = sa.select(table.c.id, table.c.recurrence_id).where(
        table.c.series_id == series_id, table.c.recurrence_id.is_not(None)
    )
    return [dict(row) for row in uow.connection.execute(statement).mappings()]


def _links(uow: UnitOfWork, activity_id: int) -> list[tuple[str, int, int]]:
    table = uow.table("activity_link")
    statement = sa.select(table.c.entity, table.c.record_id, table.c.id).where(table.c.activity_id == activity_id)
    return [(row[0], row[1], row[2]) for row in uow.connection.execute(statement.order_by(table.c.id))]


def _kept_links(uow: UnitOfWork, activity_id: int, links: Links) -> list[dict[str, Any]]:
    known = {(entity, record): identity for entity, record, identity in _links(uow, activity_id)}
    rows = _link_rows(links)
    for row in rows:
        identity = known.get((row["entity"], row["record_id"]))
        if identity is not None:
            row["id"] = identity
    return rows


def _link_rows(links: Links) -> list[dict[str, Any]]:
    return [{"entity": entity, "record_id": record_id} for entity, record_id in dict.fromkeys(links)]


def _copy(row: Mapping[str, Any]) -> dict[str, Any]:
    copied = {name: value for name, value in row.items() if name not in _OWN}
    if copied["status"] == "done":
        copied["status"] = "planned"
    return copied


def _stored(values: Iterable[datetime | date]) -> list[str]:
    return sorted({value.isoformat() for value in values})


def _is_from(value: datetime | date, wall: datetime) -> bool:
    return value >= wall if isinstance(value, datetime) else value >= wall.date()
