"""A checkpoint as a GGUF file, for llama.cpp and the embedded engine."""

import json
from pathlib import Path

import gguf
import numpy as np
from safetensors.torch import load_file

from .problem import TrainingProblem
from .whole import refuse_existing, whole_file

USER_DEFINED = 4  # llama.cpp reads such a token from plain text, and writes it
ARCHITECTURE = "llama"


def export_gguf(checkpoint, like, out):
    """Writes the weights of a checkpoint as float16, with the settings and the vocabulary of a GGUF of the same model.

    `like` is the file that the model came from, or one of its shape. Tokens that the checkpoint has besides are added.
    """
    checkpoint = Path(checkpoint)
    refuse_existing(out)
    reader = gguf.GGUFReader(like)
    architecture = value(reader, "general.architecture")
    if architecture != ARCHITECTURE:
        raise TrainingProblem(f"{like} is of the architecture {architecture}; only {ARCHITECTURE} can be exported.")
    tensors = tensors_of(checkpoint, reader)
    rows = len(tensors["token_embd.weight"])
    tokens = tokens_of(checkpoint, reader, rows)
    with whole_file(out) as partial:
        writer = Writer(partial, ARCHITECTURE)
        copy_settings(reader, writer, {**tokens, f"{ARCHITECTURE}.vocab_size": rows})
        for name, tensor in tensors.items():
            writer.add_tensor(name, tensor)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def tensors_of(checkpoint, reader):
    """The tensors of a checkpoint by their names in a GGUF, in the order of the file that it is like."""
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, value(reader, f"{ARCHITECTURE}.block_count"))
    heads = value(reader, f"{ARCHITECTURE}.attention.head_count")
    kv_heads = value(reader, f"{ARCHITECTURE}.attention.head_count_kv")
    found = {}
    for path in sorted(checkpoint.glob("*.safetensors")):
        for name, tensor in load_file(path).items():
            array = tensor.float().numpy()
            if name.endswith(("q_proj.weight", "k_proj.weight")):
                array = interleaved(array, heads if "q_proj" in name else kv_heads)
            found[names.get_name(name, try_suffixes=(".weight",))] = array.astype(np.float16 if array.ndim > 1 else np.float32)
    wanted = [tensor.name for tensor in reader.tensors]
    if set(wanted) != found.keys():
        apart = sorted(str(name) for name in set(wanted) ^ found.keys())
        raise TrainingProblem(f"{checkpoint} is not of the model that the GGUF is of: one of them lacks {', '.join(apart[:5])}.")
    return {name: found[name] for name in wanted}


def interleaved(weight, heads):
    """Rotary pairs side by side, as llama.cpp has them; in Hugging Face form they are half a head apart."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def tokens_of(checkpoint, reader, rows):
    """The vocabulary, with those that the checkpoint's tokenizer has added to it."""
    tokens, types = list(value(reader, "tokenizer.ggml.tokens")), list(value(reader, "tokenizer.ggml.token_type"))
    added = json.loads((checkpoint / "tokenizer.json").read_text()).get("added_tokens", [])
    for token in sorted(added, key=lambda one: one["id"]):
        if token["id"] == len(tokens):
            tokens.append(token["content"])
            types.append(USER_DEFINED)
    if len(tokens) != rows:
        raise TrainingProblem(f"{checkpoint} has embeddings for {rows} tokens, and its tokenizer has {len(tokens)}.")
    return {"tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": types}


class Writer(gguf.GGUFWriter):
    """Also writes a list without items: a vocabulary of bytes has no merges, and llama.cpp wants their list."""

    def _pack_val(self, val, vtype, add_vtype, sub_type=None):
        if vtype == gguf.GGUFValueType.ARRAY and len(val) == 0 and add_vtype:
            return self._pack("I", vtype) + self._pack("I", sub_type or gguf.GGUFValueType.STRING) + self._pack("Q", 0)
        return super()._pack_val(val, vtype, add_vtype, sub_type)


def copy_settings(reader, writer, changed):
    settings = {"general.file_type": gguf.LlamaFileType.MOSTLY_F16, **changed}
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        kind, inner = field.types[0], field.types[-1] if len(field.types) > 1 else None
        writer.add_key_value(name, settings.get(name, field.contents()), kind, inner)


def value(reader, name):
    field = reader.fields.get(name)
    if field is None:
        raise TrainingProblem(f"the GGUF has no {name}: give a file of the model that the checkpoint came from.")
    return field.contents()
