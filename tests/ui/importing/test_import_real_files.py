"""Files that nobody here wrote, through the window; skipped where there are none (``CRM_REAL_DATA``)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.helpers.thorough import small, some

_FOLDERS = (
    "contacts",
    "companies",
    "crm_exports",
    "pipeline",
    "spreadsheets",
    "vcards",
    "calendar",
    "transactions",
    "tickets",
)
_KINDS = frozenset(".csv .tsv .txt .xls .xlsx .xlsb .ods .vcf .ics .html".split())
_LARGEST = 1_500_000


def _files() -> list[Path]:
    root = os.environ.get("CRM_REAL_DATA")
    if not root:
        return []
    found = [path for folder in _FOLDERS for path in sorted((Path(root) / folder).rglob("*")) if path.is_file()]
    read = [path for path in found if path.suffix.lower() in _KINDS and path.stat().st_size < _LARGEST]
    return some(small(read), 14)


@pytest.mark.skipif(not os.environ.get("CRM_REAL_DATA"), reason="CRM_REAL_DATA is not set")
def test_real_files_reach_the_rehearsal_or_say_why_not(desk) -> None:  # type: ignore[no-untyped-def]
    """Each is opened, mapped and rehearsed; every row is accounted for, and nothing is written."""
    told = []
    for path in _files():
        desk.page.session.close_file()
        desk.open(path)
        draft = desk.page.session.draft
        if draft is None or not draft.ready:
            assert len(desk.page.file.problem.text) > 20, path.name
            told.append((path.name, desk.page.file.problem.text))
            continue
        for _times in range(8):
            missing = desk.page.current.missing()
            if missing is not None and missing.leave is not None:
                missing.leave()
                desk.settle()
            if desk.page.current.key == "rehearsal" or desk.page.current.missing() is not None:
                break
            desk.go_on()
        if desk.page.current.key != "rehearsal":
            assert desk.page.footer.text.text(), path.name
            told.append((path.name, desk.page.footer.text.text()))
            continue
        assert draft.rehearsed, f"{path.name}: {desk.page.rehearsal.error.text.text()}"
        result = desk.page.rehearsal.result
        assert result.balanced, path.name
        assert result.created + result.updated + result.duplicates + result.rejected_count + result.unchanged > 0, (
            path.name
        )
        told.append((path.name, f"{result.plan.entity} +{result.created} ~{result.updated} !{result.rejected_count}"))
    assert desk.count("contact") == 0 and desk.count("company") == 0
    print(*told, sep="\n")
