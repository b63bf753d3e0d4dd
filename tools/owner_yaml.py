"""YAML files that a shop's owner wrote: a file comes in, a checked model and the places of its parts go out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from tools.errors import DataError
from tools.owner_files import Problems, read_text, suggestion

MAX_YAML_CHARACTERS = 4_000_000
MAX_YAML_DEPTH = 20
Place = tuple[int, str]
Model = TypeVar("Model", bound=BaseModel)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlModel(BaseModel):
    """The base of what is read from YAML: nothing unknown is let through, nothing changes later."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class YamlFile(Generic[Model]):
    """A file as a model, and where in the file each part of it stands."""

    def __init__(self, model: Model, file: str, root: yaml.Node, problems: Problems) -> None:
        self.model = model
        self._file, self._root, self._problems = file, root, problems

    def refuse(self, path: Sequence[str | int], problem: str) -> None:
        """Note a problem with the part that `path` (keys and list positions from the top) leads to."""
        line, column = _place(self._root, path)
        self._problems.add(problem, self._file, line, column)


def read_yaml(path: Path, model: type[Model], problems: Problems) -> YamlFile[Model] | None:
    """The file as `model`, or None with its problems noted.

    Every plain value is taken as its text and only the model makes numbers of it, so that NO stays a country and
    on stays a word. Anchors and aliases are refused: a few lines of them can stand for gigabytes.
    """
    text = read_text(path, problems)
    if text is None:
        return None
    if len(text) > MAX_YAML_CHARACTERS:
        problems.add(f"longer than {MAX_YAML_CHARACTERS} characters", path.name)
        return None
    try:
        root = _compose(text, path.name)
        content = _content(root, path.name)
    except DataError as error:
        problems.add(error.problem, error.file, error.line, error.column)
        return None
    try:
        return YamlFile(model.model_validate(content), path.name, root, problems)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_context=False):
            line, column = _place(root, found["loc"])
            problems.add(_problem(found, model), path.name, line, column)
        return None


def _compose(text: str, file: str) -> yaml.Node:
    try:
        loader = _Loader(text)
        try:
            while not loader.check_event(yaml.StreamEndEvent):
                event = loader.get_event()
                if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                    line, column = _marked(event.start_mark)
                    raise DataError("anchors (&) and aliases (*) are not allowed", file, line, column)
        finally:
            loader.dispose()
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = _marked(mark) if mark else (0, "")
        raise DataError(f"not YAML: {error.problem or error.context}", file, line, column) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DataError(f"not YAML: {error.reason}", file, line) from error
    except RecursionError as error:
        raise DataError("not YAML: nested too deeply", file) from error
    if root is None:
        raise DataError("the file is empty", file)
    return root


def _content(node: yaml.Node, file: str, depth: int = 0) -> Any:
    """The node as dicts, lists and text; DataError where a key is there twice or is not plain."""
    if depth > MAX_YAML_DEPTH:
        raise DataError("nested too deeply", file, *_marked(node.start_mark))
    if isinstance(node, yaml.SequenceNode):
        return [_content(item, file, depth + 1) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        return None if node.tag.endswith(":null") else str(node.value)
    content: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise DataError("a key must be plain text", file, *_marked(key.start_mark))
        if key.value in content:
            raise DataError(f"{key.value!r} is there twice", file, *_marked(key.start_mark))
        content[key.value] = _content(value, file, depth + 1)
    return content


def _place(root: yaml.Node, path: Sequence[str | int]) -> Place:
    """Line and column of the part that the path leads to, or of the deepest part on the way that is there."""
    node, mark = root, root.start_mark
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
            if found is None:
                break
            mark, node = found[0].start_mark, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            mark = node.start_mark
    return _marked(mark)


def _marked(mark: Any) -> Place:
    return mark.line + 1, str(mark.column + 1)


def _problem(found: Any, model: type[BaseModel]) -> str:
    """A validation error in words, with the path it belongs to."""
    where = ".".join(str(step) for step in found["loc"])
    if found["type"] == "extra_forbidden":
        near = suggestion(str(found["loc"][-1]), model.model_fields) if len(found["loc"]) == 1 else ""
        return f"unknown key {where!r}{near}"
    if found["type"] == "missing":
        return f"{where!r} is missing"
    return f"{where}: {found['msg'].removeprefix('Value error, ')}" if where else str(found["msg"])
