"""Writes a GGUF file as a Hugging Face folder in float32, which vLLM and SGLang serve.

usage: dequantize.py MODEL.gguf FOLDER

What it needs is in dequantize.txt beside this file. The 0.5B of fetch.sh becomes 2.5 GB, the 135M becomes 0.5 GB.
"""

import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

if len(sys.argv) != 3 or not Path(sys.argv[1]).is_file():
    sys.exit("usage: dequantize.py MODEL.gguf FOLDER, with a file that is there")
source, folder = Path(sys.argv[1]), sys.argv[2]
where = {"pretrained_model_name_or_path": str(source.parent), "gguf_file": source.name}
tokenizer = AutoTokenizer.from_pretrained(**where)
# A model that is not dequantised counts as quantised and cannot be saved.
model = AutoModelForCausalLM.from_pretrained(
    **where, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
)
model.save_pretrained(folder)
tokenizer.save_pretrained(folder)
print(f"{folder}: {sum(p.numel() for p in model.parameters()):,} parameters")
