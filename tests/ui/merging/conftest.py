"""The same office as in the tests of lists and cards."""

from tests.ui.records.conftest import desk

__all__ = ["desk"]
