"""Files that hold no table: each is recognised by what is in it and gets a sentence that says what to do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_desktop.core.errors import UserError
from crm_desktop.importing.readers import inspect
from tests.helpers.importing_files import compound_file

Write = Callable[..., Path]


def packed(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7\n", "PDF document"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\0\0\0\x18ftypheic", "picture"),
        (b"SQLite format 3\0" + bytes(100), "SQLite database"),
        (b"\0\1\0\0Standard Jet DB\0" + bytes(100), "Access database.*Excel or Text"),
        (b"\0\1\0\0Standard ACE DB\0" + bytes(100), "Access database"),
        (b"!BDN" + bytes(100), "Outlook data file.*Comma Separated Values"),
        (b"PAR1" + bytes(100), "Parquet file"),
        (b"Obj\x01" + bytes(100), "Avro file"),
        (b"{\\rtf1 hello}", "text document"),
        (b"-----BEGIN PGP MESSAGE-----\n", "encrypted"),
        (b"MZ\x90\0\3\0\0\0", "program"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "archive"),
        (b"Rar!\x1a\x07" + bytes(100), "archive"),
        (b"", "empty"),
        (b"   \r\n\r\n", "empty"),
        (packed("word/document.xml"), "text document"),
        (packed("ppt/presentation.xml"), "presentation"),
        (packed("Index/Document.iwa", "preview.jpg"), "Apple Numbers.*Excel"),
        (packed("Accounts/ana/contacts.xml"), "Outlook for Mac"),
        (compound_file({"WordDocument": b"x"}), "text document"),
        (compound_file({"EncryptedPackage": b"x"}), "password"),
    ],
)
def test_what_it_is_and_what_to_do(write: Write, content: bytes, sentence: str) -> None:
    """The name says CSV, and is not believed."""
    with pytest.raises(UserError, match=rf"(?s){sentence}") as error:
        inspect(write("dados.csv", content))
    assert "dados.csv" in str(error.value)
    assert "{" not in str(error.value)


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder"):
        inspect(tmp_path)


@pytest.mark.parametrize("name", ["erro.xls", "erro.csv"])
def test_an_error_page_saved_as_a_table(write: Write, name: str) -> None:
    page = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>"
    with pytest.raises(UserError, match="web page without a table"):
        inspect(write(name, page))
