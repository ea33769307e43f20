"""Where a database file must not be: SQLite locks are not safe on network shares."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_

_NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smbfs", "smb2", "smb3", "afpfs", "fuse.sshfs", "9p", "ncpfs", "webdav", "davfs",
     "fuse.davfs2", "glusterfs", "fuse.glusterfs", "ceph", "afs", "fuse.rclone", "fuse.gvfsd-fuse", "fuse.smbnetfs",
     "fuse.curlftpfs", "fuse.s3fs", "fuse.gcsfuse", "fuse.kio-fuse", "fuse.onedriver", "fuse.google-drive-ocamlfuse",
     "vboxsf", "fuse.vmhgfs-fuse", "prl_fs"}
)  # fmt: skip
"""File systems that other computers write to as well, shared folders of virtual machines among them."""


_TRIAL = 100_000
"""Bytes that SQLite needs beside a file at least, to open it for writing."""


def refuse_network_share(path: Path) -> None:
    """Refuse a SQLite file on a network share, where two computers would damage it.

    Raises:
        UserError: the folder is on a share.
    """
    if on_network_share(path):
        raise UserError(
            N_(
                "{name} is on a network share, where a file database can be damaged. "
                "Keep it on this computer, or share it with the office through PostgreSQL."
            ),
            name=path.name,
        )


def may_write(path: Path) -> bool:
    """Whether a file and its folder may be written. The file is not opened: closing it would end locks that SQLite holds."""
    return os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK | os.X_OK)


def why_unwritable(folder: Path) -> str:
    """Why nothing can be written to a folder, tried with a small file: "full", "protected", or "" where it can."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".crm-room-") as trial:
            trial.write(bytes(_TRIAL))
            trial.flush()
    except OSError as error:
        return "full" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "protected"
    return ""


def on_network_share(path: Path) -> bool:
    """Whether the nearest existing folder of ``path`` is on a network file system."""
    folder = path.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if sys.platform == "win32":
        return _windows_share(folder)
    return file_system(folder, mount_table()) in _NETWORK_TYPES


def _windows_share(folder: Path) -> bool:
    if is_unc(str(folder)):
        return True
    import ctypes  # lazy: only on Windows

    drive_remote = 4
    return bool(ctypes.windll.kernel32.GetDriveTypeW(folder.anchor) == drive_remote)  # type: ignore[attr-defined]


def is_unc(path: str) -> bool:
    """Whether a Windows path names a share: ``\\\\server\\share``, also in its long form, with either slash."""
    plain = path.replace("/", "\\")
    if plain.startswith(("\\\\?\\", "\\\\.\\")):
        return plain[4:].upper().startswith("UNC\\")
    return plain.startswith("\\\\")


def mounts_of_macos(text: str) -> list[tuple[str, str]]:
    """(mount point, file system type) from what ``mount`` prints on macOS."""
    found = re.findall(r"^.*? on (/.*) \(([^,)]+)", text, re.MULTILINE)
    return [(point, kind) for point, kind in found]


def mount_table() -> list[tuple[str, str]]:
    """(mount point, file system type) of this computer, from /proc/mounts or ``mount``; empty where it cannot be told."""
    forced = os.environ.get("CRM_MOUNTS")
    if not forced and sys.platform == "darwin":
        return mounts_of_macos(_printed_by_mount())
    source = Path(forced) if forced else Path("/proc/mounts")
    try:
        lines = source.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [(parts[1].replace("\\040", " "), parts[2]) for parts in (line.split() for line in lines) if len(parts) > 2]


def _printed_by_mount() -> str:
    try:
        done = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):  # a share that hangs must not keep the start waiting
        return ""
    return done.stdout


def file_system(folder: Path, mounts: list[tuple[str, str]]) -> str:
    """The type of the file system that holds ``folder``."""
    text = str(folder.resolve())
    best = ("", "")
    for point, kind in mounts:
        prefix = point.rstrip("/") + "/"
        if (text + "/").startswith(prefix) and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1]
