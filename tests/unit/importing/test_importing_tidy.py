"""What programs leave in cells is cleaned away; what people wrote stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.importing.table import ErrorCell
from crm_desktop.importing.tidy import tidy, tidy_row


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>Olá&nbsp;mundo<br>linha</p><ul><li>um</li><li>dois</li></ul>", "Olá mundo\nlinha\n\n- um\n- dois"),
        ("Jos&eacute; &amp; Filhos", "José & Filhos"),
        ("Ana <ana@x.example>", "Ana <ana@x.example>"),
        ("a < b & c; d", "a < b & c; d"),
        ("\u202a+55 41 95550-0142\u202c", "+55 41 95550-0142"),
        ("zero\u200blargura\ufeff", "zerolargura"),
        ("\xa0 \u200b", None),
        ("um\r\ndois\x0btrês", "um\ndois\ntrês"),
        ('<a href="https://x.example/">página</a>', "página (https://x.example/)"),
        ('<a href="mailto:ana@x.example">ana@x.example</a>', "ana@x.example"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("<style>p {color: red}</style><p>texto</p>", "texto"),
        ("#12, fundos", "#12, fundos"),
    ],
)
def test_cells(text: str, expected: str | None) -> None:
    assert tidy(text) == expected


@pytest.mark.parametrize("text", ["#N/D", "#REF!", "#NOME?", "#¿NOMBRE?", "#NÚM!", "Err:502"])
def test_errors_of_formulas_in_any_language(text: str) -> None:
    assert tidy(text) == ErrorCell(text)


@given(st.lists(st.text(max_size=20), max_size=5))
def test_a_row_is_its_cells(row: list[str]) -> None:
    assert tidy_row(row) == [tidy(cell) for cell in row]


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="<>&#\u200c\u200d"), min_size=1))
def test_no_letter_is_lost(text: str) -> None:
    assert isinstance(tidy(text), ErrorCell) or tidy(text) == text
