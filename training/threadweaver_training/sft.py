"""Supervised training: what finished texts have, each token in the context of its call."""

import random
import time

import torch

from .logprobs import batches, check_layouts, length_of, row_logprobs
from .losses import sft_loss
from .problem import TrainingProblem
from .step import update

UNTRAINED = -100


def as_rows(sft_rows):
    """Rows of `--format sft` in the form of the others: the ids before the first label, and those that have one."""
    rows = []
    for number, row in enumerate(sft_rows, start=1):
        labels = row["labels"]
        begin = next((i for i, label in enumerate(labels) if label != UNTRAINED), len(labels))
        if begin in (0, len(labels)) or labels[begin:] != row["input_ids"][begin:]:
            raise TrainingProblem(f"row {number}: its labels are not the last of its ids. Export the file again with --format sft.")
        rows.append({"prompt_ids": row["input_ids"][:begin], "response_ids": labels[begin:]})
    return rows


def train(model, optimizer, rows, *, steps, learning_rate, step_tokens, batch_tokens, seed, log, progress=None, warmup=10):
    """`steps` updates of about `step_tokens` tokens each, with a rate that rises, and falls to nothing at the end.

    With a `progress` it goes on after the steps that were made before.
    """
    if not rows:
        raise TrainingProblem("There are no rows to learn from. Export finished texts with --format sft.")
    check_layouts(model, rows)
    drawn = shuffled(rows, random.Random(seed))
    model.train()
    for step in range(1, steps + 1):
        began = time.perf_counter()
        chosen = portion(drawn, step_tokens)
        if progress is not None and step <= progress.done:
            continue
        targets = sum(len(row["response_ids"]) for row in chosen)
        total = 0.0
        for pack in batches(chosen, batch_tokens):
            loss = sft_loss(torch.cat(row_logprobs(model, pack))) / targets
            loss.backward()
            total += loss.item()
        rate = learning_rate * min(1, step / warmup) * (1 - (step - 1) / steps)
        norm = update(model, optimizer, total, rate, what=f"SFT step {step}")
        tokens = sum(map(length_of, chosen))
        log({"step": step, "loss": total, "norm": norm, "tokens": tokens, "seconds": time.perf_counter() - began})
        if progress is not None:
            progress.after(step, total)


def shuffled(rows, chance):
    """Rows without end, each epoch in another order: rows of one length, which are of one kind, do not come together."""
    while True:
        yield from chance.sample(rows, len(rows))


def portion(drawn, tokens):
    """The next rows of together at least so many tokens."""
    chosen, count = [], 0
    while count < tokens:
        chosen.append(next(drawn))
        count += length_of(chosen[-1])
    return chosen
