"""Checkpoints: a model in Hugging Face form, and what the trainer needs to go on. Whole, or not there."""

import json
import shutil
from pathlib import Path

import torch

from .problem import TrainingProblem
from .weights import FINGERPRINT
from .whole import whole_folder

STATE = "trainer.pt"
NUMBERS = "numbers.json"
"""Of a step of P-GRPO: they are there with its weights, or neither is."""

TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja", "generation_config.json")


def save_checkpoint(folder, model, optimizer, *, source, numbers=None):
    """Writes a checkpoint. `source`: a folder that has the tokenizer. `numbers`: what the step says of itself."""
    if not all(one.isfinite().all() for one in model.parameters()):
        raise TrainingProblem(f"The weights for {folder} hold values that are no numbers, so they were not written. Lower --lr.")
    own = fingerprint(model)
    with whole_folder(folder) as partial:
        model.save_pretrained(partial)
        for name in TOKENIZER:
            if (Path(source) / name).exists():
                shutil.copy(Path(source) / name, partial / name)
        (partial / FINGERPRINT).write_text(json.dumps(own))
        if numbers is not None:
            (partial / NUMBERS).write_text(json.dumps(numbers))
        torch.save({"optimizer": optimizer.state_dict()}, partial / STATE)


def load_optimizer(folder, optimizer):
    """Goes on with the optimizer of a checkpoint, where it has one: a plain model begins anew. On whichever device."""
    path = Path(folder) / STATE
    if path.exists():
        optimizer.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["optimizer"])


@torch.no_grad()
def fingerprint(model, count=64):
    """What the model thinks of a text without sense: by it a server shows which weights it has."""
    vocabulary = model.get_input_embeddings().num_embeddings
    ids = [(7 * i * i + 13 * i + 5) % vocabulary for i in range(count)]
    logits = model(torch.tensor([ids]), use_cache=False).logits[0, :-1]
    logprobs = torch.log_softmax(logits, dim=-1).gather(1, torch.tensor(ids[1:])[:, None])[:, 0]
    return {"ids": ids, "logprobs": logprobs.tolist()}
