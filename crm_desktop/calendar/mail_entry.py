"""E-mails as activities: who wrote to whom and when, linked to the contacts recognised by their addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.calendar.service import plan_activity
from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.mail import read
from crm_desktop.mail.letter import LARGEST, Letter
from crm_desktop.records import blobs, files_service

_MOST_LINKS = 50
"""A letter to everybody is not linked to everybody."""
_LONGEST_SUBJECT = 300


@dataclass(frozen=True)
class Entered:
    """What became of an e-mail: its activity, whether it was here before, the records it is linked to now."""

    activity_id: int
    new: bool
    links: Sequence[tuple[str, int]]
    files: int


def enter_letter(
    uow: UnitOfWork, letter: Letter, original: blobs.Measured, *, record: tuple[str, int] | None = None
) -> Entered:
    """Enter an e-mail as an activity that was done when it was sent.

    The original and its attachments are kept as files of the record (of the first contact where there is none). The same
    e-mail again makes no second entry: it is linked to the record where it is not yet.

    Args:
        original: the file that the e-mail was read from.
        record: (record type, id) of what it was dropped on.

    Raises:
        UserError: it was dropped on no record, and no contact has one of its addresses.
    """
    people = contacts_by_address(uow.connection, letter.addresses)
    links = list(dict.fromkeys([*([record] if record else []), *(("contact", one) for one in people.values())]))
    links = links[:_MOST_LINKS]
    if not links:
        raise UserError(
            N_("No contact has an address of the e-mail “{subject}”. Drop it on a record to keep it there."),
            subject=letter.subject or original.path.name,
        )
    uid = f"mid:{letter.message_id or original.sha256}"
    table = uow.table("activity")
    known = uow.connection.execute(sa.select(table.c.id).where(table.c.uid == uid)).scalar()
    if known is not None:
        _add_links(uow, int(known), links)
        return Entered(int(known), False, links, 0)
    own = _own_addresses(uow.connection)
    values = {
        "kind": "email", "status": "done", "done_at": letter.date or uow.now, "uid": uid,
        "subject": letter.subject[:_LONGEST_SUBJECT] or translate(N_("(no subject)")),
        "direction": _direction(letter, people, own), "description": description_of(letter),
        "owner_id": _owner(letter, own) or uow.actor.user_id,
    }  # fmt: skip
    activity_id = plan_activity(uow, values, links=links)
    return Entered(activity_id, True, links, _attach(uow, links[0], letter, original))


def read_letter(path: Path) -> Letter:
    """The e-mail in a file, ``.eml`` or ``.msg``.

    Raises:
        UserError: it is none, too large, or cannot be read.
    """
    if path.is_file() and path.stat().st_size > LARGEST:
        raise UserError(
            N_("{name} is too large to be read as an e-mail. It can be attached as a file."), name=path.name
        )
    return read.read_letter(path)


def letter_of(ending: str, content: bytes) -> Letter:
    """The e-mail in the bytes of a file whose name ends in ``ending``."""
    return read.letter_of(ending, content)


def sent_words(letter: Letter) -> str:
    """When it was sent, as people read it."""
    return formats.format_datetime(letter.date) if letter.date else ""


def contacts_by_address(connection: sa.Connection, addresses: Sequence[str]) -> dict[str, int]:
    """Address (in small letters) to the contact that has it; the one that is known longest where several have."""
    point = Base.metadata.tables["contact_point"]
    found = _with_addresses(connection, point.c.value, addresses)
    missing = [address for address in addresses if address not in found]
    if missing:  # written with capitals; without an index, so only where it has to be
        found |= _with_addresses(connection, sa.func.lower(point.c.value), missing)
    return {address: found[address] for address in addresses if address in found}


def _with_addresses(connection: sa.Connection, column: Any, addresses: Sequence[str]) -> dict[str, int]:
    point, contact = Base.metadata.tables["contact_point"], Base.metadata.tables["contact"]
    found: dict[str, int] = {}
    for start in range(0, len(addresses), 400):
        statement = (
            sa.select(column, sa.func.min(contact.c.id))
            .join(contact, contact.c.id == point.c.owner_id)
            .where(point.c.kind == "email", column.in_(list(addresses[start : start + 400])))
            .group_by(column)
        )
        found |= {value: int(identity) for value, identity in connection.execute(statement)}
    return found


def description_of(letter: Letter) -> str:
    """The head of an e-mail and its text, as the activity shows it."""
    head = [
        (N_("From: {people}"), [letter.sender]),
        (N_("To: {people}"), letter.to),
        (N_("Cc: {people}"), letter.cc),
    ]
    lines = []
    for words, those in head:
        named = ", ".join(str(one) for one in those if str(one))
        if named:
            lines.append(translate(words).format(people=named[:2000]))
    return "\n".join([*lines, "", letter.text]).strip()


def _own_addresses(connection: sa.Connection) -> dict[str, int]:
    user = Base.metadata.tables["user_account"]
    rows = connection.execute(sa.select(user.c.email, user.c.id).where(user.c.email.is_not(None)))
    return {str(address).lower(): int(identity) for address, identity in rows}


def _direction(letter: Letter, people: Mapping[str, int], own: Mapping[str, int]) -> str:
    """Outgoing where one of us sent it, or where only those it went to are contacts."""
    sender = letter.sender.address.lower()
    if sender in own:
        return "out"
    if sender in people:
        return "in"
    return "out" if people and not any(one.address.lower() in own for one in (*letter.to, *letter.cc)) else "in"


def _owner(letter: Letter, own: Mapping[str, int]) -> int | None:
    """Which of us wrote or got it."""
    return next((own[address] for address in letter.addresses if address in own), None)


def _add_links(uow: UnitOfWork, activity_id: int, links: Sequence[tuple[str, int]]) -> None:
    table = uow.table("activity_link")
    has = set(uow.connection.execute(
        sa.select(table.c.record_id).where(table.c.activity_id == activity_id)
    ).scalars())  # fmt: skip
    for entity, record_id in links:
        if record_id not in has:
            uow.insert("activity_link", {"activity_id": activity_id, "entity": entity, "record_id": record_id})


def _attach(uow: UnitOfWork, record: tuple[str, int], letter: Letter, original: blobs.Measured) -> int:
    """Keep the original and the attachments on a record. Returns how many files came to it."""
    day = (letter.date or uow.now).astimezone(clock.local_zone()).date().isoformat()
    comment = translate(N_("From the e-mail “{subject}” of {day}")).format(subject=letter.subject[:100] or "…", day=day)
    taken = {row.name.casefold(): row.sha256 for row in files_service.attachments_of(uow.connection, record[1])}
    name = _free_name(original.path.name, original.sha256, taken)
    count = 0
    if name:
        files_service.attach_measured(uow, *record, original, name=name)
        count += 1
    for one in letter.enclosures:
        digest = blobs.store_bytes(uow, one.content)
        name = _free_name(one.name, digest, taken)
        if name:
            files_service.attach_bytes(uow, *record, name, one.content, comment=comment)
            count += 1
    return count


def _free_name(name: str, digest: str, taken: dict[str, Any]) -> str:
    """A name that no other file of the record has; empty where the record has this very file. It is taken then.

    Two invoices called "invoice.pdf" from two e-mails are two files, not two revisions of one.
    """
    stem, suffix, number, free = Path(name).stem, Path(name).suffix, 1, name
    while free.casefold() in taken:
        if taken[free.casefold()] == digest:
            return ""
        number += 1
        free = f"{stem} ({number}){suffix}"
    taken[free.casefold()] = digest
    return free
