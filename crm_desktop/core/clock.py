"""The time: UTC instants, the local zone, and one place where tests can set the clock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_now: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731


_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)


def now() -> datetime:
    """The current instant, in UTC, to the millisecond (the precision the database keeps)."""
    moment = _standing.get() or _now()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def today() -> date:
    """Today's date in the local zone."""
    return now().astimezone(local_zone()).date()


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let it be a past moment for what this thread does in the block: reading the office as it was."""
    token = _standing.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _standing.reset(token)


def end_of_day(day: date) -> datetime:
    """The last millisecond of a day in the local zone: what "as of" a date means."""
    following = datetime.combine(day + timedelta(days=1), time(), local_zone())
    return following.astimezone(UTC) - timedelta(milliseconds=1)


def set_clock(source: Callable[[], datetime] | None) -> None:
    """Use ``source`` for the time; None goes back to the real clock. For tests and demo pictures."""
    global _now
    _now = source or (lambda: datetime.now(UTC))


def local_zone_name() -> str:
    """The IANA name of the computer's zone, e.g. "America/Sao_Paulo"; "UTC" where it cannot be told."""
    return _zone_name(os.environ.get("TZ", "").lstrip(":"))


@lru_cache(maxsize=8)
def _zone_name(name: str) -> str:
    """The zone's name where TZ says ``name``."""
    if name and _is_zone(name):
        return name
    link = Path("/etc/localtime")
    try:
        target = str(link.resolve())
    except OSError:
        target = ""
    if "zoneinfo/" in target:
        name = target.split("zoneinfo/", 1)[1]
        if _is_zone(name):
            return name
    return _windows_zone() or "UTC"


def _is_zone(name: str) -> bool:
    """Whether this is an IANA name. Looking through all zones takes 8 ms, so the usual ones are only tried."""
    if name != "UTC" and (name.startswith(("posix/", "right/")) or "/" not in name):
        return name in available_timezones()  # files beside the zones load too
    try:
        return bool(ZoneInfo(name).key)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False


def _windows_zone() -> str:
    """The IANA name of the Windows zone setting, or an empty string elsewhere."""
    try:
        import winreg  # lazy: only on Windows
    except ImportError:
        return ""
    from babel.core import get_global  # lazy: only on Windows

    path = r"SYSTEM\CurrentControlSet\Control\TimeZoneInformation"
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as key:  # type: ignore[attr-defined]
        windows_name = winreg.QueryValueEx(key, "TimeZoneKeyName")[0]  # type: ignore[attr-defined]
    return str(get_global("windows_zone_mapping").get(windows_name, ""))


def local_zone() -> ZoneInfo:
    """The computer's zone."""
    return ZoneInfo(local_zone_name())
