"""A sample of the scripted dialogues with the real model, and the kiosk when its model server is killed mid-turn."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.bootstrap import open_kiosk
from agent.settings import Settings
from tests.agent.talk import Talk
from tools.models import ModelsFolder, load_manifest

ROOT = Path(__file__).parents[2]
DIALOGUE = load_manifest().model("dialogue")
pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(
        not ModelsFolder(Settings().models_dir).is_verified(DIALOGUE),
        reason="the dialogue model is not here: walkiosk models pull",
    ),
]


def test_a_sample_of_the_dialogues_ends_as_it_should() -> None:
    command = [sys.executable, "-m", "evals.run", "run", "evals/scenarios", "--sample", "12", "--require", "0.8"]
    played = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert played.returncode == 0, played.stdout[-4000:] + played.stderr[-2000:]


async def test_the_session_goes_on_when_the_model_server_is_killed_mid_turn(home_with_usual_cache: Path) -> None:
    async with open_kiosk(Settings().in_home(home_with_usual_cache)) as kiosk:
        talk = Talk(kiosk.new_session("K1", "C001", "en"))
        turn = asyncio.create_task(talk("which umbrellas do you have, perhaps something in navy?"))
        await asyncio.sleep(0.2)
        assert kiosk.model_process_id is not None
        os.kill(kiosk.model_process_id, signal.SIGKILL)
        assert (await turn).products
        assert (await talk("how much for me?")).reply
        await talk.session.close()
