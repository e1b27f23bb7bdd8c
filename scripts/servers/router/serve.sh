#!/usr/bin/env bash
# serve.sh VENV PORT METRICS_PORT WORKER...: calls that have one X-Session-ID go to one worker. Ready when GET /health answers 200.
set -euo pipefail
venv=${1:?virtual environment}; port=${2:?port}; metrics=${3:?port of its metrics}; shift 3
exec "$venv/bin/python" -m vllm_router.launch_router --host 127.0.0.1 --port "$port" \
  --prometheus-host 127.0.0.1 --prometheus-port "$metrics" --policy consistent_hash --worker-urls "$@"
