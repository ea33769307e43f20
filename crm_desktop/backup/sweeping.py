"""What a backup or a restore that was killed leaves behind: unfinished files, which nobody needs."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from pathlib import Path

from crm_desktop.backup.catalogue import known_backups
from crm_desktop.core import paths
from crm_desktop.db.database import Database

_OURS = re.compile(r".+-\d{4}-\d\d-\d\d-\d{6}(-[0-9a-f]{4}|-\d+)?\.partial")
"""How unfinished backups are called; other programs have ".partial" files, too, and somebody may back up to where they lie."""
OLD_S = 900.0
"""So long after the last byte nobody writes an unfinished backup any more, on whatever computer."""


def sweep_partials(database: Database, older_than: float = OLD_S) -> list[str]:
    """Remove unfinished backups from the folders of the backups, and unfinished restores from beside the file.

    Args:
        older_than: seconds since something was written to them; others may be at work in the same folder.

    Returns:
        The names of the files that went.
    """
    folders = {Path(one.path).parent for one in known_backups(database)} | {paths.backups_folder()}
    found: list[Path] = []
    path = database.path
    if path is not None:
        folders.add(path.parent / "backups")
        for ending in (".restoring", ".going-back"):
            found += path.parent.glob(f"{path.name}{ending}*")
    removed = []
    for folder in folders:
        with suppress(OSError):  # a stick that is not there
            found += [one for one in folder.glob("*.partial") if _OURS.fullmatch(one.name)]
    for one in found:
        with suppress(OSError):
            if time.time() - one.stat().st_mtime >= older_than:
                one.unlink()
                removed.append(one.name)
    return removed
