"""One shop for all crashes of a test run, and the table of what came of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from campaign import Shop, Tally
from sqlalchemy import URL

TALLIES: list[Tally] = []


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory, database: URL) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("chaos"), database)
    yield shop
    TALLIES.append(shop.tally)
    shop.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Runs, kills and violations for each place, over all campaigns."""
    if not TALLIES:
        return
    total = Tally()
    for tally in TALLIES:
        for place in tally.runs:
            total.runs[place] += tally.runs[place]
            total.kills[place] += tally.kills[place]
            total.wrong[place] += tally.wrong[place]
    terminalreporter.section("chaos")
    terminalreporter.write_line(f"{'hurt':<36}{'runs':>7}{'kills':>7}{'violations':>12}")
    for place in total.runs:
        terminalreporter.write_line(f"{place:<36}{total.runs[place]:>7}{total.kills[place]:>7}{total.wrong[place]:>12}")
    sums = [sum(counter.values()) for counter in (total.runs, total.kills, total.wrong)]
    terminalreporter.write_line(f"{'all':<36}{sums[0]:>7}{sums[1]:>7}{sums[2]:>12}")
