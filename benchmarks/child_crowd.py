"""Measured process: some of the people of a crowd, each with connections of their own."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.processes import arguments, tell
from tests.helpers.crowd import Stage, run_clients


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Wait for the beginning, work until the end."""
    time.sleep(max(0.0, given["begin"] - time.time()))
    low, high = given["pause"]
    account = run_clients(given["names"], given["target"], Stage(**given["stage"]), (low, high), given["until"])
    return {"account": account.as_json()}


if __name__ == "__main__":
    tell(main(arguments()))
