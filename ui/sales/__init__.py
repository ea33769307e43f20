"""The window's part of sales: the pipeline as a board, a list and a forecast, and the card of a deal."""
