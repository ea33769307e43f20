"""Translation catalogues: take the texts out of the code, bring the .po files up to date, compile them."""

from __future__ import annotations

import argparse
import ast
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.core import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as extract_messages
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "resources" / "locale"
TEMPLATE = LOCALE / "crm_desktop.pot"
LANGUAGES = ("pt_BR", "es")
"""The languages besides English, whose texts are those in the code."""

SOURCES = ("crm_desktop", "ui", "main.py")
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
CONTEXT_SEPARATOR = "\x04"
"""Between a context and its message where both are one key, as in compiled catalogues."""

_INSIDE = re.compile(r"\{[^{}]*\b(?:_|N_|ngettext|pgettext)\(")
_VOLATILE = (
    "Project-Id-Version",
    "Report-Msgid-Bugs-To",
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Last-Translator",
    "Language-Team",
    "Generated-By",
)
"""Headers that would differ between two people who write the same texts."""


@dataclass(frozen=True)
class Gap:
    """One thing that is wrong with the translation of one text."""

    language: str
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.language}: {self.reason}: {self.key.replace(CONTEXT_SEPARATOR, ' | ')!r}"


def extract(root: Path = ROOT) -> Catalog:
    """All texts of the code, in memory."""
    catalogue = Catalog(project="CRM Desktop", domain="crm_desktop", charset="utf-8", fuzzy=False)
    for path in _source_files(root):
        place = path.relative_to(root).as_posix()
        with path.open("rb") as file:
            found = extract_messages("python", file, keywords=KEYWORDS, comment_tags=("Translators:",))
            for line, message, comments, context in found:
                catalogue.add(message, None, [(place, line)], auto_comments=comments, context=context)
        for line, message, context in _inside_texts(path.read_text(encoding="utf-8")):
            catalogue.add(message, None, [(place, line)], context=context)
    return catalogue


def _inside_texts(source: str) -> Iterator[tuple[int, str | tuple[str, str], str | None]]:
    """(line, message, context) of the texts within f-strings, which Babel reads as nothing but strings."""
    if not _INSIDE.search(source):
        return
    for joined in ast.walk(ast.parse(source)):
        for call in ast.walk(joined) if isinstance(joined, ast.JoinedStr) else ():
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id not in KEYWORDS:
                continue
            words = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if not words:
                continue
            if call.func.id == "pgettext":
                yield call.lineno, words[1], words[0]
            else:
                yield call.lineno, (words[0], words[1]) if call.func.id == "ngettext" else words[0], None


def update(root: Path = ROOT) -> None:
    """Write the template and bring every .po up to date: new texts untranslated, texts no longer used removed."""
    template = extract(root)
    _write(root / TEMPLATE.relative_to(ROOT), template)
    for language in LANGUAGES:
        path = _po_file(language, root)
        catalogue = read(language, root)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        _write(path, catalogue)


