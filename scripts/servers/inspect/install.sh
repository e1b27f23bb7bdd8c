#!/usr/bin/env bash
# Inspect, whose logs we write, in a minute: install.sh FOLDER
set -euo pipefail
dir=${1:?folder for the virtual environment}; here=$(cd "$(dirname "$0")" && pwd)
python3 -m venv "$dir"
"$dir/bin/pip" install -q --no-deps -r "$here/requirements.txt"
"$dir/bin/python" -c 'import inspect_ai.log'
