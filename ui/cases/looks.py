"""How cases look: icons and colours of statuses, priorities, channels and clocks."""

from __future__ import annotations

from crm_desktop.cases.clocks import Clock
from crm_desktop.cases.words import clock_text

Badge = tuple[str, str, str]
"""(text, kind, icon)"""

STATUS_KINDS = {"new": "accent", "open": "accent", "waiting": "warning", "solved": "success", "closed": "neutral"}
STATUS_ICONS = {
    "new": "ph.sparkle", "open": "ph.play", "waiting": "ph.pause", "solved": "ph.check-circle", "closed": "ph.archive",
}  # fmt: skip
PRIORITY_ICONS = {"low": "ph.arrow-down", "normal": "ph.minus", "high": "ph.arrow-up", "urgent": "ph.caret-double-up"}
PRIORITY_KINDS = {"low": "neutral", "normal": "neutral", "high": "neutral", "urgent": "danger"}
ACTIVITY_ICONS = {
    "task": "ph.check-square", "call": "ph.phone", "meeting": "ph.users", "visit": "ph.map-pin",
    "email": "ph.envelope-simple",
}  # fmt: skip
_CHANNEL_ICONS = {
    "phone": "ph.phone", "email": "ph.envelope-simple", "messenger": "ph.chat-circle-dots", "web": "ph.globe",
    "in_person": "ph.handshake", "letter": "ph.envelope",
}  # fmt: skip
_BADGE_KINDS = {
    "overdue": ("danger", "ph.warning"), "risk": ("warning", "ph.timer"), "running": ("neutral", "ph.timer"),
}  # fmt: skip
CLOCK_COLORS = {
    "met": "success", "missed": "danger", "running": "text", "risk": "warning", "overdue": "danger",
    "paused": "text-muted", "none": "text-muted",
}  # fmt: skip
CLOCK_ICONS = {
    "met": "ph.check-circle", "missed": "ph.x-circle", "running": "ph.timer", "risk": "ph.timer",
    "overdue": "ph.warning", "paused": "ph.pause", "none": "ph.timer",
}  # fmt: skip


def channel_icon(channel: str, kind: str = "") -> str:
    """The icon of a channel; a call has a direction where ``kind`` is "in" or "out"."""
    if channel == "phone" and kind in ("in", "out"):
        return "ph.phone-incoming" if kind == "in" else "ph.phone-outgoing"
    return _CHANNEL_ICONS.get(channel, "ph.chat-text")


def clock_badge(clock: Clock) -> Badge | None:
    """What a row of the queue says about its next deadline."""
    if clock.state == "paused":
        return clock_text(clock), "neutral", "ph.pause"
    found = _BADGE_KINDS.get(clock.state)
    return (clock_text(clock), *found) if found else None
