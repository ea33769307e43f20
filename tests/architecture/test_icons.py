"""Every icon that the code names exists in the icon font."""

from __future__ import annotations

import re

import qtawesome

from tests.helpers.sources import ROOT


def test_every_icon_exists(qapp: object) -> None:
    qtawesome.icon("ph.users")
    known = qtawesome._instance().charmap["ph"]
    named = {
        (name, path.relative_to(ROOT).as_posix())
        for folder in ("ui", "crm_desktop")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r'"ph\.([a-z0-9-]+)"', path.read_text(encoding="utf-8"))
    }
    assert named
    assert not [(name, path) for name, path in sorted(named) if not name.endswith("-") and name not in known]
