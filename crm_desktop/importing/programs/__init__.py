"""What the exports of other programs look like: one file of tables per family, found by ``recognise``."""
