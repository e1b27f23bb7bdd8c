"""A pretrained model whose vocabulary has the markers, each as one token of its own."""

from pathlib import Path

import torch
from transformers import AddedToken, AutoModelForCausalLM, AutoTokenizer, GgufConfig
from transformers.utils import logging

from .model import MARKERS
from .problem import TrainingProblem
from .whole import refuse_existing, whole_folder


def add_markers(source, out, markers=MARKERS):
    """Writes the model of a folder or of a GGUF file to a folder, in float32, with the markers that it lacks.

    The embedding of a new token is the mean of those of its pieces, so that the model reads it much as it did before.
    Returns the ids of the markers.
    """
    source = Path(source)
    refuse_existing(out)
    logging.disable_progress_bar()
    tokenizer, model = loaded(source)
    pieces = {marker: tokenizer.encode(marker, add_special_tokens=False) for marker in markers}
    missing = [marker for marker in markers if len(pieces[marker]) != 1]
    tokenizer.add_tokens([AddedToken(marker, normalized=False, special=False) for marker in missing])
    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    with torch.no_grad():
        for embedding in {id(one.weight): one.weight for one in embeddings(model)}.values():
            for marker in missing:
                embedding[tokenizer.convert_tokens_to_ids(marker)] = embedding[pieces[marker]].mean(dim=0)
    with whole_folder(out) as partial:
        model.save_pretrained(partial)
        tokenizer.save_pretrained(partial)
    return {marker: tokenizer.convert_tokens_to_ids(marker) for marker in markers}


def loaded(source):
    """Tokenizer and model, in float32. A GGUF is dequantised: its model could not be saved or trained otherwise."""
    if not source.exists():
        raise TrainingProblem(f"{source} is not there. Give a GGUF file, or a folder of a model in Hugging Face form.")
    is_file = source.is_file()
    where = {"pretrained_model_name_or_path": str(source.parent if is_file else source)}
    dequantised = {"quantization_config": GgufConfig(dequantize=True)} if is_file else {}
    if is_file:
        where["gguf_file"] = source.name
    try:
        tokenizer = AutoTokenizer.from_pretrained(**where)
        return tokenizer, AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32, **dequantised)
    except (OSError, ValueError) as error:
        raise TrainingProblem(f"{source} cannot be read as a model: {error}") from error


def embeddings(model):
    """Those that read tokens and those that write them, which are one thing in a small model."""
    return [one for one in (model.get_input_embeddings(), model.get_output_embeddings()) if one is not None]
