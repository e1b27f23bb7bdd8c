"""A model in Hugging Face form, ready for training."""

import json
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM
from transformers.utils import logging

from .problem import TrainingProblem

MARKERS = ("<Parallel>", "</Parallel>", "<Outlines>", "</Outlines>", "<Outline>", "</Outline>", "<Thread>", "</Thread>")


def load_model(folder, markers=MARKERS):
    """The model of a folder, on the device of the context, in float32: a sampler's odds are met to 1e-5 by nothing less,
    and on a CPU without its instructions bfloat16 takes eleven times as long."""
    check_markers(folder, markers)
    logging.disable_progress_bar()
    # One attention for rows and tries: it takes an additive mask, and silently misreads no other form that is used here.
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
    return model.to(torch.get_default_device())


def check_markers(folder, markers=MARKERS):
    """A model that has a marker as several tokens would be trained on text that no run gives it."""
    path = Path(folder) / "tokenizer.json"
    try:
        tokenizer = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise TrainingProblem(f"{path} cannot be read: {error}. Give the folder of a model in Hugging Face form.") from error
    known = {added["content"] for added in tokenizer.get("added_tokens", [])} | set(tokenizer["model"].get("vocab", {}))
    missing = [marker for marker in markers if marker not in known]
    if missing:
        raise TrainingProblem(
            f"{path} lacks {' '.join(missing)}: each marker must be one token. Add them to the tokenizer, and rows to the embeddings."
        )
