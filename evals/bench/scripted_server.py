"""A kiosk server in a process of its own whose model is scripted: settings come from the environment, sessions go out.

It is `walkiosk serve` but for the model, so that it can be started, stopped and killed by tests and benchmarks. With
the word `spoken` after its port and its model's time it hears and speaks, too.
"""

import asyncio
import hashlib
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from langchain_core.messages import BaseMessage

from agent.bootstrap import open_kiosk
from agent.dialogue_model import Answer, ModelCall
from agent.scripted_model import ScriptedModel
from agent.settings import Settings
from server.realtime.roles import TalkKiosk
from server.server_settings import ServerSettings
from server.serving import OpenVoice, run, serve

FORMS = {
    "show me umbrellas": {"intent": "find", "item": "umbrellas"},
    "show me sunglasses": {"intent": "find", "item": "sunglasses"},
    "show me leather jackets": {"intent": "find", "item": "leather jackets"},
    "show me hats": {"intent": "find", "item": "hats"},
}
"""What the model is asked for, and how it answers."""


def model_delay_s(text: str, longest_s: float) -> float:
    """How long the model thinks about these words, always the same: from a quarter of the longest time up to it."""
    share = int.from_bytes(hashlib.sha256(text.encode()).digest()[:2]) / 0xFFFF
    return longest_s * (0.25 + 0.75 * share)


class SlowModel:
    """The scripted model, as slow as a real one; what a customer says beyond the script is small talk."""

    def __init__(self, longest_s: float) -> None:
        self._model = ScriptedModel(
            lambda text: FORMS.get(text.strip(" .!?").lower()) or {"intent": "chat", "reply": "Hello!"}
        )
        self._longest_s = longest_s

    async def answer(self, messages: Sequence[BaseMessage], shape: type[Answer], call: ModelCall) -> Answer:
        """See DialogueModel."""
        text = str(messages[-1].content).split("] ", 1)[-1]
        await asyncio.sleep(model_delay_s(text, self._longest_s))
        return await self._model.answer(messages, shape, call)


def main() -> None:
    """Serve at the port, with a model that takes so long at most, until told to stop."""
    port, longest_s = int(sys.argv[1]), float(sys.argv[2])
    logging.basicConfig(level=logging.WARNING)

    @asynccontextmanager
    async def opened(settings: Settings, _: object) -> AsyncIterator[TalkKiosk]:
        async with open_kiosk(settings, model=SlowModel(longest_s)) as kiosk:
            yield kiosk

    def tell(text: str) -> None:
        print(text, flush=True)

    voice: OpenVoice | None = None
    if "spoken" in sys.argv[3:]:
        from server.speech import open_voice  # as `walkiosk serve` does: who does not speak loads none of it

        voice = open_voice
    run(serve(Settings(), ServerSettings(), "127.0.0.1", port, tell, opened, voice))


if __name__ == "__main__":
    main()
