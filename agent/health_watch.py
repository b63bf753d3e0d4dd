"""Watches a kiosk for its owner: what is observed comes in and is counted in the book that the morning report reads."""

from functools import partial

from agent.observation import Observe, Observed, ReplyGiven, TurnEnded, UtteranceHeard
from tools.health import HealthBook, Signal


def counted_in(book: HealthBook) -> Observe:
    """A watcher that counts what tells of a kiosk's health."""

    def count(event: Observed) -> None:
        match event:
            case TurnEnded():
                _count_turn(book, event)
            case UtteranceHeard():
                signal = Signal.HEARD if event.is_recognised else Signal.HEARING_FAILED
                book.count(event.kiosk_id, signal, event.duration_ms if event.is_recognised else None)
            case ReplyGiven():
                book.count(event.kiosk_id, Signal.SPEAKING_FAILED, times=event.unspoken_sentences)
                if event.first_audio_ms is not None:
                    book.count(event.kiosk_id, Signal.SPOKEN, event.first_audio_ms)
            case _:
                pass

    return count


def _count_turn(book: HealthBook, turn: TurnEnded) -> None:
    count = partial(book.count, turn.kiosk_id)
    if turn.outcome == "ok":
        count(Signal.TURN, turn.first_sentence_ms)
    elif turn.outcome == "failed":
        count(Signal.TURN_FAILED)
    for step in turn.steps:
        if step.kind == "model" and step.outcome == "ok":
            count(Signal.MODEL_ANSWERED, step.duration_ms)
        elif step.kind == "model" and step.outcome in ("failed", "refused"):
            count(Signal.MODEL_FAILED, step.duration_ms)
        elif step.kind == "tool" and step.outcome == "failed":
            count(Signal.TOOL_FAILED)
    count(Signal.SENTENCE_REFUSED, times=turn.refused_sentences)
