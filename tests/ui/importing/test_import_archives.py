"""Archives and named formats in the file step: members to choose, what is not read named."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from ui.importing.words import file_filters


def _archive(folder: Path) -> Path:
    path = folder / "tudo.zip"
    with zipfile.ZipFile(path, "w") as archive:
        people = "Nome;E-mail;Cidade\n" + "".join(f"Pessoa {n};p{n}@x.example;Curitiba\n" for n in range(9))
        archive.writestr("2024/pessoas.csv", people.encode("cp1252"))
        archive.writestr("empresas.json", json.dumps([{"name": "Ipê Ltda", "cnpj": ""}, {"name": "Lilás SA"}]))
        archive.writestr("logo.png", b"\x89PNG\r\n")
    return path


def test_a_file_of_an_archive_is_chosen(desk, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    desk.open(_archive(tmp_path))
    bar = desk.page.file.reading
    assert bar.sheet.isVisible()
    assert bar.sheet.caption.text() == "File in the archive"
    assert bar.sheet.editor.value() == "2024/pessoas.csv"
    assert "logo.png" in bar.notes.text()
    assert bar.notes.isVisible()
    assert bar.delimiter.isVisible()
    bar.sheet.editor.set_value("empresas.json")
    bar.sheet.editor.edited.emit()
    desk.settle()
    draft = desk.page.session.draft
    assert draft.guess.file.best.headers[0] == "name"
    assert [values[0] for _n, values in draft.rows] == ["Ipê Ltda", "Lilás SA"]
    assert not bar.delimiter.isVisible()
    assert not bar.header.isVisible()
    bar.sheet.editor.set_value("2024/pessoas.csv")
    bar.sheet.editor.edited.emit()
    desk.settle()
    bar.encoding.editor.set_value("iso8859-1")
    bar.encoding.editor.edited.emit()
    desk.settle()
    file = desk.page.session.draft.guess.file
    assert (file.encoding, file.best.name, file.best.rows) == ("iso8859-1", "2024/pessoas.csv", 9)


def test_the_dialog_offers_every_kind() -> None:
    first = file_filters().split(";;")[0]
    assert all(f"*.{ending}" in first for ending in "xlsx csv vcf ics ldif json dbf zip gz".split())
