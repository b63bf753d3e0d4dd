"""Work in parts: a function and the parts of its work come in, its results go out, worked off here or on a cluster.

Fugue runs the same function on Dask, Ray or Spark. A part says all that its result depends on, so the figures are the
same wherever it is worked off. Workers need WalKiosk with the extra `ops`.
"""

import base64
import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from tools.errors import OperatorError

Part = TypeVar("Part")
Result = TypeVar("Result")
Progress = Callable[[str, int, int], None]
"""Told what is being done, and how many of how many parts of it are."""

ENGINES = ("dask", "ray", "spark")
_EXTRAS = {"dask": "fugue[dask]", "ray": "fugue[ray]", "spark": "fugue[spark]"}


class _Opened(NamedTuple):
    """What Fugue calls an engine, and what ends it."""

    engine: Any
    close: Callable[[], object]


def work_off(
    what: str,
    work: Callable[[Part], Result],
    parts: Sequence[Part],
    engine: Any = None,
    progress: Progress | None = None,
) -> list[Result]:
    """The result of each part, in their order. `engine` is what `open_engine` gave, None for this process."""
    if engine is not None:
        return _work_off_there(work, parts, engine)
    return [work(part) for part in watched(what, parts, progress)]


def watched(what: str, parts: Sequence[Part], progress: Progress | None) -> Iterator[Part]:
    """The parts, one by one, told of as they are taken."""
    for done, part in enumerate(parts):
        if progress:
            progress(what, done, len(parts))
        yield part


@contextmanager
def open_engine(name: str) -> Iterator[Any]:
    """What Fugue calls an engine, by name or address: dask, dask://host:8786, ray, ray://host:10001, spark, spark://….

    OperatorError when there is no such engine, it is not installed, or nothing answers at the address.
    """
    kind, _, address = name.partition("://")
    if kind not in ENGINES:
        raise OperatorError(
            f"there is no engine {name!r}; there are {', '.join(ENGINES)}, each perhaps with an address"
        )
    try:
        engine, close = _OPEN[kind](address)
    except ImportError as error:
        raise OperatorError(f"the engine {kind} is not installed: pip install '{_EXTRAS[kind]}'") from error
    except (OSError, RuntimeError) as error:
        raise OperatorError(f"the engine {name} does not answer: {error}") from error
    try:
        yield engine
    finally:
        close()


def _open_dask(address: str) -> _Opened:
    import fugue_dask as _  # noqa: F401 (registers the engine)
    from distributed import Client

    client = Client(f"tcp://{address}", timeout="10s") if address else Client()
    return _Opened(client, client.close)


def _open_ray(address: str) -> _Opened:
    import fugue_ray as _  # noqa: F401
    import ray  # pyright: ignore[reportMissingImports]

    ray.init(f"ray://{address}" if address else None, ignore_reinit_error=True)
    return _Opened("ray", ray.shutdown)


def _open_spark(address: str) -> _Opened:
    import fugue_spark as _  # noqa: F401
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

    builder = SparkSession.builder
    session = (builder.master(f"spark://{address}") if address else builder).getOrCreate()
    return _Opened(session, session.stop)


_OPEN: dict[str, Callable[[str], _Opened]] = {"dask": _open_dask, "ray": _open_ray, "spark": _open_spark}


def _work_off_there(work: Callable[[Part], Result], parts: Sequence[Part], engine: Any) -> list[Result]:
    import fugue.api as fugue
    import pandas as pd

    tasks = pd.DataFrame({"part": range(len(parts)), "task": [_as_text((work, part)) for part in parts]})
    done = fugue.transform(  # pyright: ignore[reportPrivateImportUsage]
        tasks,
        _work_off_some,
        schema="part:long,result:str",
        partition={"num": len(parts)},
        engine=engine,
        as_local=True,
    )
    results = dict(zip(done["part"], done["result"], strict=True))
    return [_from_text(results[place]) for place in range(len(parts))]


def _work_off_some(tasks: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for task in tasks:
        work, part = _from_text(task["task"])
        yield {"part": task["part"], "result": _as_text(work(part))}


def _as_text(thing: Any) -> str:
    """Anything of ours, pickled; as text, because not every engine hands bytes on as they are."""
    return base64.b64encode(zlib.compress(pickle.dumps(thing), 1)).decode("ascii")


def _from_text(text: str) -> Any:
    # Pickled by this program itself, here or on a worker of the owner's own cluster.
    return pickle.loads(zlib.decompress(base64.b64decode(text)))  # noqa: S301
