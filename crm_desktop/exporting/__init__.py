"""Everything out again: records as workbooks, text tables, JSON, cards and calendars, and the office as a whole."""
