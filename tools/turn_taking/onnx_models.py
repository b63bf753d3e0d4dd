"""A model file comes in, a session that runs it on one thread without keeping memory to itself goes out."""

from collections.abc import Set
from pathlib import Path

import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidProtobuf, NoSuchFile

from tools.errors import SpeechError


def load_model(path: Path, inputs: Set[str]) -> onnxruntime.InferenceSession:
    """The model with these inputs. Raises SpeechError when the file is missing or is another model."""
    options = onnxruntime.SessionOptions()
    # These models are small: a second thread gains nothing and spins while it waits.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except (Fail, InvalidProtobuf, NoSuchFile) as failure:
        raise SpeechError(f"{path.name} cannot be loaded: {failure}") from failure
    if {each.name for each in session.get_inputs()} != inputs:
        raise SpeechError(f"{path.name} is another model than the one wanted here.")
    return session
