"""Every text of the program is translated into every language it offers."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from crm_desktop.core import i18n
from installer import catalogues


@pytest.fixture(scope="module")
def texts() -> Catalog:
    """All texts of the code; taking them out takes seconds."""
    return catalogues.extract()


def test_the_program_offers_the_languages_that_have_catalogues() -> None:
    """A language in the menu has a catalogue, and a catalogue a place in the menu."""
    assert set(i18n.LANGUAGES) == {"en", *catalogues.LANGUAGES}


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_text_is_translated(language: str, texts: Catalog) -> None:
    """Complete, not fuzzy, with the placeholders of the English text."""
    gaps = catalogues.missing(language, template=texts)
    if gaps:
        command = f"python3 installer/dev.py catalogues, then fill resources/locale/{language}"
        listing = "\n".join(str(gap) for gap in gaps)
        pytest.fail(f"{len(gaps)} texts are not translated ({command}):\n{listing}", pytrace=False)


def test_the_catalogues_hold_nothing_else(texts: Catalog) -> None:
    """A text that left the program leaves its catalogues."""
    current = {(message.context, str(message.id)) for message in texts if message.id}
    stale = []
    for language in catalogues.LANGUAGES:
        for message in catalogues.read(language):
            if message.id and (message.context, str(message.id)) not in current:
                stale.append(f"{language}: {message.id!r}")
    if stale:
        pytest.fail("run python3 installer/dev.py catalogues; no longer used:\n" + "\n".join(stale), pytrace=False)
