"""Whole numbers as words: a language's code comes in, its words for 11 to 199 go out ("zweiundvierzig")."""

from collections.abc import Iterator

from num2words import CONVERTER_CLASSES, num2words

SPELT_OUT = range(11, 200)
"""Sizes, amounts and years of a decade; figures stand for larger ones."""


def number_words(code: str) -> Iterator[tuple[int, str]]:
    """Numbers with their words, also as regions say them ("nonante"); none for a language that the library lacks."""
    regions = [known for known in CONVERTER_CLASSES if known == code or known.startswith(f"{code}_")]
    for number in SPELT_OUT:
        said = {str(num2words(number, lang=region)) for region in regions}
        yield from ((number, words) for words in sorted(said) if words)
