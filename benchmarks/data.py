"""The databases that are measured: made once from the sample office, kept in the cache folder."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from crm_desktop import features
from crm_desktop.db import migrate
from crm_desktop.db.copy import copy_database
from crm_desktop.db.database import Database
from crm_desktop.demo.make import make_demo

ROOT = Path(__file__).resolve().parents[1]
_DECIDES = ("crm_desktop/db/migrations/versions", "crm_desktop/demo", "crm_desktop/db/search.py",
            "crm_desktop/db/triggers.py")  # fmt: skip
"""What a database made earlier depends on."""


class Store:
    """Makes and finds databases.

    Args:
        folder: where SQLite files are kept.
        say: told what takes long.
        reuse: take a database that was made before the program changed.
    """

    def __init__(self, folder: Path, say: Callable[[str], None], *, reuse: bool = False) -> None:
        self.folder = folder
        self.say = say
        self.reuse = reuse
        folder.mkdir(parents=True, exist_ok=True)
        self.mark = fingerprint()

    def sqlite(self, contacts: int) -> Path:
        """The file with a sample office of so many contacts. It is read only: measure writes on :meth:`scratch`."""
        path = self.folder / f"office-{contacts}-{self.mark}.crm"
        if path.exists():
            return path
        known = sorted(self.folder.glob(f"office-{contacts}-*.crm"), key=lambda one: one.stat().st_mtime)
        if self.reuse and known:
            return known[-1]
        partial = path.with_suffix(".partial")
        for leftover in self.folder.glob(partial.name + "*"):
            leftover.unlink()
        self.say(f"making a SQLite database of {contacts:,} contacts")
        started = time.monotonic()
        database = Database(partial, features.schema())
        migrate.migrate(database)
        make_demo(database, contacts=contacts)
        database.close()
        partial.rename(path)
        self.say(f"made in {time.monotonic() - started:.0f} s, {path.stat().st_size / 1e6:,.0f} MB")
        return path

    def scratch(self, contacts: int) -> Path:
        """A copy that may be written to; the one before is replaced."""
        source, target = self.sqlite(contacts), self.folder / f"scratch-{contacts}.crm"
        for leftover in self.folder.glob(target.name + "*"):
            leftover.unlink()
        shutil.copyfile(source, target)
        return target

    def postgres(self, contacts: int, server: str) -> str:
        """The URL of a database with the same records on a server; it stays there for the next run."""
        name = f"crm_bench_{contacts}_{self.mark}"
        base = server.rstrip("/").rpartition("/")[0]
        with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
            names = [
                row[0]
                for row in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'crm\\_bench%'")
            ]
            if self.reuse and name not in names:
                name = next((one for one in names if one.startswith(f"crm_bench_{contacts}_")), name)
            if name in names:
                return f"{base}/{name}"
            partial = name + "_partial"
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(partial)))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(partial)))
            source = Database(self.sqlite(contacts), features.schema())
            target = Database(f"{base}/{partial}", features.schema())
            self.say(f"copying {contacts:,} contacts to PostgreSQL")
            started = time.monotonic()
            copy_database(source, target)
            with target.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as analyzing:
                analyzing.exec_driver_sql("VACUUM ANALYZE")
            source.close()
            target.close()
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(partial), sql.Identifier(name))
            )
            self.say(f"copied in {time.monotonic() - started:.0f} s")
        return f"{base}/{name}"

    @contextmanager
    def copied(self, contacts: int, server: str, mark: str) -> Iterator[str]:
        """The URL of a copy on the server that may be written to, as long as the block lasts."""
        url = self.postgres(contacts, server)
        base, _, name = url.rpartition("/")
        source, target = sql.Identifier(name), sql.Identifier(f"{name}_{mark}")
        with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(target)
            connection.execute(drop)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(target, source))
            yield f"{base}/{name}_{mark}"
            connection.execute(drop)

    @contextmanager
    def empty(self, server: str, name: str) -> Iterator[str]:
        """The URL of an empty database on the server, as long as the block lasts."""
        base = server.rstrip("/").rpartition("/")[0]
        target = sql.Identifier(f"crm_bench_{name}")
        with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(target)
            connection.execute(drop)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(target))
            yield f"{base}/crm_bench_{name}"
            connection.execute(drop)


def fingerprint() -> str:
    """A few letters that change with everything a made database depends on."""
    total = hashlib.sha256()
    for name in _DECIDES:
        path = ROOT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            total.update(file.read_bytes())
    return total.hexdigest()[:8]
