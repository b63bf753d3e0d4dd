"""A model's GGUF file comes in, the folder that vLLM serves goes out: tokenizer, settings and weights as float32.

Runs in vLLM's environment, which has transformers: `python safetensors_model.py FILE.gguf FOLDER`. vLLM for CPUs reads
no GGUF. The chat template and the tokenizer are those in the file.
"""

import shutil
import sys
from pathlib import Path

BYTES_OF_FLOAT32_BY_BYTE_OF_Q4 = 6
"""An upper bound of how much larger the weights become."""


def convert(gguf: Path, folder: Path) -> None:
    """Write the folder, whole or not at all. SystemExit with one sentence where that cannot be."""
    if not gguf.is_file():
        raise SystemExit(f"The model file {gguf} is missing: run `walkiosk models pull --small`.")
    try:
        from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    except ImportError as missing:
        raise SystemExit(f"This environment cannot read GGUF files ({missing}): run `make test-vllm`.") from missing
    folder.parent.mkdir(parents=True, exist_ok=True)
    needed, free = gguf.stat().st_size * BYTES_OF_FLOAT32_BY_BYTE_OF_Q4, shutil.disk_usage(folder.parent).free
    if free < needed:
        raise SystemExit(f"{folder.parent} has {free / 1e9:.1f} GB free; the model needs {needed / 1e9:.1f} GB.")
    half_done = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(half_done, ignore_errors=True)
    place, name = str(gguf.parent), gguf.name
    AutoTokenizer.from_pretrained(place, gguf_file=name).save_pretrained(half_done)
    how = GgufConfig(dequantize=True)
    model = AutoModelForCausalLM.from_pretrained(place, gguf_file=name, quantization_config=how, dtype="float32")
    model.save_pretrained(half_done)
    shutil.rmtree(folder, ignore_errors=True)
    half_done.rename(folder)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("Usage: safetensors_model.py FILE.gguf FOLDER")
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
