"""A unit of work as a function: carried out again by itself where two writers collided or a connection died under it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from crm_desktop.core.errors import Collided, SaveUnknown, Unreachable
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import UnitOfWork, write

T = TypeVar("T")

TRIES = 6
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.5


def carry_out(
    database: Database,
    title: str,
    work: Callable[[UnitOfWork], T],
    *,
    opener: Callable[..., Any] = write,
    **options: Any,
) -> T:
    """Do ``work(unit of work)`` in one change set. Arguments as for ``unit_of_work.write``.

    ``work`` may be called more than once, each time with a new unit of work: everything it does must go through that.
    It is called again where the server chose it to break a deadlock, where it waited too long for a lock, and once
    where its connection died before the end and the server still answers.

    Args:
        opener: what opens a unit of work.

    Raises:
        Collided: the others were faster each time.
        SaveUnknown: the connection died at the moment of the commit; ``result`` is what the work had come to.
    """
    tries, cut = 0, False
    while True:
        tries += 1
        done: list[T] = []
        try:
            with opener(database, title, **options) as uow:
                done.append(work(uow))
        except SaveUnknown as doubt:
            doubt.result = done[0]
            raise
        except Collided:
            if tries >= TRIES:
                raise
        except Unreachable:
            if cut or database.pulse is not None and not database.pulse.condition.connected:
                raise
            cut = True
        else:
            return done[0]
        pause = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**tries)
        time.sleep(pause * random.uniform(0.5, 1.5))
