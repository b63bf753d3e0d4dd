"""Sorts opinions into themes: opinions with their vectors come in, the theme and tone of each go out.

A classifier learned from the taxonomy's examples says what each opinion is probably about; that is smoothed over a
graph of nearest neighbours among opinions and examples, so that an odd wording follows its plain translations (Zhou et
al., "Learning with Local and Global Consistency", 2003). What stays unclear is clustered; dense clusters become themes
of their own, which the classifier then learns too. Needs the extra `ops`.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tools.embedding import Vectors
from tools.errors import OperatorError
from tools.feedback_themes.taxonomy import Example, Taxonomy, Tone

MEAN_WEIGHT = 30
"""How many opinions of a language weigh as much as the examples in telling the language from the meaning."""
NEIGHBOURS = 8
NEIGHBOUR_POWER = 4
SMOOTHING = 0.8
SMOOTHING_ROUNDS = 20
SURE = 0.5
"""Probability from which an opinion serves as an example of its theme."""
LIKELY = 0.25
"""Probability below which an opinion is not put to a theme."""
FAMILIAR = 0.43
"""How like a theme's examples the middle one of its opinions must be; else they are about what the taxonomy lacks."""
CLUSTER_DISTANCE = 0.7
"""Mean cosine distance up to which unclear opinions are of one cluster."""
MAX_CLUSTERED = 4_000
MAX_LEARNED_PER_THEME = 60
MIN_VOICES = 3
MIN_VOICE_SHARE = 0.004
"""How many customers, and which share of all, make a theme of its own."""
MAX_BESIDE = 0.7
"""Where more of the comments than this share speak of a known theme as well, a cluster is only what surrounds it."""
SAME_THEME = 0.75
"""Cosine from which a cluster is one that was found before."""
TONE_MARGIN = 0.2
CHUNK_ROWS = 1_000

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Opinion:
    """One opinion: its comment and voice by number, its language, its words."""

    comment: int
    voice: int
    language: str
    text: str


@dataclass(frozen=True)
class FoundTheme:
    """A theme that no taxonomy has: an id that stays from day to day, and the direction its opinions point to."""

    theme: str
    centre: tuple[float, ...]


@dataclass(frozen=True)
class SortedOpinions:
    """For each opinion its theme (None: none), its tone and its direction, a unit vector, in order of the opinions."""

    themes: tuple[str | None, ...]
    tones: tuple[Tone, ...]
    directions: Vectors
    found: tuple[FoundTheme, ...]
    reader: "SentenceReader"


