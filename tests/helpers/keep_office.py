"""Lets an older program write the offices that ``tests/data/earlier_releases`` keeps.

``python -m tests.helpers.keep_office 0008 COMMIT`` from the folder of the project; see the README of that folder.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import zstandard

from tests.helpers.earlier_releases import DATABASE, FOLDER, ROLE, backup_of, packed, told
from tests.helpers.postgres import PASSWORD, PostgresServer, running_server

WRITER = Path(__file__).with_name("older_program.py")
NAME = "quitanda"
"""The database on the server; roles of a locked office begin with it."""


def keep(revision: str, commit: str) -> None:
    """Keep what the program of a commit writes: a file, its backup, a database on a server, and a locked one if it can."""
    with tempfile.TemporaryDirectory(prefix="older-program-") as temporary:
        program = Path(temporary) / "program"
        archive = subprocess.run(["git", "archive", commit], stdout=subprocess.PIPE, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(program, filter="data")
        office, facts = Path(temporary) / "office.crm", Path(temporary) / "facts.json"
        _write(program, str(office), facts)
        _keep(revision, "file", commit, office.read_bytes(), facts)
        [backup] = (Path(temporary) / "backups").iterdir()
        shutil.copyfile(backup, backup_of(revision))
        kinds = ["server", "locked"] if (program / "crm_desktop/security/postgres/lock.py").exists() else ["server"]
        for kind in kinds:
            with running_server() as server:
                server.create_database(NAME)
                _write(program, server.url(NAME), facts, *(["lock"] if kind == "locked" else []))
                _keep(revision, kind, commit, _dump(server, kind == "locked").encode(), facts)


def _write(program: Path, target: str, facts: Path, *more: str) -> None:
    keyring = "keyring.backends.null.Keyring"
    environment = {**os.environ, "PYTHONPATH": str(program), "CRM_DATA": str(facts.parent / "data"), "LANG": "C.UTF-8"}
    subprocess.run(
        [sys.executable, "-B", str(WRITER), target, str(facts), *more],
        env={**environment, "PYTHON_KEYRING_BACKEND": keyring, "TZ": "America/Sao_Paulo"}, cwd=facts.parent, check=True,
    )  # fmt: skip


def _keep(revision: str, kind: str, commit: str, content: bytes, facts: Path) -> None:
    found = json.loads(facts.read_text(encoding="utf-8"))
    if found["revision"] != revision:
        raise SystemExit(f"{commit} writes offices of revision {found['revision']}")
    text = json.dumps({"commit": commit, **found}, ensure_ascii=False, indent=1, sort_keys=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    told(revision, kind).write_text(text + "\n", encoding="utf-8")
    packed(revision, kind).write_bytes(zstandard.ZstdCompressor(level=22).compress(content))
    print(packed(revision, kind).name, packed(revision, kind).stat().st_size, told(revision, kind).stat().st_size)


def _dump(server: PostgresServer, locked: bool) -> str:
    """The database as statements that any driver runs, of PostgreSQL 16 and later, without comments and settings."""
    how = ["--inserts", "--rows-per-insert=100", *(["--create"] if locked else ["--no-owner", "--no-privileges"])]
    text = _run(server, "pg_dump", *how, NAME)
    text = re.sub(
        r"^(--.*|\\.*|SET (transaction|idle|lock|statement)\w*timeout.*|CREATE DATABASE .*)\n", "", text, flags=re.M
    )
    text = re.sub(r"^ALTER .* OWNER TO postgres;\n", "", text, flags=re.M)
    text = re.sub(rf"\bDATABASE {NAME}\b", f"DATABASE {DATABASE}", text)
    text = re.sub(r"\n{3,}", "\n\n", text)
    if not locked:
        return text
    roles = _run(server, "pg_dumpall", "--roles-only")
    lines = re.findall(r"^(?:CREATE|ALTER|COMMENT ON|GRANT) .*;$", roles, flags=re.M)
    own = [one for one in lines if not re.match(r"(CREATE|ALTER) ROLE postgres\b", one)]
    return "\n".join([re.sub(r" GRANTED BY postgres", "", one) for one in own]) + f"\n{ROLE}\n" + text


def _run(server: PostgresServer, program: str, *arguments: str) -> str:
    assert server.bin_folder is not None
    address = ["-h", server.host, "-p", str(server.port), "-U", server.user]
    environment = {**os.environ, "PGPASSWORD": PASSWORD}
    command = [str(server.bin_folder / program), *address, *arguments]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout.decode()


if __name__ == "__main__":
    os.environ["PGSERVER_POSTGRES_VERSION"] = "16"  # the oldest at hand: what it writes, newer servers read
    keep(sys.argv[1], sys.argv[2])
