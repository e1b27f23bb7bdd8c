#!/usr/bin/env bash
# serve.sh VENV PORT UPSTREAM KEY: a proxy with the key sk-KEY in front of one vLLM, with its model under its own name. Ready when GET /health/liveliness answers 200.
set -euo pipefail
venv=${1:?virtual environment}; port=${2:?port}; upstream=${3:?address of the server}; key=${4:?its key}
config=$(mktemp); trap 'rm -f "$config"' EXIT
cat > "$config" <<YAML
model_list:
  - model_name: forkjoin-arith
    litellm_params: { model: hosted_vllm/forkjoin-arith, api_base: $upstream/v1, api_key: $key }
litellm_settings: { telemetry: false, request_timeout: 600 }
YAML
export LITELLM_MASTER_KEY="sk-$key" LITELLM_TELEMETRY=False LITELLM_LOCAL_MODEL_COST_MAP=True
"$venv/bin/litellm" --config "$config" --host 127.0.0.1 --port "$port"
