"""When there was last contact with each person, company and deal: kept by every unit of work, whoever writes.

It follows from done activities and from the messages of cases. A deal's own activities count for it, those of its
deals and cases also for a person, and those of its people, deals and cases for a company. Imports, merges and undo go
through units of work too, so the column is right after each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.journal import change
from crm_desktop.db.past.kept import Keeper
from crm_desktop.db.unit_of_work import UnitOfWork

_WATCHED = ("activity", "activity_link", "case_message", "contact", "company", "deal", "case_file")
_LINKING = ("contact", "deal", "case_file")
_CHUNK = 500
Latest = dict[int, datetime]


def refresh_last_contact(uow: UnitOfWork) -> dict[str, set[int]]:
    """Bring ``last_activity_at`` up to date where the unit of work changed what it follows from.

    Returns the ids of the records that have another value now, by record type.
    """
    connection = uow.connection
    done = {(table, op) for table, op in uow.done if table in _WATCHED}
    if not done:
        return {}
    if uow.database.locked:
        return _on_server(connection, uow.change_set_id)
    touched = _touched(connection, uow.mine, done)
    if not touched:
        return {}
    deals = _update(uow, "deal", touched)
    above = _above(connection, ("deal", "case_file"), touched)
    contacts = _update(uow, "contact", touched | above)
    companies = touched | above | _above(connection, ("contact",), touched | above)
    return {"deal": deals, "contact": contacts, "company": _update(uow, "company", companies)}


def _on_server(connection: sa.Connection, change_set_id: int) -> dict[str, set[int]]:
    """In a locked database contact counts that the person who writes does not see: the server brings it up to date."""
    result: dict[str, set[int]] = {"deal": set(), "contact": set(), "company": set()}
    for entity, identity in connection.execute(
        sa.text("SELECT f.entity, f.id FROM crm_last_contact(:set) f"), {"set": change_set_id}
    ):
        result[entity].add(identity)
    return result


def _touched(connection: sa.Connection, mine: sa.ColumnElement[bool], done: Set[tuple[str, str]]) -> set[int]:
    """The records whose last contact may be another one now. ``done``: what was done to which tables."""
    link, message = Base.metadata.tables["activity_link"], Base.metadata.tables["case_message"]

    def changed(table: str) -> sa.Select[Any]:
        return sa.select(change.c.record_id).where(mine, change.c.table_name == table, change.c.op.in_(("I", "U")))

    statements = []
    if done & {("activity_link", "I"), ("activity_link", "U")}:
        statements.append(sa.select(link.c.record_id).where(link.c.id.in_(changed("activity_link"))))
    if ("activity", "U") in done:
        statements.append(sa.select(link.c.record_id).where(link.c.activity_id.in_(changed("activity"))))
    if done & {("case_message", "I"), ("case_message", "U")}:
        statements.append(sa.select(message.c.case_id).where(message.c.id.in_(changed("case_message"))))
    statements += [
        _restored(mine, table) for table in ("contact", "company", "deal", "case_file") if (table, "I") in done
    ]
    found = {record_id for statement in statements for record_id in connection.execute(statement).scalars()}
    return found | set(_named_in_history(connection, mine, done))


def _restored(mine: sa.ColumnElement[bool], table: str) -> sa.Select[Any]:
    """Records that were inserted with something already hanging on them, as undo and copies do."""
    link = Base.metadata.tables["activity_link"]
    new = sa.select(change.c.record_id).where(mine, change.c.table_name == table, change.c.op == "I")
    return sa.select(link.c.record_id).where(link.c.record_id.in_(new))


def _named_in_history(
    connection: sa.Connection, mine: sa.ColumnElement[bool], done: Set[tuple[str, str]]
) -> Iterator[int]:
    """Records that deleted or redirected rows belonged to, or belong to now."""
    columns: dict[str, tuple[str, ...]] = {"activity_link": ("record_id",), "case_message": ("case_id",)}
    columns |= dict.fromkeys(_LINKING, ("contact_id", "company_id"))
    for table, names in columns.items():
        if not done & {(table, "U"), (table, "D")}:
            continue
        redirected = sa.or_(*(change.c.data[name].as_string().isnot(None) for name in names))
        rows = connection.execute(
            sa.select(change.c.op, change.c.record_id, change.c.data)
            .where(mine, change.c.table_name == table, change.c.op.in_(("U", "D")), redirected)
        )  # fmt: skip
        for op, _record_id, data in rows:
            for name in names:
                value = data.get(name)
                yield from (one for one in (value if op == "U" and value else [value]) if one is not None)


def _above(connection: sa.Connection, tables: Sequence[str], ids: Iterable[int]) -> set[int]:
    """The contacts and companies that rows of these tables belong to."""
    result: set[int] = set()
    for name in tables:
        table = Base.metadata.tables[name]
        columns = [table.c[column] for column in ("contact_id", "company_id") if column in table.c]
        for part in _parts(ids):
            for row in connection.execute(sa.select(*columns).where(table.c.id.in_(part))):
                result.update(one for one in row if one is not None)
    return result


def _update(uow: UnitOfWork, name: str, ids: Iterable[int]) -> set[int]:
    """Write what differs, past versions and history: nobody edits this column. Returns the ids."""
    return mend_last_contact(uow.connection, name, ids)


def mend_last_contact(connection: sa.Connection, name: str, ids: Iterable[int]) -> set[int]:
    """Bring ``last_activity_at`` of records up to date. Deals come before contacts, and those before companies.

    Returns:
        The ids of those that had another value.
    """
    different = wrong_last_contact(connection, name, ids)
    if different:
        table = Base.metadata.tables[name]
        statement = table.update().where(table.c.id == sa.bindparam("row"))
        rows = [{"row": identity, "at": at} for identity, at in different.items()]
        connection.execute(statement.values(last_activity_at=sa.bindparam("at")), rows)
    return set(different)


def wrong_last_contact(connection: sa.Connection, name: str, ids: Iterable[int]) -> dict[int, datetime | None]:
    """The records whose ``last_activity_at`` is not what it should be, with what it should be."""
    table = Base.metadata.tables[name]
    different: dict[int, datetime | None] = {}
    for part in _parts(ids):
        rows = connection.execute(sa.select(table.c.id, table.c.last_activity_at).where(table.c.id.in_(part)))
        stored = {int(identity): at for identity, at in rows}
        latest = _latest(connection, name, list(stored)) if stored else {}
        different |= {i: latest.get(i) for i, at in stored.items() if at != latest.get(i)}
    return different


def _latest(connection: sa.Connection, name: str, ids: list[int]) -> Latest:
    """The last contact of records of one type, by id."""
    result: Latest = {}
    for statement in _contacts_with(name, ids):
        for key, at in connection.execute(statement):
            if at is not None and (key not in result or at > result[key]):
                result[key] = at
    return result


def _contacts_with(name: str, ids: list[int] | sa.Select[Any]) -> list[sa.Select[Any]]:
    """The statements that give (id, when there was contact) of records of one type."""
    link, activity = Base.metadata.tables["activity_link"], Base.metadata.tables["activity"]
    when = sa.case((activity.c.starts_at < activity.c.done_at, activity.c.starts_at), else_=activity.c.done_at)
    linked = sa.join(link, activity, activity.c.id == link.c.activity_id)
    done = activity.c.status == "done"

    def grouped(key: sa.ColumnElement[Any], value: Any, source: Any, *where: Any) -> sa.Select[Any]:
        return sa.select(key, sa.func.max(value)).select_from(source).where(key.in_(ids), *where).group_by(key)

    statements = [grouped(link.c.record_id, when, linked, done)]
    if name != "deal":
        column = f"{name}_id"
        deal, case = Base.metadata.tables["deal"], Base.metadata.tables["case_file"]
        message = Base.metadata.tables["case_message"]
        statements += [
            grouped(deal.c[column], deal.c.last_activity_at, deal),
            grouped(case.c[column], when, linked.join(case, case.c.id == link.c.record_id), done),
            grouped(case.c[column], message.c.at, sa.join(case, message, message.c.case_id == case.c.id),
                    message.c.kind != "internal"),
        ]  # fmt: skip
    if name == "company":
        contact = Base.metadata.tables["contact"]
        statements.append(grouped(contact.c.company_id, contact.c.last_activity_at, contact))
    return statements


def keep_last_contact(past: Keeper) -> None:
    """As of a moment: work out again when there was last contact, where what it follows from was touched since."""
    if not past.found(*_WATCHED):
        return
    about = past.gather(
        *(_of(past, "activity_link", "record_id", id="activity_link", activity_id="activity")),
        *(_of(past, "case_message", "case_id", id="case_message")),
    )
    people = about
    past.keep("deal", "last_activity_at", about, _contacts_with("deal", about))
    for name, column in (("contact", "contact_id"), ("company", "company_id")):
        parts = [about]
        for table in ("deal", "case_file"):
            parts += _of(past, table, column, id=table)
            parts += [sa.select(one.c[column]).where(one.c.id.in_(about)) for one in past.both(table)]
        if (
            name == "company"
        ):  # people count for their company: where their last contact or their company is another one
            parts += [sa.select(one.c.company_id).where(one.c.id.in_(people)) for one in past.both("contact")]
            for rows, one in past.moved("contact", "company_id"):
                parts.append(rows.add_columns(one.c.company_id).where(one.c.last_activity_at.isnot(None)))
        people = past.gather(*parts)
        past.keep(name, "last_activity_at", people, _contacts_with(name, people))


def _of(past: Keeper, table: str, column: str, **columns: str) -> list[sa.Select[Any]]:
    """A column of the rows of a table, as they were and as they are, of which a column names a touched row of a table."""
    return [
        sa.select(one.c[column]).where(one.c[key].in_(past.touched(name)))
        for one in past.both(table)
        for key, name in columns.items()
        if past.found(name)
    ]


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]
