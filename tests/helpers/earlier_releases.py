"""Offices that older programs really wrote, and what those programs said of them; see ``tests/data/earlier_releases``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import zstandard
from psycopg import sql

from tests.helpers.postgres import PostgresServer
from tests.helpers.sources import ROOT

FOLDER = ROOT / "tests" / "data" / "earlier_releases"
DATABASE, ROLE = "@database@", "-- what belongs to the database follows"
"""Where the name of the database goes in a dump, and the end of what belongs to the whole server."""


def packed(revision: str, kind: str) -> Path:
    """The office that the program of a revision wrote: "file", "server" or "locked"."""
    return FOLDER / f"{revision}-{kind}.{'crm' if kind == 'file' else 'sql'}.zst"


def backup_of(revision: str) -> Path:
    """The encrypted backup that the program of a revision made of its file; not of every revision."""
    return FOLDER / f"{revision}-file.crmbackup"


def told(revision: str, kind: str) -> Path:
    """Where it is kept what that program said of it."""
    return FOLDER / f"{revision}-{kind}.json"


def facts(revision: str, kind: str) -> dict[str, Any]:
    """What that program said of it."""
    return json.loads(told(revision, kind).read_text(encoding="utf-8"))


def revisions() -> list[str]:
    """Of which revisions there are offices."""
    return sorted({path.name.partition("-")[0] for path in FOLDER.glob("*.json")})


def backups() -> list[str]:
    """Of which revisions there are backups."""
    return sorted(path.name.partition("-")[0] for path in FOLDER.glob("*.crmbackup"))


def unpack(revision: str, kind: str) -> bytes:
    """The bytes of the file, or the statements that make the database."""
    return zstandard.ZstdDecompressor().decompress(packed(revision, kind).read_bytes())


def put(target: str, revision: str) -> None:
    """Put the office of a revision where there is none yet: at a path, or in an empty database of a server."""
    if not target.startswith("postgresql"):
        Path(target).write_bytes(unpack(revision, "file"))
        return
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(unpack(revision, "server"))


def put_locked(server: PostgresServer, target: str, revision: str) -> set[str]:
    """Put the locked office of a revision in an empty database, and its roles on the server. Returns their names."""
    before, name = server.roles(), target.rpartition("/")[2]
    roles, own = unpack(revision, "locked").decode().split(ROLE)
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(roles.encode())
        connection.execute(own.replace(DATABASE, sql.Identifier(name).as_string(connection)).encode())
    return server.roles() - before
