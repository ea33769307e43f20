"""The values of records that become one: who stays, and a choice in each line. What the dialog shows; no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crm_desktop.core.fields import Kind
from crm_desktop.core.i18n import _
from crm_desktop.records.merge_plan import ADDRESS, MergeField, MergePlan, blank, plain
from ui.records.shown import text_of


class MergeChoice:
    """Which record stays and, by field, the id of the record whose value is taken."""

    def __init__(self, plan: MergePlan, winner: int = 0) -> None:
        self.plan = plan
        self.winner = winner or plan.winner_id
        self.taken: dict[str, int] = {}
        self.fill_blanks()

    @property
    def ids(self) -> list[int]:
        """The records, in the order of the columns."""
        return [one.id for one in self.plan.records]

    @property
    def losers(self) -> list[int]:
        """The records that go."""
        return [one for one in self.ids if one != self.winner]

    def text(self, one: MergeField, identity: int) -> str:
        """What a record says in a field, in words."""
        if one.name == ADDRESS:
            return one.texts.get(identity, "")
        value = one.values.get(identity)
        if one.field.kind is Kind.BOOL and value is None:
            return ""
        return text_of(one.field, value)

    def stay(self, identity: int) -> None:
        """Let another record stay: what nobody chose otherwise is its own."""
        before = {one.name: one.best.get(self.winner) for one in self.plan.fields}
        own = {name for name, source in self.taken.items() if source != before.get(name)}
        self.winner = identity
        for one in self.plan.fields:
            if one.name not in own:
                self._put(one, one.best.get(identity))

    def take(self, name: str, identity: int) -> None:
        """Take a field from a record."""
        self.taken[name] = identity

    def take_all(self, identity: int) -> None:
        """Take everything that a record says from it."""
        self._from(lambda one: identity if not blank(one.values.get(identity)) else None)

    def take_newest(self) -> None:
        """In each field the value of the record that was changed last and says something."""
        self._from(lambda one: next((i for i in self.plan.newest if not blank(one.values.get(i))), None))

    def take_longest(self) -> None:
        """In each field the longest text; others stay as they are."""

        def longest(one: MergeField) -> int | None:
            if one.field.kind in (Kind.TEXT, Kind.LONG_TEXT):
                return max(self.ids, key=lambda i: (len(self.text(one, i)), i == self.winner))
            return None

        self._from(longest)

    def fill_blanks(self) -> None:
        """What stays says counts; where it says nothing, the newest of the others."""
        for one in self.plan.fields:
            self._put(one, one.best.get(self.winner))

    def values(self) -> dict[str, Any]:
        """What to write, by field: only what is not decided without asking."""
        result: dict[str, Any] = {}
        for one in self.plan.fields:
            source = self.taken.get(one.name)
            if source is not None and not one.fixed and source != one.best.get(self.winner):
                result[one.name] = plain(one.values.get(source))
        return result

    def _from(self, choose: Any) -> None:
        for one in self.plan.fields:
            if not one.fixed:
                source = choose(one)
                if source is not None:
                    self.taken[one.name] = source

    def _put(self, one: MergeField, source: int | None) -> None:
        self.taken[one.name] = source if source is not None else self.winner


def sections(plan: MergePlan, everything: bool) -> list[tuple[str, str, str, Sequence[MergeField]]]:
    """(icon, colour, words, fields) of the parts of the dialog; empty ones are left out."""
    asked = [one for one in plan.fields if one.conflict and not one.fixed]
    alone = [one for one in plan.fields if one.differs and (one.fixed or not one.conflict)]
    same = [one for one in plan.fields if not one.differs and any(not blank(v) for v in one.values.values())]
    parts = [
        ("ph.warning", "warning", _("They say different things: choose in each line"), asked),
        (
            "ph.check-circle",
            "success",
            _("Filled in by itself: only one of them says it, or it never goes back"),
            alone,
        ),
    ]
    if everything:
        parts.append(("ph.equals", "text-muted", _("The same everywhere"), same))
    return [part for part in parts if part[3]]
