"""The gate: nothing is said that no evidence backs."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.draft import Say, say
from agent.ground import free_text, ground, has_digit
from agent.render import Renderer, UngroundedClaim
from prompts.loading import REPLIES
from tools.evidence import Evidence, Reference
from tools.money import Money
from tools.vocabulary import load_vocabulary

DEMO = Path(__file__).parents[2] / "tools" / "data" / "demo"
LANGUAGES = sorted(path.stem for path in REPLIES.glob("*.ftl"))


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer([REPLIES, DEMO / "replies"], LANGUAGES, load_vocabulary(DEMO / "vocabulary.yaml"))


def offer() -> Evidence:
    price = Money(amount_minor=12995, currency="USD")
    return Evidence(id="e1", kind="product", subject="P1", facts={"name": "Velora 7 Runner", "list_price": price})


def test_a_price_is_said_as_the_language_writes_it(renderer: Renderer) -> None:
    said = say("price-list", list_price=Reference(evidence="e1", fact="list_price"))
    assert "$129.95" in ground([said], [offer()], "en", renderer).sentences[0]


@pytest.mark.parametrize("reference", [Reference(evidence="e2", fact="list_price"), Reference(evidence="e1", fact="x")])
def test_a_sentence_without_evidence_is_refused(renderer: Renderer, reference: Reference) -> None:
    reply = ground([say("price-list", list_price=reference), say("ask-purchase")], [offer()], "en", renderer)
    assert reply.refused == 1
    assert reply.sentences == ["Would you like to buy it?"]


def test_silence_is_never_the_answer(renderer: Renderer) -> None:
    reply = ground([say("price-list", list_price=Reference(evidence="e9", fact="x"))], [], "en", renderer)
    assert "went wrong" in reply.sentences[0]


@pytest.mark.parametrize(
    "text",
    [
        "It costs only 5.",
        "That is ５ in all.",
        "It is five dollars.",
        "It costs € little",
        "I give you a discount!",
        "See http://x.example",
        "Look at {e1.price}",
        "",
        "x" * 400,
    ],
)
def test_free_text_that_claims_something_is_refused(text: str) -> None:
    with pytest.raises(UngroundedClaim):
        free_text(text)


def test_harmless_free_text_passes_and_is_cleaned() -> None:
    assert free_text("Hello\u202e there,\n friend!") == "Hello there, friend!"


@given(st.text(max_size=200))
def test_free_text_never_lets_a_digit_through(text: str) -> None:
    with contextlib.suppress(UngroundedClaim):
        assert not has_digit(free_text(text))


@given(st.text(max_size=400))
def test_catalogue_text_cannot_break_out_of_its_place(renderer: Renderer, text: str) -> None:
    held = Evidence(id="e1", kind="node", subject="n", facts={"node": text})
    said = Say(message="fact-is", facts={"node": Reference(evidence="e1", fact="node")})
    sentence = renderer.sentence(said, {"e1": held}, "en")
    assert "\n" not in sentence.text
    assert sentence.text.startswith("That is ")
