#!/usr/bin/env bash
# What training data is checked with, on a CPU, in a few minutes: install.sh FOLDER
# torch first, then the pinned rest without dependency resolution: verl and the others ask for versions that exclude each
# other, and only their definitions of data are run here.
set -euo pipefail
dir=${1:?folder for the virtual environment}; here=$(cd "$(dirname "$0")" && pwd)
python3 -m venv "$dir"
bash "$here/../servers/torch-cpu.sh" "$dir/bin/pip"
"$dir/bin/pip" install -q uv==0.13.9
"$dir/bin/uv" pip install -q --python "$dir/bin/python" --no-deps -r "$here/requirements.txt"
"$dir/bin/python" -c 'import torch, transformers; print("torch", torch.__version__, "transformers", transformers.__version__)'
