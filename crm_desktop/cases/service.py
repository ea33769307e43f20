"""Writes of cases: opening, answering, assigning and solving them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import FieldError, RecordGone
from crm_desktop.core.i18n import N_
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import service


def create_case(uow: UnitOfWork, values: Mapping[str, Any], *, message: str = "", kind: str = "in") -> int:
    """Open a case; its protocol number is drawn. Returns its id.

    Args:
        values: fields of the case; who opens it owns it unless ``owner_id`` is given (None: nobody).
        message: what the customer said, as the first message of the conversation.
        kind: "in", or "internal" where it is our own words.
    """
    given = {"owner_id": uow.actor.user_id, **values}
    if given.get("contact_id") and not given.get("company_id"):
        contact = uow.table("contact")
        statement = sa.select(contact.c.company_id).where(contact.c.id == given["contact_id"])
        given["company_id"] = uow.connection.execute(statement).scalar()
    case_id = service.create_record(uow, "case", {k: v for k, v in given.items() if v is not None})
    if message.strip():
        _insert_message(uow, case_id, kind, message, channel=given.get("channel"), author="", at=None)
    return case_id


def change_status(uow: UnitOfWork, case_id: int, status: str, *, solution: str | None = None) -> None:
    """Change the status of a case, maybe with the words that solved it.

    Raises:
        ValidationFailed: the change is not allowed; the sentence says what is.
    """
    values: dict[str, Any] = {"status": status}
    if solution is not None and solution.strip():
        values["solution"] = solution.strip()
    service.update_record(uow, "case", case_id, values)


def assign_case(uow: UnitOfWork, case_id: int, owner_id: int | None) -> None:
    """Give a case to somebody, or to nobody."""
    service.update_record(uow, "case", case_id, {"owner_id": owner_id})


def add_message(
    uow: UnitOfWork, case_id: int, kind: str, body: str, *, channel: str | None = None, author: str = "",
    then: str | None = None, at: datetime | None = None,
) -> int:  # fmt: skip
    """Write a message of a case. Returns its id.

    The first one to the customer stops the clock of the first response and takes a new case in progress. One from the
    customer puts a case that waited for it, or was solved, back in progress.

    Args:
        kind: "in" from the customer, "out" to the customer, "internal" among us.
        channel: how it came or went; the case's own where None.
        author: who wrote it, where that is not the contact ("in") or who is signed in.
        then: the status that the case gets with it, e.g. "waiting" for "send and wait for the customer".
        at: when it was said; now where None.

    Raises:
        FieldError: the text is empty.
        RecordGone: the case was deleted.
    """
    table = uow.table("case")
    case = uow.connection.execute(sa.select(table).where(table.c.id == case_id)).mappings().first()
    if case is None:
        raise RecordGone("case", case_id)
    message_id = _insert_message(uow, case_id, kind, body, channel=channel or case["channel"], author=author, at=at)
    moment = at or uow.now
    values: dict[str, Any] = {}
    if kind == "out" and case["responded_at"] is None:
        values["responded_at"] = moment
    status = then or _status_after(kind, case["status"])
    if status is not None and status != case["status"]:
        values["status"] = status
    if values:
        service.update_record(uow, "case", case_id, values)
    else:
        uow.update("case", case_id, {})
    return message_id


def update_message(uow: UnitOfWork, message_id: int, body: str) -> None:
    """Correct the text of a message.

    Raises:
        FieldError: the text is empty.
    """
    uow.update("case_message", message_id, {"body": _text(body)})


def delete_message(uow: UnitOfWork, message_id: int) -> None:
    """Take a message out of its case; Undo brings it back."""
    uow.delete("case_message", [message_id])


def _status_after(kind: str, status: str) -> str | None:
    if kind == "out" and status == "new":
        return "open"
    if kind == "in" and status in ("waiting", "solved", "closed"):
        return "open"
    return None


def _insert_message(
    uow: UnitOfWork, case_id: int, kind: str, body: str, *, channel: str | None, author: str, at: datetime | None
) -> int:
    ours = kind != "in"
    return uow.insert("case_message", {
        "case_id": case_id, "kind": kind, "body": _text(body), "channel": None if kind == "internal" else channel,
        "author": author.strip() or (uow.actor.name if ours else _contact_name(uow, case_id)) or None,
        "author_id": uow.actor.user_id if ours else None, "at": at or uow.now,
    })  # fmt: skip


def _text(body: str) -> str:
    if not body.strip():
        raise FieldError("body", N_("Write something first."))
    return body.strip()


def _contact_name(uow: UnitOfWork, case_id: int) -> str | None:
    case, contact = uow.table("case"), uow.table("contact")
    statement = sa.select(contact.c.name).join(case, case.c.contact_id == contact.c.id).where(case.c.id == case_id)
    found: str | None = uow.connection.execute(statement).scalar()
    return found
