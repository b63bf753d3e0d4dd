"""What a number counts: a number and the words around it come in, the stretch that a pattern covers out."""

from agent.spoken.numbers import Number
from agent.spoken.stretches import is_just_before, skip
from agent.spoken.text import is_boundary
from agent.spoken.utterance import Pattern, Utterance


def fits(utterance: Utterance, number: Number, name: str) -> tuple[int, int] | None:
    """The longest stretch that a pattern of that name covers around a number."""
    best: tuple[int, int] | None = None
    for pattern in utterance.patterns[name]:
        if number.code and pattern.code != number.code:
            continue
        span = _fit(utterance.text, number, pattern)
        if span and (best is None or span[1] - span[0] > best[1] - best[0]):
            best = span
    return best


def counts_things(utterance: Utterance, number: Number) -> bool:
    """Whether a number is a number of pieces, a mark, an ordinal or a size rather than money."""
    names = ("quantity_patterns", "rating_patterns", "ordinal_patterns")
    if any(fits(utterance, number, name) for name in names):
        return True
    cues = utterance.of("size_cues")
    return any(is_just_before(utterance.text, cue.end, number.start) for cue in cues) or any(
        is_just_before(utterance.text, number.end, cue.start) for cue in utterance.of("size_cues_after", "size_cues")
    )


def _fit(text: str, number: Number, pattern: Pattern) -> tuple[int, int] | None:
    """Where a pattern's words stand around the number, or None."""
    start, end = number.start, number.end
    if pattern.before:
        head = text[:start] if pattern.before_glued else text[:start].rstrip(" ")
        if not head.endswith(pattern.before):
            return None
        start = len(head) - len(pattern.before)
    if pattern.after:
        end = end if pattern.after_glued else skip(text, end, " ")
        if not text.startswith(pattern.after, end):
            return None
        end += len(pattern.after)
        if pattern.after.endswith(".") and not text.startswith(" ", end):
            return None
    if not pattern.before and not is_boundary(text, start):
        return None
    return (start, end) if is_boundary(text, start) and is_boundary(text, end) else None
