"""The first words with a PostgreSQL server, spoken by ourselves: is it one, which certificate has it, why does it refuse.

libpq makes every real connection. It tells a refusal only as a text in the server's language; the message format of the
protocol (PostgreSQL documentation, "Message Formats") has a code that means the same everywhere.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import socket
import ssl
import stringprep
import struct
import unicodedata
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crm_desktop.db.server_address import PINNED, VERIFY, ServerAddress, known_authorities, pinned_file

TIMEOUT_S = 5.0
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_PROTOCOL = 196608
_LARGEST = 1_000_000


class NotPostgres(Exception):
    """What answers on this port does not speak PostgreSQL. ``said`` is what it answered; empty: nothing."""

    def __init__(self, said: bytes = b"") -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True)
class Refusal:
    """Why a server lets nobody in: SQLSTATE ("" where it did not say one) and its own text."""

    code: str
    text: str


@dataclass(frozen=True)
class Certificate:
    """A server's certificate: itself, its SHA-256 as people compare it, and whether it signed itself."""

    pem: str
    fingerprint: str
    self_signed: bool
    subject: str
    names: tuple[str, ...]


def resolve(address: ServerAddress) -> list[tuple[int, str]]:
    """(family, address) of a host's name; the folder of a Unix socket is its own.

    Raises:
        OSError: there is no such name.
    """
    if address.host.startswith("/"):
        return [(int(socket.AF_UNIX), f"{address.host}/.s.PGSQL.{address.port}")]
    found = socket.getaddrinfo(address.host or "localhost", address.port, type=socket.SOCK_STREAM)
    return [(int(family), str(where[0])) for family, _kind, _proto, _name, where in found]


def connect(address: ServerAddress) -> socket.socket:
    """A socket to the server; the first of its addresses that answers.

    Raises:
        OSError: none does.
    """
    failure: OSError = TimeoutError()
    for family, where in resolve(address):
        made = socket.socket(family, socket.SOCK_STREAM)
        made.settimeout(TIMEOUT_S)
        try:
            made.connect(where if address.host.startswith("/") else (where, address.port))
        except OSError as error:
            made.close()
            # a name may have addresses of two kinds; a server that refuses says more than a silence
            failure = error if not isinstance(failure, ConnectionRefusedError) else failure
            continue
        return made
    raise failure


def offers_tls(stream: socket.socket) -> bool:
    """Ask a server whether it encrypts.

    Raises:
        NotPostgres: it answers as none of PostgreSQL's would, or not at all.
    """
    try:
        stream.sendall(_SSL_REQUEST)
        answer = stream.recv(1024)
        if answer not in (b"S", b"N"):  # one letter and no more: a greeting may begin with it too ("SSH-2.0")
            raise NotPostgres(answer)
    except OSError as error:
        raise NotPostgres from error
    return answer == b"S"


def unchecked() -> ssl.SSLContext:
    """Encryption with whoever answers: to look at a certificate, and where nobody asked for more."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def checked(address: ServerAddress) -> ssl.SSLContext:
    """Encryption with a server whose certificate is the known one; one signed by an authority also has its name.

    Raises:
        OSError: the certificate's file is not there or is none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = address.tls == VERIFY
    if address.tls == VERIFY and not address.ca_file and not Path(known_authorities()).is_file():
        context.load_default_certs()
    else:
        context.load_verify_locations(
            cafile=(address.ca_file or known_authorities())
            if address.tls == VERIFY
            else str(pinned_file(address.place))
        )
    return context


def fetch_certificate(address: ServerAddress) -> Certificate | None:
    """The certificate that a server shows; None where it does not encrypt.

    Raises:
        OSError, NotPostgres: the server is not reached, or is none of PostgreSQL's.
    """
    with closing(connect(address)) as plain:
        if not offers_tls(plain):
            return None
        with unchecked().wrap_socket(plain, server_hostname=_server_name(address)) as stream:
            return describe(stream.getpeercert(binary_form=True) or b"")


def describe(der: bytes) -> Certificate:
    """What there is to know about a certificate."""
    from cryptography import x509  # lazy: heavy, and only to look at a server's certificate

    read = x509.load_der_x509_certificate(der)
    digest = hashlib.sha256(der).hexdigest().upper()
    try:
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        known = tuple(str(getattr(one, "value", "")) for one in names)
    except x509.ExtensionNotFound:
        known = tuple(str(one.value) for one in read.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME))
    shown = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
    subject = read.subject.rfc4514_string()
    return Certificate(ssl.DER_cert_to_PEM_cert(der), shown, read.subject == read.issuer, subject, known)


