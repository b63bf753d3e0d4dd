"""Small talk: what is said is known again, in whatever language, and every topic has an answer everywhere."""

import pytest

from agent.render import read_messages
from agent.small_talk import LIKELY, SURE, SmallTalk
from prompts.language_packs import load_language_packs
from prompts.loading import REPLIES, load_small_talk
from tools.embedding import WordEmbedder

LANGUAGES = list(load_language_packs())
TALK = load_small_talk(LANGUAGES)
KNOWN = SmallTalk(WordEmbedder(), {"en": {"joke": ["tell me a joke"], "insult": ["you stupid machine"]}})


def test_the_same_words_are_known_again() -> None:
    topic = KNOWN.topic("tell me a joke", SURE)
    assert topic is not None
    assert topic.name == "joke"


@pytest.mark.parametrize("said", ["", "   ", "a red umbrella", "tell me a joke " * 20])
def test_what_is_no_small_talk_has_no_topic(said: str) -> None:
    assert KNOWN.topic(said, LIKELY) is None


def test_a_kiosk_without_examples_knows_none() -> None:
    assert SmallTalk(WordEmbedder(), {}).topic("hello", 0.0) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_has_examples_and_an_answer(language: str) -> None:
    bundle = read_messages(language, [REPLIES])
    assert TALK[language].keys() == TALK["en"].keys()
    assert all(TALK[language].values())
    assert all(bundle.has_message(f"talk-{topic}") for topic in TALK[language])
