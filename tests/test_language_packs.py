"""The language packs are complete, and no pack says yes and no with the same words."""

from pathlib import Path

import pytest

from agent.spoken.text import fold_phrase
from prompts.language_packs import LANGUAGES, LanguagePack, LanguagePackError, load_language_packs

PACKS = load_language_packs()
EXPECTED = {"en", "es", "fr", "de", "it", "pt", "hi", "zh", "ja"}


def test_all_nine_languages_are_there_and_english_is_first() -> None:
    assert set(PACKS) == EXPECTED
    assert next(iter(PACKS)) == "en"


@pytest.mark.parametrize("pack", PACKS.values(), ids=lambda pack: pack.code)
def test_a_pack_knows_enough_ways_to_agree(pack: LanguagePack) -> None:
    assert len(pack.yes) >= 25
    assert len(pack.no) >= 20
    assert {"XS", "S", "M", "L", "XL"} <= set(pack.size_letters)


@pytest.mark.parametrize("pack", PACKS.values(), ids=lambda pack: pack.code)
def test_what_lets_money_move_means_nothing_else(pack: LanguagePack) -> None:
    def folded(*names: str) -> set[str]:
        return {fold_phrase(phrase) for name in names for phrase in getattr(pack, name)}

    others = folded("no", "cancel", "goodbye", "not_before", "not_after", "question_endings", "help")
    assert not folded("yes", "agree") & others
    neutral = folded("fillers", "hesitations")
    assert not neutral & folded("no", "cancel", "not_before", "not_after", "clause_breaks", "question_endings")
    assert not neutral & folded("pointers")


@pytest.mark.parametrize("pack", PACKS.values(), ids=lambda pack: pack.code)
def test_every_language_can_be_asked_for_in_this_one(pack: LanguagePack) -> None:
    assert fold_phrase(pack.endonym) in {fold_phrase(name) for name in pack.names} | {"हिनदी"}


def test_no_name_stands_for_two_languages() -> None:
    owners: dict[str, set[str]] = {}
    for pack in PACKS.values():
        for name in pack.names:
            owners.setdefault(fold_phrase(name), set()).add(pack.code)
    assert {name: codes for name, codes in owners.items() if len(codes) > 1} == {}


def _english() -> str:
    return (LANGUAGES / "en.yaml").read_text(encoding="utf-8")


def test_adding_a_language_is_adding_a_file(tmp_path: Path) -> None:
    (tmp_path / "xx.yaml").write_text(_english().replace("code: en", "code: xx", 1), encoding="utf-8")
    assert list(load_language_packs(tmp_path)) == ["xx"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("code: en", "code: de"), "its name says 'en'"),
        (('"no": ["no"', '"no": [no'), "no.0"),
        (("  3: [third]\n", ""), "ordinals or cardinals lack"),
        (('"{n}st"', '"st"'), "ordinal_patterns"),
        (("endonym:", "endonim:"), "endonym"),
        (("fillers: [", "fillers: ["), ""),
        (("names: [", "names: [["), "cannot be read"),
    ],
)
def test_a_broken_file_is_named_with_its_fault(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    if not told:
        tmp_path = tmp_path / "empty"
        tmp_path.mkdir()
        with pytest.raises(LanguagePackError, match="no language"):
            load_language_packs(tmp_path)
        return
    (tmp_path / "en.yaml").write_text(_english().replace(*change, 1), encoding="utf-8")
    with pytest.raises(LanguagePackError, match=told) as raised:
        load_language_packs(tmp_path)
    assert "en.yaml" in str(raised.value)
