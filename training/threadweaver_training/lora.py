"""LoRA: small matrices are trained beside those of a pretrained model, and the embeddings of the markers in full."""

import json
from pathlib import Path

from peft import LoraConfig, get_peft_model

from .model import MARKERS


def with_lora(model, folder, rank, markers=MARKERS):
    """The model with its adapters; `merged` puts them into its weights. `folder`: where its tokenizer is."""
    added = json.loads((Path(folder) / "tokenizer.json").read_text())["added_tokens"]
    ids = [token["id"] for token in added if token["content"] in markers]
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=rank,
        lora_alpha=2 * rank,
        target_modules="all-linear",
        trainable_token_indices=ids,
    )
    return get_peft_model(model, config)


def merged(model):
    """The model in its own form again, of which all can be trained."""
    return model.merge_and_unload().requires_grad_(True)
