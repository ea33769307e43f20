"""Events: what happened, told once after the commit."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger(__name__)

Ids = dict[str, frozenset[int]]
"""Record ids by entity name."""


@dataclass(frozen=True)
class RecordsChanged:
    """A change set was committed. ``origin`` tells its maker's own windows from the others'.

    ``everything`` is true where the ids are not known (a bulk change of more than ``LIMIT`` records, or a
    lost connection that came back): whoever shows records reads them again. ``unseen`` are record types of which
    something changed that may be hidden from who signed in: a record that was shown may not be theirs to see any more.
    """

    LIMIT = 5000

    created: Ids = field(default_factory=dict)
    updated: Ids = field(default_factory=dict)
    deleted: Ids = field(default_factory=dict)
    change_set: int | None = None
    origin: str = ""
    everything: bool = False
    unseen: frozenset[str] = frozenset()

    def touches(self, entity: str) -> bool:
        """Whether any record of this entity changed."""
        if self.everything or entity in self.unseen:
            return True
        return any(entity in part for part in (self.created, self.updated, self.deleted))

    def touches_record(self, entity: str, record_id: int) -> bool:
        """Whether this record changed."""
        if self.everything or entity in self.unseen:
            return True
        return any(record_id in part.get(entity, ()) for part in (self.created, self.updated, self.deleted))


def merged(events: Sequence[RecordsChanged]) -> RecordsChanged:
    """Several changes told as one; where they name too many records, ``everything``."""
    if len(events) == 1:
        return events[0]
    if any(one.everything for one in events):
        return RecordsChanged(everything=True)
    parts: list[dict[str, frozenset[int]]] = []
    for name in ("created", "updated", "deleted"):
        part: dict[str, frozenset[int]] = {}
        for one in events:
            for entity, ids in getattr(one, name).items():
                part[entity] = part.get(entity, frozenset()) | ids
        parts.append(part)
    if sum(len(ids) for part in parts for ids in part.values()) > RecordsChanged.LIMIT:
        return RecordsChanged(everything=True)
    unseen = frozenset(name for one in events for name in one.unseen)
    return RecordsChanged(parts[0], parts[1], parts[2], unseen=unseen)


@dataclass(frozen=True)
class PresenceChanged:
    """Somebody opened, left or began to edit records with these marks (``records.presence``); none where they are not known."""

    records: frozenset[int] = frozenset()


@dataclass(frozen=True)
class NoticesChanged:
    """There may be new notices, or read ones, for these users; no ids where they are not known."""

    users: frozenset[int] = frozenset()


@dataclass(frozen=True)
class AccessChanged:
    """Who signed in may do something else from now on: ``database.access`` is another one."""


class EventBus:
    """Hands events to who asked for their type. Handlers run on the publisher's thread."""

    def __init__(self) -> None:
        self._handlers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)

    def subscribe(self, event_type: type, handler: Callable[[Any], None]) -> Callable[[], None]:
        """Call ``handler`` for every event of the type; returns the function that stops it."""
        self._handlers[event_type].append(handler)

        def stop() -> None:
            if handler in self._handlers[event_type]:
                self._handlers[event_type].remove(handler)

        return stop

    def publish(self, event: object) -> None:
        """Tell everybody. A handler that fails is logged and does not stop the others."""
        for handler in list(self._handlers[type(event)]):
            try:
                handler(event)
            except Exception:
                log.exception("A handler of %s failed", type(event).__name__)
