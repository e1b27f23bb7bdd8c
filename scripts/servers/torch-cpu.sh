#!/usr/bin/env bash
# torch for a CPU, without what it requires: torch-cpu.sh PIP
# For Linux, PyPI has the build for CUDA, which does not load without gigabytes of further packages.
set -euo pipefail
pip=${1:?the pip of a virtual environment}; version=2.13.0
[ "$(uname)" = Linux ] || exec "$pip" install -q --no-deps "torch==$version"
# PyTorch's own index is asked where pip finds no such build by itself, in a folder of wheels or an index that it is set to.
"$pip" install -q --no-deps "torch==$version+cpu" 2> /dev/null ||
  exec "$pip" install -q --no-deps --index-url https://download.pytorch.org/whl/cpu "torch==$version+cpu"
