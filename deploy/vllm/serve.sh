#!/bin/sh
# vLLM as a shop's kiosks need it: answers under a JSON schema, prompts kept, no thinking aloud, metrics at /metrics.
# The options are those of vLLM 0.32. MODEL is a name or a local folder; what else varies is given after the script's
# name, as deploy/README.md shows. The key is VLLM_API_KEY, from the environment.
set -eu
: "${MODEL:=Qwen/Qwen3-8B}"
: "${VLLM_API_KEY:?set the key that the kiosks send (WALKIOSK_LLM_API_KEY there)}"
export VLLM_API_KEY
# SERVE: another way to start it, where there is no such command (split at spaces, so unquoted).
exec ${SERVE:-vllm serve} "$MODEL" \
    --served-model-name kiosk \
    --max-model-len 8192 \
    --max-num-seqs 64 \
    --gpu-memory-utilization 0.90 \
    --enable-prefix-caching \
    --enable-prompt-tokens-details \
    --reasoning-parser qwen3 \
    --default-chat-template-kwargs '{"enable_thinking": false}' \
    --enable-auto-tool-choice \
    --tool-call-parser hermes \
    --generation-config vllm \
    --disable-uvicorn-access-log \
    "$@"
