"""Record ids: 64-bit integers, time-ordered, unique across computers without asking anybody."""

from __future__ import annotations

import secrets
import threading
import time
from datetime import datetime

_EPOCH_MS = 1_577_836_800_000  # 2020-01-01, so that 41 bits of milliseconds last until 2089
_DEVICE_BITS = 10
_COUNTER_BITS = 12


class IdGenerator:
    """Gives ids made of milliseconds since 2020 (41 bits), device (10 bits) and counter (12 bits).

    Args:
        device: 0–1023; a random one where none is given. Two computers with the same device number
            would also have to write within the same millisecond to collide, and then the primary key refuses.
    """

    def __init__(self, device: int | None = None) -> None:
        self.device = secrets.randbelow(1 << _DEVICE_BITS) if device is None else device
        self._lock = threading.Lock()
        self._milliseconds = 0
        self._counter = 0

    def next(self) -> int:
        """One new id."""
        return self.take(1)[0]

    def take(self, count: int) -> list[int]:
        """``count`` new ids in ascending order."""
        with self._lock:
            current = int(time.time() * 1000) - _EPOCH_MS
            if current > self._milliseconds:
                self._milliseconds, self._counter = current, 0
            result: list[int] = []
            while len(result) < count:
                if self._counter >= 1 << _COUNTER_BITS:
                    self._milliseconds, self._counter = self._milliseconds + 1, 0
                first = (self._milliseconds << (_DEVICE_BITS + _COUNTER_BITS)) | (self.device << _COUNTER_BITS)
                following = min(count - len(result), (1 << _COUNTER_BITS) - self._counter)
                result.extend(range(first + self._counter, first + self._counter + following))
                self._counter += following
            return result


def first_id_at(moment: datetime, device: int = 0) -> int:
    """The first id that a computer with this device number could have given at an instant."""
    return (int(moment.timestamp() * 1000) - _EPOCH_MS << (_DEVICE_BITS + _COUNTER_BITS)) | (device << _COUNTER_BITS)


generator = IdGenerator()
"""The generator of this running program."""
