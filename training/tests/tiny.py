"""A model with random weights in Hugging Face form, and rows for it."""

import json
import shutil
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

HF = Path(__file__).parents[2] / "models" / "hf"
SIZES = {
    "vocab_size": 269,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "initializer_range": 0.2,
    "pad_token_id": 258,
}
WHOLE = {"temperature": 1, "top_p": 1, "top_k": 0, "min_p": 0, "repetition_penalty": 1}


def tiny_model(folder, vocabulary=SIZES["vocab_size"]):
    """Written to a folder, with the tokenizer of the small model."""
    torch.manual_seed(20)
    model = LlamaForCausalLM(LlamaConfig(**{**SIZES, "vocab_size": vocabulary}, attn_implementation="sdpa"))
    model.save_pretrained(folder)
    shutil.copy(HF / "tokenizer.json", folder)
    return model


def row(model, prompt, response, *, advantage, rollout="r/0"):
    """A row of a call whose tokens this model sampled."""
    with torch.no_grad():
        logits = model(torch.tensor([prompt + response]), use_cache=False).logits[0, len(prompt) - 1 : -1]
    odds = torch.log_softmax(logits, dim=-1)[torch.arange(len(response)), torch.tensor(response)]
    return {
        "prompt_ids": prompt,
        "response_ids": response,
        "response_mask": [1] * len(response),
        "response_logprobs": odds.tolist(),
        "reward": advantage,
        "advantage": advantage,
        "group_id": rollout.split("/")[0],
        "rollout_id": rollout,
        "path_tokens": len(response),
        "total_tokens": len(response),
        "sampling": WHOLE,
    }


def write_lines(path, values):
    Path(path).write_text("".join(json.dumps(value) + "\n" for value in values))
