"""A small ONNX model comes in as a file, arrays go through it on one thread."""

from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf, NoSuchFile

from tools.errors import SpeechError


class OnnxModel:
    """The weights, for any number of streams in any thread."""

    def __init__(self, path: Path, inputs: Set[str]) -> None:
        """Load the model that has these inputs. Raises SpeechError when the file is missing or is another model."""
        options = onnxruntime.SessionOptions()
        # These models are small: a second thread gains nothing and spins while it waits.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except (Fail, InvalidGraph, InvalidProtobuf, NoSuchFile) as failure:
            raise SpeechError(f"The model {path.name} cannot be loaded.") from failure
        if {each.name for each in self._session.get_inputs()} != inputs:
            raise SpeechError(f"{path.name} is another model than the one that is wanted.")

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """The model's outputs, in its order."""
        return cast(list[NDArray[np.float32]], self._session.run(None, dict(inputs)))
