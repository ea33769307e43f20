"""What is done for many texts at once is what is done for each; an import leaves Python's collector as it found it."""

from __future__ import annotations

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.core.garbage import held_off
from crm_desktop.core.text import fold, fold_all
from crm_desktop.importing.tidy import tidy, tidy_column

TEXTS = st.text(
    st.one_of(st.sampled_from("aZ09 .<&#;Ééß İΣς\u0301\u0327\u00a0\u200b\ufb01\t\r\n"), st.characters(codec="utf-8")),
    max_size=12,
)


@given(st.lists(st.one_of(st.none(), TEXTS)))
def test_folding_many_texts_is_folding_each(texts: list[str | None]) -> None:
    assert fold_all(texts) == [None if text is None else fold(text) for text in texts]


@given(st.lists(st.one_of(TEXTS, st.sampled_from(["", " Ana ", "<b>Ana</b>", "Err:502", "#N/A", "R&amp;D"]))))
def test_tidying_a_column_is_tidying_each_cell(texts: list[str]) -> None:
    assert tidy_column(texts) == [tidy(text) for text in texts]


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_as_it_was_after_a_failure(on: bool) -> None:
    before = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        with pytest.raises(ValueError), held_off():
            assert not gc.isenabled()
            raise ValueError
        assert gc.isenabled() is on
    finally:
        (gc.enable if before else gc.disable)()


def test_what_points_at_itself_goes_between_two_portions() -> None:
    before = gc.isenabled()
    gc.enable()
    try:
        with held_off() as tidy_up:
            for _ in range(5_000):
                ring: list[object] = []
                ring.append(ring)
            held = gc.get_count()[0]
            tidy_up()
            assert held > 4_000 and gc.get_count()[0] < 1_000
    finally:
        (gc.enable if before else gc.disable)()
