#!/usr/bin/env bash
# llama.cpp's own server from the sources that node-llama-cpp carries, in ten to twenty minutes of one core: install.sh FOLDER
# Needs git, cmake, ninja and a C++ compiler; nothing is downloaded. Only the binary is kept (some 20 MB).
set -euo pipefail
dir=${1:?folder for the binary}; here=$(cd "$(dirname "$0")" && pwd)
bundle=$here/../../../node_modules/node-llama-cpp/llama/gitRelease.bundle
build=$(mktemp -d); trap 'rm -rf "$build"' EXIT
git clone -q "$bundle" "$build/source"
cmake -S "$build/source" -B "$build/out" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
  -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_BUILD_UI=OFF \
  -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_OPENSSL=OFF -DGGML_NATIVE=ON > "$build/cmake.log" || { cat "$build/cmake.log" >&2; exit 1; }
nice -n 19 ninja -C "$build/out" -j1 llama-server
mkdir -p "$dir"
cp "$build/out/bin/llama-server" "$dir/"
"$dir/llama-server" --version
