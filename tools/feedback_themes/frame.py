"""The words around a summary, such as "complaints" and "growing": a language comes in, its words go out."""

from functools import cache

from pydantic import RootModel

from tools.errors import DataError
from tools.feedback_themes.taxonomy import FOLDER
from tools.owner_files import Problems
from tools.owner_yaml import YamlModel, read_yaml


class Frame(YamlModel):
    """The words in one language; see `tools/data/feedback/frame.yaml`."""

    title: str
    comments: str
    customers: str
    before: str
    praise: str
    complaint: str
    neutral: str
    rating: str
    new: str
    growing: str
    steady: str
    shrinking: str
    order: str
    unsorted: str
    nothing: str
    severity_1: str
    severity_2: str
    severity_3: str
    no_comments: str

    def severity(self, level: int) -> str:
        """What a severity means; nothing for a nuisance."""
        return ("", self.severity_1, self.severity_2, self.severity_3)[level]


class _Frames(RootModel[dict[str, Frame]]):
    pass


def load_frame(language: str) -> Frame:
    """The words in a language, in English where it has none."""
    frames = _load()
    return frames.get(language) or frames["en"]


@cache
def _load() -> dict[str, Frame]:
    problems = Problems()
    read = read_yaml(FOLDER / "frame.yaml", _Frames, problems)
    problems.raise_if_any()
    if read is None or "en" not in read.model.root:
        raise DataError("has no words in English", "frame.yaml")
    return read.model.root
