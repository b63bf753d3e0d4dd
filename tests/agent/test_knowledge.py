"""Versions are lent to turns: a version is closed once, with the last turn that borrowed it or with the kiosk."""

import threading
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from agent.knowledge import Knowledge, KnowledgeInUse
from tools.graph_answers import GraphReader


class Opened:
    """Stands for an open graph that counts how often it is closed."""

    def __init__(self) -> None:
        self.closings = 0
        self._lock = threading.Lock()

    @property
    def graph(self) -> "Opened":
        return self

    def close(self) -> None:
        with self._lock:
            self.closings += 1


def version(number: int) -> tuple[Knowledge, Opened]:
    opened = Opened()
    none = cast(Any, None)
    return Knowledge(number, cast(GraphReader, opened), none, none, none, none), opened


@given(st.lists(st.sampled_from(["begin", "end", "replace"]), max_size=40))
async def test_what_is_borrowed_is_open_and_the_rest_is_closed_once(steps: list[str]) -> None:
    first, opened = version(0)
    in_use, all_opened = KnowledgeInUse(first), [opened]
    turns: list[tuple[Any, Knowledge]] = []
    for step in steps:
        if step == "begin":
            turn = in_use.borrow()
            turns.append((turn, turn.__enter__()))
        elif step == "end" and turns:
            turns.pop(0)[0].__exit__(None, None, None)
        elif step == "replace":
            new, opened = version(len(all_opened))
            all_opened.append(opened)
            in_use.replace(new)
        needed = {in_use.current.number, *(borrowed.number for _, borrowed in turns)}
        assert set(in_use.open_versions) == needed
        assert not any(all_opened[number].closings for number in needed)
    await in_use.close()
    for turn, _ in turns:
        turn.__exit__(None, None, None)
    assert [opened.closings for opened in all_opened] == [1] * len(all_opened)
