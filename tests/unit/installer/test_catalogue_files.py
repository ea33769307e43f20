"""The catalogue tool: what it takes out of the code, writes, refuses and compiles."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest

from installer import catalogues

CODE = """
from crm_desktop.core.i18n import N_, _, ngettext, pgettext, translate
a = _("Hello {name}").format(name="Ana")
b = N_("Two words "
       "on two lines")
c = ngettext("{n} contact", "{n} contacts", 3).format(n=3)
d = pgettext("verb", "Open")
e = _("Open")
f = translate(a)
g = "abc".translate({})
h = f"<p>{text(_('Within a text'))}</p>"
"""
OPEN_VERB = f"verb{catalogues.CONTEXT_SEPARATOR}Open"
PORTUGUESE: dict[str, str | list[str]] = {
    "Hello {name}": "Olá, {name}",
    "Two words on two lines": "Duas palavras em duas linhas",
    "{n} contact": ["{n} contato", "{n} contatos"],
    OPEN_VERB: "Abrir",
    "Open": "Aberto",
    "Within a text": "Dentro de um texto",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tiny program with up-to-date, empty catalogues."""
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "page.py").write_text(CODE, encoding="utf-8")
    catalogues.update(tmp_path)
    return tmp_path


def po_file(root: Path) -> Path:
    return root / "resources" / "locale" / "pt_BR" / "LC_MESSAGES" / "crm_desktop.po"


def test_every_marked_text_is_listed_until_it_is_translated(root: Path) -> None:
    assert set(catalogues.untranslated("pt_BR", root)) == set(PORTUGUESE)
    assert catalogues.fill("pt_BR", PORTUGUESE, root) == []
    assert catalogues.missing("pt_BR", root) == []
    assert len(catalogues.missing("es", root)) == len(PORTUGUESE)


def test_what_is_compiled_is_what_the_program_shows(root: Path) -> None:
    catalogues.fill("pt_BR", PORTUGUESE, root)
    assert len(catalogues.compile_all(root)) == 2
    assert catalogues.compile_all(root) == []
    shown = gettext.translation("crm_desktop", root / "resources" / "locale", ["pt_BR"])
    assert shown.ngettext("{n} contact", "{n} contacts", 2) == "{n} contatos"
    assert (shown.pgettext("verb", "Open"), shown.gettext("Open")) == ("Abrir", "Aberto")


def test_a_translation_with_other_placeholders_is_refused(root: Path) -> None:
    refused = catalogues.fill("pt_BR", {"Hello {name}": "Olá, {nome}", "Nobody says this": "Ninguém"}, root)
    assert len(refused) == 2
    assert "Hello {name}" in catalogues.untranslated("pt_BR", root)


def test_a_text_that_is_new_or_gone_changes_only_its_own_lines(root: Path) -> None:
    catalogues.fill("pt_BR", PORTUGUESE, root)
    before = po_file(root).read_text(encoding="utf-8")
    catalogues.update(root)
    assert po_file(root).read_text(encoding="utf-8") == before
    page = root / "ui" / "page.py"
    page.write_text(CODE.replace('_("Open")', '_("Closed")'), encoding="utf-8")
    catalogues.update(root)
    lines_before, lines_after = set(before.splitlines()), set(po_file(root).read_text(encoding="utf-8").splitlines())
    assert lines_before - lines_after == {'msgstr "Aberto"'}
    assert 'msgid "Closed"' in lines_after
    assert [gap.key for gap in catalogues.missing("pt_BR", root)] == ["Closed"]
