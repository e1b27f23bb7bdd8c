#!/usr/bin/env bash
# Rotel, a collector for OpenTelemetry, in seconds: install.sh FOLDER
set -euo pipefail
dir=${1:?folder for the virtual environment}; here=$(cd "$(dirname "$0")" && pwd)
python3 -m venv "$dir"
"$dir/bin/pip" install -q --no-deps --only-binary :all: -r "$here/requirements.txt"
cp "$("$dir/bin/python" -c 'import importlib.util as u; print(u.find_spec("rotel").submodule_search_locations[0])')/rotel-agent" "$dir/bin/rotel-agent"
chmod +x "$dir/bin/rotel-agent"
"$dir/bin/rotel-agent" version