def _server_name(address: ServerAddress) -> str | None:
    """What is sent as the name of the server asked for; an address or a folder is none."""
    return address.host if address.host and not address.host.startswith("/") else None


def ask_why(address: ServerAddress, password: str) -> Refusal | None:
    """Sign in once more and hear the code of the refusal; None where the server lets us in or asks for something else.

    Raises:
        OSError, NotPostgres: the server is not reached any more.
    """
    with closing(connect(address)) as plain:
        stream: socket.socket = plain
        if address.tls != "off" and not address.host.startswith("/") and offers_tls(plain):
            context = checked(address) if address.tls in (VERIFY, PINNED) else unchecked()
            stream = context.wrap_socket(plain, server_hostname=_server_name(address))
        with stream:
            words = ["user", address.user, "database", address.database, "application_name", "crm-desktop", ""]
            body = struct.pack("!i", _PROTOCOL) + b"".join(word.encode() + b"\0" for word in words)
            stream.sendall(struct.pack("!i", len(body) + 4) + body)
            return _hear(stream, password)


def _hear(stream: socket.socket, password: str) -> Refusal | None:
    scram = _Scram(password)
    while True:
        kind, body = _message(stream)
        if kind == b"E":
            fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
            return Refusal(fields.get(b"C", ""), fields.get(b"M", ""))
        if kind == b"Z":
            return None
        if kind != b"R":
            continue
        what = struct.unpack("!i", body[:4])[0]
        if what == 10 and b"SCRAM-SHA-256\0" in body[4:]:
            first = scram.first()
            answer = b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first
        elif what == 11:
            answer = scram.final(body[4:])
        elif what in (0, 12):
            continue
        else:  # another way to prove who one is; libpq has told what there is to tell
            return None
        stream.sendall(b"p" + struct.pack("!i", len(answer) + 4) + answer)


def _message(stream: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(stream, 5)
    size = struct.unpack("!i", head[1:])[0] - 4
    if not 0 <= size <= _LARGEST:
        raise NotPostgres(head)
    return head[:1], _exactly(stream, size)


def _exactly(stream: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        part = stream.recv(count - len(found))
        if not part:
            raise NotPostgres(found)
        found += part
    return found


class _Scram:
    """The client's half of SCRAM-SHA-256 (RFC 5802, RFC 7677), which shows a password without telling it."""

    def __init__(self, password: str) -> None:
        self._password = prepared(password)
        self._bare = "n=,r=" + base64.b64encode(os.urandom(18)).decode()

    def first(self) -> bytes:
        """What the client begins with."""
        return f"n,,{self._bare}".encode()

    def final(self, challenge: bytes) -> bytes:
        """The proof for the server's challenge."""
        given = dict(part.split("=", 1) for part in challenge.decode().split(","))
        without = f"c=biws,r={given['r']}"
        salted = hashlib.pbkdf2_hmac("sha256", self._password, base64.b64decode(given["s"]), int(given["i"]))
        key = hmac.digest(salted, b"Client Key", "sha256")
        words = f"{self._bare},{challenge.decode()},{without}".encode()
        signature = hmac.digest(hashlib.sha256(key).digest(), words, "sha256")
        proof = bytes(one ^ other for one, other in zip(key, signature, strict=True))
        return f"{without},p={base64.b64encode(proof).decode()}".encode()


def prepared(password: str) -> bytes:
    """A password as SASLprep (RFC 4013) wants it; as it is, where that forbids one of its characters."""
    mapped = "".join(
        " " if stringprep.in_table_c12(one) else one for one in password if not stringprep.in_table_b1(one)
    )
    normal = unicodedata.normalize("NFKC", mapped)
    forbidden = (
        stringprep.in_table_c21_c22, stringprep.in_table_c3, stringprep.in_table_c4, stringprep.in_table_c5,
        stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8, stringprep.in_table_c9,
    )  # fmt: skip
    bad = not normal or any(check(one) for one in normal for check in forbidden)
    return (password if bad else normal).encode()
