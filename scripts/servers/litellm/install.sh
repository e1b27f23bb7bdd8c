#!/usr/bin/env bash
# LiteLLM's proxy, in a minute: install.sh FOLDER
set -euo pipefail
dir=${1:?folder for the virtual environment}; here=$(cd "$(dirname "$0")" && pwd)
python3 -m venv "$dir"
"$dir/bin/pip" install -q --no-deps -r "$here/requirements.txt"
LITELLM_LOCAL_MODEL_COST_MAP=True "$dir/bin/python" -c 'import litellm.proxy.proxy_server'