class SentenceReader:
    """Reads further sentences by what was learned of languages and tones."""

    def __init__(self, tones: Any, means: Mapping[str, Vectors], mean: Vectors) -> None:
        self._tones, self._means, self._mean = tones, means, mean

    def directions(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """The vectors without what they owe to their language, of length 1."""
        return _unit(vectors - np.stack([self._means.get(language, self._mean) for language in languages]))

    def tones(self, directions: Vectors) -> list[Tone]:
        """Praise or complaint where one is clearly likelier than the other."""
        chances = self._tones.predict_proba(directions)
        places = {str(name): place for place, name in enumerate(self._tones.classes_)}
        lead = chances[:, places[Tone.PRAISE]] - chances[:, places[Tone.COMPLAINT]]
        return [_tone(float(value)) for value in lead]


class OpinionSorter:
    """Knows the examples of a taxonomy and their vectors, shape (examples, dimensions)."""

    def __init__(self, taxonomy: Taxonomy, examples: Sequence[Example], vectors: Vectors) -> None:
        self._taxonomy = taxonomy
        self._targets = np.array([example.theme for example in examples])
        self._languages = [example.language for example in examples]
        self._vectors = vectors

    def sort(self, opinions: Sequence[Opinion], vectors: Vectors, known: Sequence[FoundTheme] = ()) -> SortedOpinions:
        """The theme and tone of each opinion. `known` are themes found before, whose names are kept."""
        prior = self._example_means()
        examples = _unit(self._vectors - np.stack([prior[each] for each in self._languages]))
        reader = SentenceReader(self._tone_classifier(examples), prior, cast(Vectors, self._vectors.mean(axis=0)))
        if not opinions:
            return SortedOpinions((), (), vectors, (), reader)
        means = self._means(opinions, vectors, prior)
        directions = _unit(vectors - np.stack([means[opinion.language] for opinion in opinions]))
        distinct, rows = _distinct(opinions)
        own = directions[distinct]
        graph = _neighbour_graph(np.vstack([own, examples]))
        classifier = _fit(examples, self._targets)
        chances = self._smoothed(graph, classifier, own)
        unclear = self._themes_of(own, chances, classifier.classes_, examples) == ""
        clusters = _clusters(own, np.flatnonzero(unclear), opinions, rows)
        chances[unclear] = 0  # nothing is to be learned from these
        learned, targets = self._with_learned(examples, classifier.classes_, own, chances, clusters)
        classifier = _fit(learned, targets)
        chances = self._smoothed(graph, classifier, own)
        names = self._themes_of(own, chances, classifier.classes_, examples)
        themes = [str(names[row]) or None for row in rows]
        themes = self._without_surroundings(themes, opinions, set(clusters))
        themes, found = _renamed(themes, directions, opinions, set(clusters), known)
        return SortedOpinions(tuple(themes), tuple(self._tones(themes, directions, reader)), directions, found, reader)

    def _example_means(self) -> dict[str, Vectors]:
        languages = np.array(self._languages)
        return {each: self._vectors[languages == each].mean(axis=0) for each in dict.fromkeys(self._languages)}

    def _means(self, opinions: Sequence[Opinion], vectors: Vectors, prior: Mapping[str, Vectors]) -> dict[str, Vectors]:
        """What the vectors of each language have in common: of its opinions, and of its examples where they are few."""
        overall = self._vectors.mean(axis=0)
        languages = np.array([opinion.language for opinion in opinions])
        means: dict[str, Vectors] = {}
        for language in dict.fromkeys(languages.tolist()):
            own = vectors[languages == language]
            total = own.sum(axis=0) + MEAN_WEIGHT * np.asarray(prior.get(language, overall))
            means[language] = (total / (len(own) + MEAN_WEIGHT)).astype(np.float32)
        return means

    def _smoothed(self, graph: Any, classifier: Any, own: Vectors) -> Matrix:
        """The chance of each theme for each opinion, shape (opinions, themes), after asking the neighbours."""
        first = classifier.predict_proba(own)
        sure = (self._targets[:, None] == classifier.classes_[None, :]).astype(np.float64)
        begin = np.vstack([first, sure])
        chances = begin
        for _ in range(SMOOTHING_ROUNDS):
            chances = (1 - SMOOTHING) * begin + SMOOTHING * (graph @ chances)
        chances = chances[: len(own)]
        return chances / chances.sum(axis=1, keepdims=True)

    def _themes_of(self, own: Vectors, chances: Matrix, names: NDArray[Any], examples: Vectors) -> NDArray[Any]:
        """The likeliest theme of each opinion; "" where none is likely, and for themes of the taxonomy whose opinions
        are mostly unlike the examples they were learned from."""
        best = np.where(chances.max(axis=1) < LIKELY, "", names[chances.argmax(axis=1)])
        for theme in self._taxonomy.themes:
            members = np.flatnonzero(best == theme)
            if len(members):
                nearness = (own[members] @ examples[self._targets == theme].T).max(axis=1)
                best[members] = theme if np.median(nearness) >= FAMILIAR else ""
        return best

    def _with_learned(
        self,
        examples: Vectors,
        names: NDArray[Any],
        own: Vectors,
        chances: Matrix,
        clusters: Mapping[str, NDArray[np.int64]],
    ) -> tuple[Vectors, NDArray[Any]]:
        """The examples, the surest opinions of each theme and the members of the clusters, with what they are about."""
        parts, targets = [examples], [self._targets]
        best = chances.argmax(axis=1)
        for place, name in enumerate(names):
            sure = np.flatnonzero((best == place) & (chances[:, place] >= SURE))
            sure = sure[np.argsort(-chances[sure, place], kind="stable")][:MAX_LEARNED_PER_THEME]
            parts.append(own[sure])
            targets.append(np.full(len(sure), name))
        for name, members in clusters.items():
            parts.append(own[members[:MAX_LEARNED_PER_THEME]])
            targets.append(np.full(len(parts[-1]), name))
        return np.vstack(parts), np.concatenate(targets)

    def _without_surroundings(
        self, themes: Sequence[str | None], opinions: Sequence[Opinion], clusters: set[str]
    ) -> list[str | None]:
        """A comment's general opinions only where it has no particular one, and no clusters that surround others only.

        "I come by after work" may be said by many and is no theme.
        """
        subjects = {name for name, theme in self._taxonomy.themes.items() if theme.role == "subject"}
        about: dict[int, set[str]] = defaultdict(set)
        members: dict[str, set[int]] = defaultdict(set)
        for theme, opinion in zip(themes, opinions, strict=True):
            if theme is not None:
                about[opinion.comment].add(theme)
                members[theme].add(opinion.comment)
        beside = {
            name: sum(bool(about[comment] & (subjects | clusters) - {name}) for comment in members[name])
            / max(len(members[name]), 1)
            for name in clusters
        }
        themed = subjects | {name for name, share in beside.items() if share <= MAX_BESIDE}
        general = {name for name, theme in self._taxonomy.themes.items() if theme.role == "general"}
        kept: list[str | None] = []
        for theme, opinion in zip(themes, opinions, strict=True):
            others = about[opinion.comment] & (themed if theme in general else themed | general)
            stays = theme in themed or (theme is not None and theme not in clusters and not others)
            kept.append(theme if stays else None)
        return kept

    def _tones(self, themes: Sequence[str | None], directions: Vectors, reader: SentenceReader) -> list[Tone]:
        """The tone of the theme where it has one, else as the opinion sounds."""
        known = self._taxonomy.themes
        return [
            known[theme].tone if theme is not None and theme in known else heard
            for theme, heard in zip(themes, reader.tones(directions), strict=True)
        ]

    def _tone_classifier(self, examples: Vectors) -> Any:
        tones = np.array([str(self._taxonomy.themes[theme].tone) for theme in self._targets])
        return _fit(examples, tones)


def _clusters(
    own: Vectors, unclear: NDArray[np.int64], opinions: Sequence[Opinion], rows: Sequence[int]
) -> dict[str, NDArray[np.int64]]:
    """Dense clusters of opinions that belong to no known theme, by a name that is theirs for now."""
    if len(unclear) < 2:
        return {}
    step = -(-len(unclear) // MAX_CLUSTERED)
    sample = unclear[::step]
    labels = _cluster(own[sample])
    voices: dict[int, set[int]] = defaultdict(set)
    for opinion, row in zip(opinions, rows, strict=True):
        voices[row].add(opinion.voice)
    enough = max(MIN_VOICES, MIN_VOICE_SHARE * len({opinion.voice for opinion in opinions})) / step
    clusters: dict[str, NDArray[np.int64]] = {}
    for label in np.unique(labels):
        members = sample[labels == label]
        if len(set[int]().union(*(voices[int(member)] for member in members))) >= enough:
            clusters[f"cluster {label}"] = members
    return clusters


def _tone(lead: float) -> Tone:
    if abs(lead) < TONE_MARGIN:
        return Tone.NEUTRAL
    return Tone.PRAISE if lead > 0 else Tone.COMPLAINT


def _unit(vectors: Vectors) -> Vectors:
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def _distinct(opinions: Sequence[Opinion]) -> tuple[list[int], list[int]]:
    """The places of the first opinions of each wording, and for each opinion which of them has its wording."""
    seen: dict[tuple[str, str], int] = {}
    first: list[int] = []
    rows: list[int] = []
    for place, opinion in enumerate(opinions):
        key = (opinion.language, opinion.text)
        if key not in seen:
            seen[key] = len(first)
            first.append(place)
        rows.append(seen[key])
    return first, rows


def _renamed(
    themes: Sequence[str | None],
    directions: Vectors,
    opinions: Sequence[Opinion],
    clusters: set[str],
    known: Sequence[FoundTheme],
) -> tuple[list[str | None], tuple[FoundTheme, ...]]:
    """Clusters under the names of those found before that they are like, else under one made of their central words."""
    centres = {
        name: _unit(directions[[theme == name for theme in themes]].mean(axis=0, keepdims=True))[0]
        for name in sorted(clusters.intersection(theme for theme in themes if theme))
    }
    names: dict[str, str] = {}
    for earlier in known:
        likeness = {
            name: float(centre @ np.array(earlier.centre)) for name, centre in centres.items() if name not in names
        }
        best = max(likeness, key=lambda name: likeness[name], default=None)
        if best is not None and likeness[best] >= SAME_THEME:
            names[best] = earlier.theme
    for name, centre in centres.items():
        if name not in names:
            places = [place for place, theme in enumerate(themes) if theme == name]
            central = places[int(np.argmax(directions[places] @ centre))]
            names[name] = f"found-{hashlib.sha256(opinions[central].text.encode()).hexdigest()[:8]}"
    found = tuple(
        FoundTheme(names[name], tuple(round(float(x), 4) for x in centre)) for name, centre in centres.items()
    )
    return [names.get(theme, theme) if theme is not None else None for theme in themes], found


def _neighbour_graph(directions: Vectors) -> Any:
    """The likeness of each to its nearest neighbours as a sparse matrix, scaled so that smoothing converges."""
    sparse = _ops("scipy.sparse")
    count = len(directions)
    nearest = min(NEIGHBOURS, count - 1)
    rows, columns, values = [], [], []
    for start in range(0, count, CHUNK_ROWS):
        likeness = directions[start : start + CHUNK_ROWS] @ directions.T
        likeness[np.arange(len(likeness)), np.arange(start, start + len(likeness))] = -1
        places = np.argpartition(-likeness, nearest - 1, axis=1)[:, :nearest]
        rows.append(np.repeat(np.arange(start, start + len(likeness)), nearest))
        columns.append(places.ravel())
        values.append(np.maximum(np.take_along_axis(likeness, places, axis=1), 0).ravel() ** NEIGHBOUR_POWER)
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    graph = sparse.csr_matrix(entries, shape=(count, count))
    graph = graph.maximum(graph.T)
    scale = sparse.diags(1 / np.sqrt(np.maximum(np.asarray(graph.sum(axis=1)).ravel(), 1e-9)))
    return scale @ graph @ scale


def _cluster(directions: Vectors) -> NDArray[np.int64]:
    model = _ops("sklearn.cluster").AgglomerativeClustering(
        n_clusters=None, distance_threshold=CLUSTER_DISTANCE, metric="cosine", linkage="average"
    )
    return model.fit_predict(directions)


def _fit(directions: Vectors, targets: NDArray[Any]) -> Any:
    model = _ops("sklearn.linear_model").LogisticRegression(C=10, max_iter=200, class_weight="balanced")
    return model.fit(directions, targets)


def _ops(module: str) -> Any:
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise OperatorError("summaries of feedback need the extra `ops`: pip install 'walkiosk[ops]'") from error
