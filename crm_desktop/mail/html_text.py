"""The plain text of an HTML e-mail."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_HIDDEN = frozenset({"head", "script", "style", "title", "template"})
_BLOCKS = frozenset(
    "address article blockquote br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header hr li ol p pre section table tr "
    "ul".split()
)
_APART = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote"})


class _Reader(HTMLParser):
    """Collects the words; blocks begin on a new line, list items get a dash, links keep their address."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0
        self._pre = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _BLOCKS:
            self._break(tag)
            if tag == "li":
                self.parts.append("- ")
            self._pre += tag == "pre"
        elif tag in ("td", "th"):
            self.parts.append("\t")
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.parts)))

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS:
            self._break(tag)
            self._pre -= tag == "pre" and self._pre > 0
        elif tag == "a" and self._links:
            address, at = self._links.pop()
            words = "".join(self.parts[at:]).strip()
            if address.startswith(("http://", "https://")) and words and words not in address:
                self.parts.append(f" ({address})")

    def _break(self, tag: str) -> None:
        """Begin a new line where none has begun, or a paragraph."""
        if tag in _APART:
            self.parts.append("\n\n")
        elif tag == "br" or not (self.parts and self.parts[-1].endswith("\n")):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        words = data if self._pre else re.sub(r"\s+", " ", data)
        if not self._hidden and words and (words != " " or not (self.parts and self.parts[-1].endswith("\n"))):
            self.parts.append(words)


def text_of_html(html: str) -> str:
    """The words of an HTML text, line by line. Never raises: what cannot be read as HTML is left out."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
