#!/usr/bin/env bash
# What training data is checked with, on a CPU, in a few minutes: install.sh FOLDER
# torch first, with pip (pip finds the CPU build), then the pinned rest without dependency resolution: verl and the others
# ask for versions that exclude each other, and only their definitions of data are run here.
set -euo pipefail
dir=${1:?folder for the virtual environment}; here=$(cd "$(dirname "$0")" && pwd)
python3 -m venv "$dir"
"$dir/bin/pip" install -q --no-deps torch==2.13.0 uv
"$dir/bin/uv" pip install -q --python "$dir/bin/python" --no-deps -r "$here/requirements.txt"
"$dir/bin/python" -c 'import torch, transformers; print("torch", torch.__version__, "transformers", transformers.__version__)'
