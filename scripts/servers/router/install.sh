#!/usr/bin/env bash
# The router of vLLM, in a few seconds: install.sh FOLDER
set -euo pipefail
dir=${1:?folder for the virtual environment}; here=$(cd "$(dirname "$0")" && pwd)
python3 -m venv "$dir"
"$dir/bin/pip" install -q --no-deps -r "$here/requirements.txt"
"$dir/bin/python" -c 'import vllm_router'
