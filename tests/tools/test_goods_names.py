"""Goods called by part of their names, in sentences of several languages."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.goods_names import GoodsNames
from tools.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary(Path(__file__).parents[2] / "tools" / "data" / "demo" / "vocabulary.yaml")
NAMES = {
    "A": "Lanternby Overlook Cushion",
    "B": "Nordhavel Office Poplin Shirt",
    "C": "Orrindale Diner White Shirt",
    "D": "Gablemoor Diner Mug",
    "E": "Gablemoor Lava Lounge Lamp",
    "F": "Gablemoor Drive-In Blanket",
    "G": "Gablemoor Overnight Lamp",
}
GOODS = GoodsNames(NAMES, VOCABULARY, frozenset({"office", "diner", "drive", "lounge"}))


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("¿cuánto es el cojín Overlook?", [("A",)]),
        ("我要Overlook的抱枕", [("A",)]),
        ("the overlok one", [("A",)]),
        ("entre la Office Poplin y la Diner White", [("B",), ("C",)]),
        ("I like the Diner", [("C", "D")]),
        ("we met in a diner near my office", []),
        ("Office work", []),
        ("anything by Gablemoor?", []),
        ("a white shirt", []),
        ("", []),
    ],
)
def test_a_telling_word_names_the_goods(said: str, named: list[tuple[str, ...]]) -> None:
    assert [one.product_ids for one in GOODS.find(said)] == named


@given(st.text(max_size=80))
def test_stretches_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    end = 0
    for one in GOODS.find(f"{text} Overlook {text}"):
        assert end <= one.start < one.end
        end = one.end
        assert set(one.product_ids) <= set(NAMES)
