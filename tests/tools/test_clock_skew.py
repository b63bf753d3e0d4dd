"""A clock that does not fit the store's is seen, on both databases, and stops a start where servers share the store."""

import logging
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from tests.databases import PostgresqlDatabases
from tools.clock_skew import DOUBTFUL_S, WRONG_S, read_clock, require_fitting_clock
from tools.database import GraphVersion, open_database, utc_now
from tools.errors import StoreError
from tools.schema import migrate


@pytest.fixture(scope="module")
def server(postgresql: PostgresqlDatabases) -> Engine:
    return open_database(postgresql.new())


def off_by(seconds: float):
    def now() -> datetime:
        return utc_now() + timedelta(seconds=seconds)

    return now


@pytest.mark.parametrize("seconds", [-WRONG_S - 5, -DOUBTFUL_S - 3, 0, DOUBTFUL_S + 3, WRONG_S + 5])
def test_the_difference_to_a_servers_clock_is_read(server: Engine, seconds: float) -> None:
    reading = read_clock(server, off_by(seconds))
    assert abs(reading.ahead_s - seconds) < 2
    assert (reading.is_doubtful, reading.is_wrong) == (abs(seconds) > DOUBTFUL_S, abs(seconds) > WRONG_S)


def test_a_start_is_refused_only_where_others_would_lose_what_they_hold(
    server: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    require_fitting_clock(server)
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        require_fitting_clock(server, off_by(10))
    assert "10 s ahead of the store's; let a time service" in caplog.text
    with pytest.raises(StoreError, match=r"1,000 s behind the store's.*chrony"):
        require_fitting_clock(server, off_by(-1000.2))


def test_a_file_tells_a_clock_that_went_back(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "store.db")
    migrate(engine)
    assert read_clock(engine).ahead_s == 0
    with Session(engine) as session:
        ahead = utc_now() + timedelta(hours=2)
        session.add(GraphVersion(number=1, published_at=ahead, files_sha256="", files=b"", summary="{}"))
        session.commit()
    reading = read_clock(engine)
    assert (round(reading.ahead_s / 60), reading.is_doubtful, reading.is_wrong) == (-120, True, False)
    require_fitting_clock(engine)
