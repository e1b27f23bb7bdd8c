"""Checkpoints: a model in Hugging Face form, and what the trainer needs to go on. Whole, or not there."""

import errno
import json
import os
import shutil
from pathlib import Path

import torch
from safetensors import SafetensorError

from .problem import TrainingProblem
from .weights import FINGERPRINT

STATE = "trainer.pt"
TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja", "generation_config.json")


def save_checkpoint(folder, model, optimizer, *, source):
    """Writes a checkpoint beside its place, and puts it there at the end. `source`: a folder that has the tokenizer."""
    folder = Path(folder)
    if folder.exists():
        raise TrainingProblem(f"{folder} exists. Remove it, or give another name.")
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        model.save_pretrained(partial)
        for name in TOKENIZER:
            if (Path(source) / name).exists():
                shutil.copy(Path(source) / name, partial / name)
        (partial / FINGERPRINT).write_text(json.dumps(fingerprint(model)))
        torch.save({"optimizer": optimizer.state_dict()}, partial / STATE)
        for path in partial.iterdir():
            synchronise(path)
        partial.rename(folder)
        synchronise(folder.parent)
    except (OSError, RuntimeError, SafetensorError) as error:
        shutil.rmtree(partial, ignore_errors=True)
        why = "the disk is full" if is_full(error) else str(error)
        raise TrainingProblem(f"{folder} cannot be written: {why}. Nothing of it was left; the last checkpoint is whole.") from error


def load_optimizer(folder, optimizer):
    """Goes on with the optimizer of a checkpoint, where it has one: a plain model begins anew. On whichever device."""
    path = Path(folder) / STATE
    if path.exists():
        optimizer.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["optimizer"])


@torch.no_grad()
def fingerprint(model, count=64):
    """What the model thinks of a text without sense: any change of the weights shows in it."""
    vocabulary = model.get_input_embeddings().num_embeddings
    ids = [(7 * i * i + 13 * i + 5) % vocabulary for i in range(count)]
    logits = model(torch.tensor([ids]), use_cache=False).logits[0, :-1]
    logprobs = torch.log_softmax(logits, dim=-1).gather(1, torch.tensor(ids[1:])[:, None])[:, 0]
    return {"ids": ids, "logprobs": logprobs.tolist()}


def synchronise(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_full(error):
    """Safetensors and torch say it in a text of their own."""
    return getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)
