"""The dialogue model weighs paths by the tokens of its answer, and sees questions and examples in one line each."""

import math

import pytest

from agent.path_judge import MAX_READ, ModelPathJudge
from agent.scripted_model import ScriptedModel
from agent.told_tokens import UNTOLD, ToldToken, shares_of
from tools.path_questions.features import MaskedQuestion
from tools.path_questions.relation_path import RelationPath, Traversal

BEFORE = '{"choice": "'


def told(*tokens: tuple[str, dict[str, float]]) -> list[ToldToken]:
    """An answer of these tokens, each with how likely it and others were."""
    return [
        ToldToken(text, {other: math.log(chance) for other, chance in likeliest.items()}) for text, likeliest in tokens
    ]


def chances(options: list[str], tokens: list[ToldToken]) -> list[float]:
    return [math.exp(share) for share in shares_of(options, BEFORE, tokens)]


def test_options_are_as_likely_as_the_tokens_they_begin_with() -> None:
    tokens = told((BEFORE, {BEFORE: 1.0}), ("run", {"run": 0.6, "serv": 0.3, "x": 0.1}), ('_by"}', {'_by"}': 1.0}))
    assert chances(["run_by", "serves"], tokens) == pytest.approx([2 / 3, 1 / 3])


def test_an_option_that_goes_on_is_told_from_one_that_ends() -> None:
    tokens = told((BEFORE, {BEFORE: 1.0}), ("run_by", {"run_by": 1.0}), ('"', {'"': 0.8, "/": 0.2}), ("}", {"}": 1.0}))
    assert chances(["run_by", "run_by/serves"], tokens) == pytest.approx([0.8, 0.2])


def test_a_quotation_mark_may_share_a_token_with_the_option() -> None:
    tokens = told(
        ('{"choice": ', {'{"choice": ': 1.0}), ('"^', {'"^': 0.25, '"s': 0.75}), ('run_by"}', {'run_by"}': 1.0})
    )
    assert chances(["^run_by", "serves"], tokens) == pytest.approx([0.25, 0.75])


def test_what_is_not_told_of_is_unlikely_and_what_several_begin_with_is_shared() -> None:
    tokens = told((BEFORE, {BEFORE: 1.0}), ("a", {"a": 0.5, "b": 0.5}), ('"}', {'"}': 1.0}))
    first, *shared, unknown = chances(["a", "b1", "b2", "c"], tokens)
    assert (first, *shared) == pytest.approx((0.5, 0.25, 0.25), abs=1e-4)
    assert unknown == pytest.approx(UNTOLD, rel=1e-2)


async def test_the_model_sees_lines_of_examples_the_nearest_last() -> None:
    paths = [RelationPath(steps=(Traversal(relation=name, direction="in"),)) for name in ("run_by", "serves")]
    model = ScriptedModel(lambda _: {"^run_by": -0.1, "^serves": -2.4})
    judge = ModelPathJudge(model, "Choose.")
    examples = [(MaskedQuestion("what does ", " run"), paths[0]), (MaskedQuestion("who sells ", ""), paths[1])]
    weights = await judge.weigh(MaskedQuestion("where\nis -> ", "x" * 1_000), paths, examples)
    assert weights == [-0.1, -2.4]
    first, second, asked = model.asked[0].split("\n")
    assert (first, second) == ("who sells X -> ^serves", "what does X run -> ^run_by")
    assert asked.startswith("where is -> Xxxx")
    assert len(asked) == MAX_READ + len(" ->")
