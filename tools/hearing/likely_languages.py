"""How likely a sound is in each language comes in; those of a few that it may well be in go out. Pure."""

from collections.abc import Mapping, Sequence

_FIRST_WEIGHT = 2.0
"""How much likelier the language of the talk is than another, before anything was heard."""
_FEW_WORDS_WEIGHT = 20.0
"""So much likelier where little is said: a word or two sound like many languages and seldom change the talk's."""
_FEW_WORDS_MS = 1_200
_MOST_TRIED = 3
_LEAST_LIKELY = 0.02
"""Languages that are written out to see which makes most sense; that costs little beside the encoder."""


def likely_languages(
    probabilities: Mapping[str, float], languages: Sequence[str], speech_ms: float
) -> dict[str, float]:
    """Those of `languages` that `speech_ms` of speech may be in, likeliest first, with how likely each is.

    The first of `languages` is that of the talk and has an advantage.
    """
    allowed = {language: probabilities.get(language, 0.0) + 1e-6 for language in languages}
    allowed[languages[0]] *= _FEW_WORDS_WEIGHT if speech_ms < _FEW_WORDS_MS else _FIRST_WEIGHT
    total = sum(allowed.values())
    ranked = sorted(allowed, key=allowed.__getitem__, reverse=True)
    return {
        language: allowed[language] / total
        for language in ranked[:_MOST_TRIED]
        if allowed[language] / total >= _LEAST_LIKELY
    }
