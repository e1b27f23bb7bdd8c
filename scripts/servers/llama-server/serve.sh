#!/usr/bin/env bash
# serve.sh FOLDER MODEL_FILE PORT [more options]: llama.cpp's server with eight slots of 2048 tokens on 127.0.0.1, ready when GET /health answers 200 (less than 1 s)
set -euo pipefail
dir=${1:?folder of the binary}; model=${2:?model file}; port=${3:?port}; shift 3
exec "$dir/llama-server" --model "$model" --alias forkjoin-arith --host 127.0.0.1 --port "$port" \
  --parallel 8 --no-kv-unified --ctx-size 16384 --threads 1 --offline "$@"
