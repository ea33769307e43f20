"""What was rehearsed against what would be written now: the same, or which rows differ and who changed what meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.formats import format_time
from crm_desktop.core.i18n import N_, _
from crm_desktop.db.journal import change, change_set
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.outcomes import Journal, Line
from crm_desktop.importing.result import ImportResults

_PAGE = 2_000
_LISTED = 500
_TOLD = 3


@dataclass(frozen=True)
class Difference:
    """A row that would now do something else: what was rehearsed, what it would do now, and who changed its record."""

    before: Line | None
    after: Line | None
    who: str = ""
    at: datetime | None = None
    gone: bool = False

    @property
    def line(self) -> Line:
        """What it would do now, or else did."""
        found = self.after or self.before
        assert found is not None
        return found

    def __str__(self) -> str:
        line = self.line
        title = line.title or (self.before.title if self.before else "")
        told = {"row": line.row, "title": title, "who": self.who or _("somebody"),
                "time": format_time(self.at) if self.at is not None else ""}  # fmt: skip
        if self.gone:
            return _("row {row}: {title} was deleted by {who} at {time}").format(**told)
        if self.at is not None:
            return _("row {row}: {title} was changed by {who} at {time}").format(**told)
        if self.after is not None and self.before is not None and self.after.outcome != self.before.outcome:
            words = {"before": _word(self.before), "after": _word(self.after)}
            return _("row {row}: {title} would be {after}, not {before}").format(**told, **words)
        return _("row {row}: {title}").format(**told)


def _word(line: Line) -> str:
    words = {
        "created": _("new"), "updated": _("changed"), "restored": _("brought back"), "unchanged": _("unchanged"),
        "duplicate": _("a duplicate"), "rejected": _("rejected"),
    }  # fmt: skip
    return words[line.outcome]


class RehearsalDiffers(UserError):
    """What would be written is not what was rehearsed; nothing was written.

    Attributes:
        count: how many rows differ.
        differences: the first of them.
        file: the name of the file, where that was changed.
    """

    def __init__(self, count: int, differences: Sequence[Difference], file: str = "") -> None:
        if file:
            super().__init__(N_("{file} was changed since the rehearsal. Nothing was written."), file=file)
        else:
            told = "; ".join(str(one) for one in differences[:_TOLD]) + ("; …" if count > _TOLD else ".")
            super().__init__(
                N_("Since the rehearsal the database changed. Rows that would now do something else: {n}; {rows}"),
                n=count, rows=told,
            )  # fmt: skip
        self.count = count
        self.differences = list(differences)
        self.file = file


def check_files(rehearsed: ImportResults, now: ImportResults) -> None:
    """Refuse to write a file that is another one than was rehearsed.

    Raises:
        RehearsalDiffers: a file was changed.
    """
    for path, known in rehearsed.contents.items():
        if now.contents.get(path, known) != known:
            raise RehearsalDiffers(0, (), path.replace("\\", "/").rpartition("/")[2])


def check_rows(uow: UnitOfWork, rehearsed: ImportResults, now: ImportResults) -> None:
    """Refuse to write what was not rehearsed, row by row.

    Raises:
        RehearsalDiffers: some rows would do something else now.
    """
    before, after = rehearsed.journal, now.journal
    assert before is not None and after is not None
    if before.digest == after.digest or before.closed:
        return
    count = 0
    found: list[tuple[Line | None, Line | None]] = []
    for one in _different(before, after):
        count += 1
        if len(found) < _LISTED:
            found.append(one)
    if count:
        raise RehearsalDiffers(count, _explained(uow, before, found))


def _different(before: Journal, after: Journal) -> Iterator[tuple[Line | None, Line | None]]:
    """Rows that differ, in the order in which they are carried out."""
    last = 0
    while True:
        ours, theirs = _page(before, last), _page(after, last)
        if not ours and not theirs:
            return
        for place in sorted(ours.keys() | theirs.keys()):
            mine, other = ours.get(place), theirs.get(place)
            if mine is None or other is None or mine[1] != other[1]:
                yield (mine[0] if mine else None, other[0] if other else None)
        last += _PAGE


def _page(journal: Journal, last: int) -> dict[int, tuple[Line, tuple[Any, ...]]]:
    """Some lines with what counts in the comparison."""
    ids = list(range(last + 1, last + _PAGE + 1))
    links = dict(journal.rows("SELECT id, links FROM line WHERE id > ? AND id <= ?", [last, last + _PAGE]))
    changes = journal.changes(ids)
    found = {}
    for line in journal.lines(ids):
        cells = tuple((one.field, str(one.old), "" if one.fresh else str(one.new)) for one in changes.get(line.id, ()))
        known = journal.known(line.outcome, line.record_id)
        found[line.id] = (
            line, (line.part, line.row, line.outcome, known, line.rule, line.same_as, line.header, line.value,
                   str(line.reason), links.get(line.id), cells),
        )  # fmt: skip
    return found


def _explained(uow: UnitOfWork, before: Journal, pairs: Sequence[tuple[Line | None, Line | None]]) -> list[Difference]:
    """Who changed the records of these rows since the rehearsal, and when."""
    ids = {line.record_id for pair in pairs for line in pair if line is not None and line.record_id is not None}
    touched: dict[int, tuple[str, datetime | None, bool]] = {}
    every = sorted(ids)
    for start in range(0, len(every), 500):
        part = every[start : start + 500]
        statement = (
            sa.select(change.c.record_id, change.c.parent_id, change.c.op, change_set.c.at, change_set.c.user_name,
                      change.c.at, change.c.user_name)
            .outerjoin(change_set, change_set.c.id == change.c.change_set_id)
            .where(change.c.record_id.in_(part) | change.c.parent_id.in_(part), change.c.id > before.history)
            .where(change.c.change_set_id.is_(None) | (change.c.change_set_id != uow.change_set_id))
            .order_by(change.c.id)
        )  # fmt: skip
        for record_id, parent_id, op, at, who, outside_at, outside_who in uow.connection.execute(statement):
            own = record_id in ids
            record = record_id if own else parent_id
            gone = op == "D" if own else touched.get(record, ("", None, False))[2]  # its parts go after it
            touched[record] = (who or outside_who or "", at or outside_at, gone)
    found = []
    for mine, other in pairs:
        about = next((touched[line.record_id] for line in (mine, other)
                      if line is not None and line.record_id in touched), ("", None, False))  # fmt: skip
        found.append(Difference(mine, other, *about))
    return found
