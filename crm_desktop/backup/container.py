"""The backup file: a header in clear JSON, then a SQLite file, compressed with Zstandard, maybe encrypted.

Layout: ``CRMBACKUP1\\n``, the header's length (4 bytes, big-endian), the header, then chunks of (length, bytes) ended
by a chunk of length 0. Encryption is AES-256-GCM per chunk (NIST SP 800-38D), the key from the password by scrypt
(RFC 7914, N=2^15, r=8, p=1); the nonce is a random prefix and the chunk's number, the header and whether it is the last
chunk are authenticated with it, so that chunks cannot be changed, moved, or cut off unnoticed.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from crm_desktop.backup import faults
from crm_desktop.backup.disk import keep_on_disk
from crm_desktop.core.jobs import Progress
from crm_desktop.db.types import parse_instant

MAGIC = b"CRMBACKUP1\n"
CHUNK = 4 * 1024 * 1024
_BLOCK = 1024 * 1024
_COST = 2**15
SEAL = "header"
"""Under this name the checks hold the hash of the header itself."""
NO_HASH = "0" * 64
_LONGEST = 16 * 1024 * 1024
"""Bytes of the longest header: one that claims more is damaged."""


@dataclass
class Header:
    """What a backup says of itself without a password.

    ``sha256`` and ``size`` are those of the SQLite file inside; ``counts`` the rows per table.
    """

    created: str
    database: str
    program: str
    revision: str
    sha256: str
    size: int
    counts: dict[str, int] = field(default_factory=dict)
    checks: dict[str, Any] = field(default_factory=dict)
    salt: str = ""
    nonce: str = ""

    def seal(self) -> str:
        """The hash of everything the header says, kept in ``checks``: a header without it is from an older program."""
        bare = replace(self, checks={**self.checks, SEAL: NO_HASH})
        return hashlib.sha256(_header_text(bare)).hexdigest()

    @property
    def encrypted(self) -> bool:
        """Whether a password is needed."""
        return bool(self.salt)


def _key(password: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(password.encode("utf-8"))


@contextmanager
def _beside(work: Callable[[bytes], object]) -> Iterator[Callable[[bytes], None]]:
    """Give blocks to a second thread that works on them in order; a few wait at most. All are done after the block."""
    waiting: deque[Future[object]] = deque()
    with ThreadPoolExecutor(1) as thread:

        def give(block: bytes) -> None:
            if len(waiting) == 4:
                waiting.popleft().result()
            waiting.append(thread.submit(work, block))

        yield give
        for one in waiting:
            one.result()


def write_container(
    plain: Path, target: Path, header: Header, password: str | None, progress: Progress,
    complete: Callable[[], dict[str, Any]] = dict,
) -> None:  # fmt: skip
    """Pack a SQLite file into a backup file; its hash is put into the header.

    Args:
        progress: counts bytes of the plain file.
        complete: called before the header is written for good: checks in place of others that are as long.
    """
    cipher, total = None, hashlib.sha256()
    header.sha256, header.checks = NO_HASH, {**header.checks, SEAL: NO_HASH}
    if password:
        salt, nonce = os.urandom(16), os.urandom(8)
        header.salt, header.nonce = salt.hex(), nonce.hex()
        cipher = AESGCM(_key(password, salt))
        header.sha256 = _sha256(plain)  # every chunk is sealed together with the header, which therefore comes first
        header.checks |= complete()
        header.checks[SEAL] = header.seal()
    text = _header_text(header)
    with target.open("wb") as out:
        out.write(MAGIC + struct.pack(">I", len(text)) + text)
        number = 0
        pending: bytes | None = None
        with _beside(total.update) as see:
            for piece in _packed(plain, progress, see):
                if pending is not None:
                    number = _write_chunk(out, cipher, header, text, pending, number, last=False)
                pending = piece
            _write_chunk(out, cipher, header, text, pending or b"", number, last=True)
            out.write(struct.pack(">I", 0))
        if cipher is None:
            header.sha256 = total.hexdigest()
            header.checks |= complete()
            header.checks[SEAL] = header.seal()
            final = _header_text(header)
            if len(final) != len(text):
                raise ValueError("The header of a backup changed its length.")
            out.seek(len(MAGIC) + 4)
            out.write(final)
        keep_on_disk(out)


def _header_text(header: Header) -> bytes:
    return json.dumps(asdict(header), ensure_ascii=False, sort_keys=True).encode("utf-8")


def _sha256(plain: Path) -> str:
    with plain.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _packing() -> zstandard.ZstdCompressionParameters:
    """Parameters for the pages of a SQLite file: as small as level 1 makes it, in three quarters of the time."""
    return zstandard.ZstdCompressionParameters.from_level(
        1, window_log=18, hash_log=16, min_match=6, target_length=1, threads=min(os.cpu_count() or 1, 4)
    )


def _packed(plain: Path, progress: Progress, see: Callable[[bytes], None]) -> Iterator[bytes]:
    """The compressed pieces of a file; ``see`` is given every block of it."""
    compressor = zstandard.ZstdCompressor(compression_params=_packing())
    chunks = compressor.chunker(chunk_size=CHUNK)
    done = 0
    with plain.open("rb") as source:
        while block := source.read(_BLOCK):
            see(block)
            yield from chunks.compress(block)
            done += len(block)
            progress.update(done)
    yield from chunks.finish()  # type: ignore[no-untyped-call]


def _write_chunk(
    out: BinaryIO, cipher: AESGCM | None, header: Header, text: bytes, piece: bytes, number: int, *, last: bool
) -> int:
    if cipher is not None:
        piece = cipher.encrypt(_nonce(header, number), piece, text + (b"L" if last else b"-"))
    out.write(struct.pack(">I", len(piece)) + piece)
    return number + 1


def _nonce(header: Header, number: int) -> bytes:
    return bytes.fromhex(header.nonce) + struct.pack(">I", number)


def read_header(path: Path) -> Header:
    """What a backup file says of itself.

    Raises:
        UserError: it is no backup of this program, or it is cut off.
    """
    header, _text, source = _open(path)
    source.close()
    return header


def _open(path: Path) -> tuple[Header, bytes, BinaryIO]:
    try:
        source = path.open("rb")
    except OSError as error:
        raise faults.unreadable(path, error) from error
    try:
        header, text = _read_header(path, source)
    except BaseException:
        source.close()
        raise
    return header, text, source


def _read_header(path: Path, source: BinaryIO) -> tuple[Header, bytes]:
    try:
        magic = source.read(len(MAGIC))
        if magic != MAGIC:
            beginning = magic + source.read(32)
            cut = bool(magic) and MAGIC.startswith(magic)
            raise faults.damaged(path) if cut or _nearly(magic) else faults.foreign(path, beginning)
        (length,) = struct.unpack(">I", source.read(4))
        if length > _LONGEST:
            raise faults.damaged(path)
        text = source.read(length)
        header = Header(**json.loads(text))
        _check_header(path, header)
    except OSError as error:
        raise faults.unreadable(path, error) from error
    except (struct.error, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise faults.damaged(path) from error
    return header, text


def _nearly(magic: bytes) -> bool:
    """Whether a file begins like a backup but for a byte."""
    return len(magic) == len(MAGIC) and sum(one != other for one, other in zip(magic, MAGIC, strict=True)) == 1


def _check_header(path: Path, header: Header) -> None:
    """Refuse a header that is not as it was written; ValueError where it makes no sense."""
    seal = header.checks.get(SEAL)
    if seal == NO_HASH or header.sha256 == NO_HASH:
        raise faults.unfinished(path)
    if seal is not None and seal != header.seal():
        raise faults.damaged(path)
    parse_instant(header.created)
    bytes.fromhex(header.salt), bytes.fromhex(header.nonce)
    if header.size < 0 or (header.salt and (len(header.salt), len(header.nonce)) != (32, 16)):
        raise ValueError
    if not all(isinstance(count, int) for count in header.counts.values()):
        raise ValueError


def try_password(path: Path, password: str | None) -> None:
    """Refuse a password that does not open a backup, by its beginning; one without a password opens with any.

    Raises:
        BackupFault: the password is wrong or missing, or the file cannot be used.
    """
    header, text, source = _open(path)
    with source:
        cipher = _cipher(path, header, password)
        if cipher is not None:
            next(_chunks(path, source, cipher, header, text), None)


def _cipher(path: Path, header: Header, password: str | None) -> AESGCM | None:
    if not header.encrypted:
        return None
    if not password:
        raise faults.needs_password(path)
    return AESGCM(_key(password, bytes.fromhex(header.salt)))


def extract(path: Path, plain: Path, password: str | None, progress: Progress) -> Header:
    """Unpack the SQLite file of a backup and check that every byte of it is what was backed up.

    Raises:
        UserError: damaged, cut off, wrong password, or no space.
    """
    header, text, source = _open(path)
    try:
        cipher = _cipher(path, header, password)
    except BaseException:
        source.close()
        raise
    total, size = hashlib.sha256(), 0
    decompressor = zstandard.ZstdDecompressor().decompressobj()

    def keep(block: bytes) -> None:
        total.update(block)
        out.write(block)

    with source, plain.open("wb") as out, _beside(keep) as give:
        for piece in _chunks(path, source, cipher, header, text):
            for start in range(0, len(piece), _BLOCK // 4):
                try:
                    block = decompressor.decompress(piece[start : start + _BLOCK // 4])
                except zstandard.ZstdError as error:
                    raise faults.damaged(path) from error
                size += len(block)
                if size > header.size:
                    raise faults.damaged(path)
                give(block)
                progress.update(size)
    if size != header.size or total.hexdigest() != header.sha256:
        raise faults.damaged(path)
    return header


def _chunks(path: Path, source: BinaryIO, cipher: AESGCM | None, header: Header, text: bytes) -> Iterator[bytes]:
    number = 0
    while True:
        try:
            raw = source.read(4)
            (length,) = struct.unpack(">I", raw) if len(raw) == 4 else (CHUNK * 2 + 1,)
            piece = source.read(length) if length <= CHUNK * 2 else b""
        except OSError as error:
            raise faults.unreadable(path, error) from error
        if length == 0 and not source.read(1):
            return
        if not length or len(piece) < length:
            raise faults.damaged(path)
        if cipher is not None:
            piece = _decrypt(path, source, cipher, header, text, piece, number)
        number += 1
        yield piece


def _decrypt(
    path: Path, source: BinaryIO, cipher: AESGCM, header: Header, text: bytes, piece: bytes, number: int
) -> bytes:
    after = source.read(4)
    source.seek(-len(after), os.SEEK_CUR)
    last = after == struct.pack(">I", 0)
    try:
        return cipher.decrypt(_nonce(header, number), piece, text + (b"L" if last else b"-"))
    except InvalidTag as error:
        if number == 0:
            raise faults.wrong_password(path) from error
        raise faults.damaged(path) from error
