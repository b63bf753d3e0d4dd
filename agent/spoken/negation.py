"""What is not wanted: an utterance comes in, its words that negate and the stretches that they negate go out."""

from collections.abc import Sequence

from agent.spoken.amounts import limit_said
from agent.spoken.stretches import SEPARATORS, clause_around, is_inside, is_strictly_inside, last_words, skip
from agent.spoken.text import Found
from agent.spoken.utterance import Utterance


def negated_in(utterance: Utterance) -> list[tuple[int, int]]:
    """Stretches of the folded text that are not wanted, from left to right."""
    text = utterance.text
    spans: list[tuple[int, int]] = []
    cues = negations(utterance)
    limit = limit_said(utterance) if cues else None
    for cue in cues:
        role = cue.entry.role
        begin, stop = clause_around(text, cue.start)[0], clause_around(text, cue.end)[1]
        breaks = [one for one in utterance.of("clause_breaks") if one.entry.code == cue.entry.code]
        if role.endswith("before"):
            first = min((one.start for one in breaks if cue.end <= one.start < stop), default=stop)
            if limit is not None and cue.end <= limit.start < first:
                first = limit.start  # who will not "spend more than 80 on boots" does want boots
            spans.append((skip(text, cue.end), max(first, skip(text, cue.end))))
            continue
        if role == "not_after" and text[cue.end : stop].strip(SEPARATORS) and is_before_cue(cue, cues):
            continue
        last = max((one.end for one in breaks if begin <= one.start and one.end < cue.start), default=begin)
        spans.append((last_words(text, last, cue.start), cue.start))
    shortest: dict[int, int] = {}
    for start, end in spans:  # the same word can negate in several languages, each with its own breaks
        shortest[start] = min(end, shortest.get(start, end))
    return sorted(shortest.items())


def negations(utterance: Utterance) -> list[Found]:
    """Words that negate, but not where they only look like it, and none in a longer one or in a question."""
    decoys = utterance.of("not_negations")
    cues = utterance.of("not_before", "without_before", "not_after", "without_after")
    loose = [cue for cue in cues if not any(is_inside(cue, decoy) for decoy in decoys)]
    longest = [cue for cue in loose if not any(is_strictly_inside(cue, other) for other in loose)]
    return [cue for cue in longest if not (cue.entry.role.startswith("not") and _is_asked(utterance, cue))]


def is_before_cue(cue: Found, cues: Sequence[Found]) -> bool:
    """Whether the same words also negate what follows them."""
    return any(one.start == cue.start and one.entry.role.endswith("before") for one in cues)


def is_negated(utterance: Utterance, role: str) -> bool:
    """Whether a phrase of that role is among what is not wanted."""
    negated = negated_in(utterance)
    return any(one.start < end and start < one.end for one in utterance.of(role) for start, end in negated)


def _is_asked(utterance: Utterance, cue: Found) -> bool:
    return _is_question(
        utterance, clause_around(utterance.text, cue.start)[0], clause_around(utterance.text, cue.end)[1]
    )


def _is_question(utterance: Utterance, begin: int, stop: int) -> bool:
    text = utterance.text
    if text[stop : stop + 1] == "?" or "?" in text[stop : stop + 2]:
        return True
    sentence_end = next((at for at in range(stop, len(text)) if text[at] in ".!?。！"), len(text))
    if text[sentence_end : sentence_end + 1] == "?":
        return True
    if any(match.start == skip(text, begin) for match in utterance.of("question_starts")):
        return True
    clause_end = len(text[:stop].rstrip())
    return any(match.end == clause_end for match in utterance.of("question_endings"))