def compile_all(root: Path = ROOT) -> list[Path]:
    """Compile the .po files that are newer than their .mo; returns what was written."""
    written = []
    for source in sorted((root / LOCALE.relative_to(ROOT)).glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        buffer = io.BytesIO()
        write_mo(buffer, read(source.parents[1].name, root))
        target.write_bytes(buffer.getvalue())
        written.append(target)
    return written


def missing(language: str, root: Path = ROOT, template: Catalog | None = None) -> list[Gap]:
    """What the catalogue of a language lacks of the texts in the code, and translations that cannot be right."""
    catalogue = read(language, root)
    gaps = []
    for source in template or extract(root):
        if source.id:
            reason = _fault(source, catalogue.get(_first(source.id), context=source.context), catalogue.num_plurals)
            if reason:
                gaps.append(Gap(language, _key(source), reason))
    return gaps


def untranslated(language: str, root: Path = ROOT) -> dict[str, str | list[str]]:
    """What a translator has to fill: each text with an empty translation, or its singular and plural to replace."""
    template = extract(root)
    keys = {gap.key for gap in missing(language, root, template)}
    work: dict[str, str | list[str]] = {}
    for source in template:
        if source.id and _key(source) in keys:
            work[_key(source)] = "" if isinstance(source.id, str) else list(source.id)
    return dict(sorted(work.items()))


def fill(language: str, translations: dict[str, str | list[str]], root: Path = ROOT) -> list[str]:
    """Write translations into the .po of a language; returns why some of them were left out."""
    path = _po_file(language, root)
    catalogue = read(language, root)
    template = {_key(source): source for source in extract(root) if source.id}
    refused = []
    for key, translation in translations.items():
        source = template.get(key)
        if source is None:
            refused.append(f"not a text of the program: {key!r}")
            continue
        string = tuple(translation) if isinstance(translation, list) else translation
        message = Message(source.id, string, context=source.context, auto_comments=source.auto_comments)
        reason = _fault(source, message, catalogue.num_plurals)
        if reason:
            refused.append(f"{reason}: {key!r}")
            continue
        catalogue.delete(_first(source.id), context=source.context)
        catalogue[source.id] = message
    _write(path, catalogue)
    return refused


def read(language: str, root: Path = ROOT) -> Catalog:
    """The catalogue of a language, empty where it has no file yet."""
    path, locale = _po_file(language, root), Locale.parse(language)
    if not path.exists():
        return Catalog(locale, domain="crm_desktop", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale, domain="crm_desktop", charset="utf-8")


def _fault(source: Message, message: Message | None, plural_forms: int) -> str:
    """Why ``message`` is no translation of ``source``; an empty string if it is one."""
    if message is None:
        return "not in the catalogue"
    if message.fuzzy:
        return "marked fuzzy"
    strings = [message.string] if isinstance(message.string, str) else list(message.string or [])
    if not strings or not all(strings):
        return "not translated"
    if isinstance(source.id, str) != isinstance(message.string, str):
        return "plural in one, not in the other"
    if isinstance(source.id, str):
        if _placeholders(source.id) != _placeholders(strings[0]):
            return "other {placeholders} than the text"
        return ""
    if len(strings) != plural_forms:
        return f"{len(strings)} plural forms where the language has {plural_forms}"
    singular, plural = (_placeholders(text) for text in source.id[:2])
    # "One contact" may leave the number out, and "no contact" may come first: the forms before the last are free to.
    if _placeholders(strings[-1]) != plural or not all(_placeholders(text) <= singular | plural for text in strings):
        return "other {placeholders} than the text"
    return ""


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{([A-Za-z_]\w*)[^{}]*\}", text)) | set(re.findall(r"%\(\w+\)[sd]|%[sdn]\b", text))


def _key(message: Message) -> str:
    text = _first(message.id)
    return f"{message.context}{CONTEXT_SEPARATOR}{text}" if message.context else text


def _first(message_id: str | list[str] | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def _source_files(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = root / name
        if path.is_dir():
            yield from sorted(path.rglob("*.py"))
        elif path.exists():
            yield path


def _po_file(language: str, root: Path) -> Path:
    return root / LOCALE.relative_to(ROOT) / language / "LC_MESSAGES" / "crm_desktop.po"


def _write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue so that two people's changes merge: sorted, no line numbers, no dates, no wrapping."""
    catalogue.header_comment = "# Texts of CRM Desktop."
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0, no_location=True, sort_output=True, ignore_obsolete=True)
    lines = buffer.getvalue().decode("utf-8").splitlines()
    volatile = tuple(f'"{name}:' for name in _VOLATILE)
    text = "\n".join(line for line in lines if not line.startswith(volatile)).rstrip("\n") + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="catalogues", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("extract", help="write the template of all texts")
    commands.add_parser("update", help="extract, bring the .po files up to date and compile them")
    commands.add_parser("compile", help="compile the .po files that changed")
    gaps = commands.add_parser("missing", help="list what is not translated")
    gaps.add_argument("--json", action="store_true", help="as a JSON object to fill in")
    gaps.add_argument("languages", nargs="*", default=list(LANGUAGES), metavar="LANGUAGE")
    filling = commands.add_parser("fill", help="write translations from a JSON object into the .po of a language")
    filling.add_argument("file", type=Path)
    filling.add_argument("language", choices=LANGUAGES)
    return parser


def main(arguments: list[str]) -> int:
    """Run a sub-command; returns 1 where texts are missing or translations were refused."""
    options = _parser().parse_args(arguments)
    if options.command == "extract":
        _write(TEMPLATE, extract())
    elif options.command == "update":
        update()
        compile_all()
    elif options.command == "compile":
        compile_all()
    elif options.command == "missing":
        if options.json:
            work = {language: untranslated(language) for language in options.languages}
            shown = work[options.languages[0]] if len(work) == 1 else work
            print(json.dumps(shown, ensure_ascii=False, indent=1))
            return 0
        gaps = [gap for language in options.languages for gap in missing(language)]
        print("\n".join(map(str, gaps)) or "Every text is translated.")
        return 1 if gaps else 0
    elif options.command == "fill":
        refused = fill(options.language, json.loads(options.file.read_text(encoding="utf-8")))
        compile_all()
        for line in refused:
            print(line, file=sys.stderr)
        return 1 if refused else 0
    return 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    sys.exit(main(sys.argv[1:]))
