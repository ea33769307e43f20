"""Text as people read it: without the signs that programs leave in cells, and HTML as plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from html.parser import HTMLParser
from typing import Any, Final

from crm_desktop.importing.table import ErrorCell

_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\x85\xa0\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff&<#]|Err:"
)
"""A cell, or a whole row joined together, without any of these is as people read it."""
_BREAKS = dict.fromkeys(map(ord, "\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029"), "\n")
_BLANKS = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_NOTHING = dict.fromkeys(
    [*range(9), *range(0x0E, 0x1C), 0x7F, 0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070),
     0xFEFF]
)  # fmt: skip
_SIGNS = {**_BREAKS, **_BLANKS, **_NOTHING}
# joiners belong between letters of other scripts and in emoji; beside ASCII they are left-overs
_JOINER = re.compile("(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}\d{0,2}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_TAGS = (
    "p|br|div|span|b|i|u|s|strong|em|small|big|sub|sup|ul|ol|li|dl|dt|dd|a|img|table|tbody|thead|tr|td|th|font|center|h[1-6]|"
    "hr|html|head|body|meta|title|style|script|pre|code|blockquote|section|article|label|o:p"
)
_TAG = re.compile(rf"<(?:/(?:{_TAGS})\s*|(?:{_TAGS})(?:\s[^<>]*)?/?|!--.*?--)>", re.IGNORECASE | re.DOTALL)
_BLOCKS = frozenset("p br div ul ol dl dd dt tr table h1 h2 h3 h4 h5 h6 hr pre blockquote section article".split())
_HIDDEN = frozenset({"style", "script", "head", "title"})
ERRORS: Final = frozenset(
    "#N/A #N/D #REF! #¡REF! #DIV/0! #¡DIV/0! #VALUE! #VALOR! #¡VALOR! #NAME? #NOME? #¿NOMBRE? #NUM! #NÚM! #¡NUM! #NULL! "
    "#NULO! #¡NULO! #SPILL! #DESPEJAR! #DERRAME! #CALC! #CÁLC! #FIELD! #CAMPO! #BLOCKED! #UNKNOWN! #CONNECT! #BUSY! "
    "#GETTING_DATA #ND #NV #WERT! #BEZUG! #NAME! #NOM? #VALEUR! #NOMBRE!".split()
)
"""What spreadsheets write where a formula failed, in the languages of their exports."""
_LIBRE_ERROR = re.compile(r"Err:5\d\d\Z")


def tidy_row(record: list[str]) -> list[Any]:
    """The cells of a row of text: trimmed, empty ones None, signs that nobody sees gone."""
    whole = "".join(record)
    if whole.isprintable():  # then it has no blank but the plain one, no break, and nothing invisible
        odd = "<" in whole or "&" in whole or "#" in whole
    else:
        odd = _ODD.search(whole) is not None
    if not odd and "Err:5" not in whole:
        return [cell.strip() or None for cell in record]
    return [tidy(cell) for cell in record]


def tidy(text: str) -> Any:
    """A text cell as people read it; None where nothing is left, an ErrorCell for the error of a formula."""
    if _ODD.search(text) is None and not text.startswith("Err:5"):
        return text.strip() or None
    if "<" in text and _TAG.search(text):
        text = plain_text(text)
    elif "&" in text and ";" in text:
        text = _ENTITY.sub(lambda found: unescape(found[0]), text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.translate(_SIGNS)
    if "\u200c" in text or "\u200d" in text:
        text = _JOINER.sub("", text)
    text = text.strip()
    if text[:1] in "#E" and (text in ERRORS or _LIBRE_ERROR.match(text)):
        return ErrorCell(text)
    return text or None


def tidy_column(texts: Sequence[str]) -> list[Any]:
    """As :func:`tidy` for each of many texts: all at once where none has a sign that needs care."""
    whole = "".join(texts)
    if whole.isprintable() and "<" not in whole and "&" not in whole and "#" not in whole and "Err:" not in whole:
        cells: list[Any] = [text.strip() for text in texts] if " " in whole else list(texts)
        return [cell or None for cell in cells] if "" in cells else cells
    return [tidy(text) for text in texts]


def tidy_text(text: str) -> Any:
    """As :func:`tidy`, for text whose tags and entities were read already."""
    text = text.translate(_SIGNS).strip()
    return ErrorCell(text) if text in ERRORS else text or None


def tidy_cell(cell: Any) -> Any:
    """As :func:`tidy`; what is no text stays as it is."""
    return tidy(cell) if type(cell) is str else cell


class _Reader(HTMLParser):
    """Writes the text of HTML with its line breaks, lists and links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Breaks and marks of lists; where a link goes."""
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.parts)))
        elif tag == "img":
            given = dict(attrs)
            source = given.get("src") or ""
            self.parts.append(given.get("alt") or (source if source[:4].lower() == "http" else ""))

    def handle_endtag(self, tag: str) -> None:
        """The end of a paragraph is a break; a link says where it goes, if its text does not."""
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag == "a" and self._links:
            target, start = self._links.pop()
            shown = "".join(self.parts[start:])
            bare = re.sub(r"(?i)^(?:mailto:|tel:|https?://)", "", target).rstrip("/")
            if bare and not target.startswith("#") and bare not in shown:
                self.parts.append(f" ({target})" if shown.strip() else target)

    def handle_data(self, data: str) -> None:
        """Text between the tags; its own line breaks mean nothing."""
        if not self._hidden:
            self.parts.append(re.sub(r"[ \t\r\n]+", " ", data))


def plain_text(html: str) -> str:
    """The text of a piece of HTML, line by line."""
    reader = _Reader()
    # line breaks between the tags of a cell are how people typed it; between paragraphs they mean nothing
    reader.feed(html if re.search(r"(?i)<(?:br|p|div|li)\b", html) else html.replace("\n", "<br>"))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).replace("\xa0", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
