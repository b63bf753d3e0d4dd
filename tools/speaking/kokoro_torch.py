"""Text comes in, its sound goes out: the whole Kokoro 82M with all its voices, on torch, on a GPU where there is one.

Of the package `kokoro` only the model is used, with phonemes of our own: its pipeline would bring a GPL phonemizer.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tools.audio import Audio
from tools.errors import SpeechError
from tools.inference_thread import InferenceThread
from tools.speaking.espeak import voice_of
from tools.speaking.kokoro import Wave, known_phonemes, spoken
from tools.speaking.voices import voices

KOKORO_REPOSITORY = "hexgrad/Kokoro-82M"
CONFIG_FILE, CHECKPOINT_FILE, VOICES_FOLDER = "config.json", "kokoro-v1_0.pth", "voices"
"""As they are called in the repository."""


class KokoroTorchSynthesizer:
    """A `SpeechSynthesizer` for the languages whose voices lie in the model's folder."""

    def __init__(self, folder: Path, device: str | None = None) -> None:
        """Load config, checkpoint and voices; `device` is torch's name for it, by default a GPU if there is one.

        Raises SpeechError when a package or a file is missing or is another one.
        """
        self._torch, model_class = _import_torch(), _import_model()
        device = device or ("cuda" if self._torch.cuda.is_available() else "cpu")
        config, checkpoint = folder / CONFIG_FILE, folder / CHECKPOINT_FILE
        try:
            model = model_class(repo_id=KOKORO_REPOSITORY, config=str(config), model=str(checkpoint))
            self._model = model.to(device).eval()
            self._styles = {
                path.stem: self._torch.load(path, map_location=device, weights_only=True)
                for path in sorted((folder / VOICES_FOLDER).glob("*.pt"))
            }
        except Exception as failure:  # unpickling and loading raise whatever a damaged file leads to
            raise SpeechError(f"Kokoro cannot be loaded from {folder}: {type(failure).__name__}.") from failure
        self._thread = InferenceThread("kokoro")

    @property
    def languages(self) -> frozenset[str]:
        """The languages it can speak."""
        return frozenset(language for language, voice in voices().items() if voice.kokoro_full in self._styles)

    async def synthesize(self, text: str, language: str) -> Audio:
        """The sound of one sentence or clause. Raises SpeechError."""
        style = self._styles.get(voice_of(language).kokoro_full or "")
        if style is None:
            raise SpeechError(f"Kokoro has no voice for the language {language!r}.")
        said = await known_phonemes(text, language, self._model.vocab)
        return spoken(await self._thread.run(lambda: self._run(said, style)))

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.close()

    def _run(self, said: str, style: Any) -> Wave:
        try:
            with self._torch.inference_mode():
                return np.asarray(self._model(said, style[len(said) - 1]).reshape(-1), np.float32)
        except (RuntimeError, AssertionError, IndexError) as failure:
            raise SpeechError("Kokoro failed in the midst of a sentence.") from failure


def _import_torch() -> Any:
    try:
        return importlib.import_module("torch")
    except ImportError as missing:
        raise SpeechError(
            "The package torch is missing: pip install 'walkiosk[production-speech]' and, with --no-deps, kokoro."
        ) from missing


def _import_model() -> Any:
    """The class of the model, without running the package's own `__init__`, which imports the pipeline."""
    if "kokoro" not in sys.modules:
        found = importlib.util.find_spec("kokoro")
        if found is None:
            raise SpeechError("The package kokoro is missing: pip install --no-deps kokoro.")
        # Known, but never run: its submodules are found through it.
        sys.modules["kokoro"] = importlib.util.module_from_spec(found)
    try:
        return importlib.import_module("kokoro.model").KModel
    except ImportError as missing:
        raise SpeechError(f"The package kokoro cannot be imported: {missing}.") from missing
