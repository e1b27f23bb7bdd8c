"""P-GRPO on the rows of `threadweaver rollout`: one update for one set of groups.

The advantage of a rollout is its reward less the mean of its group, without division by the deviation, and stands in its
rows; here it is given to every token that the rollout sampled. The mean is over all sampled tokens of the step.
"""

import re
import time

import torch

from .logprobs import batches, check_layouts, row_logprobs, trie_logprobs
from .losses import drift, pgrpo_loss
from .problem import TrainingProblem
from .rewards import by_deviation
from .rows import by_rollout
from .step import update

WHOLE = {"temperature": 1, "top_p": 1, "top_k": 0, "min_p": 0, "repetition_penalty": 1}


def check_rows(rows):
    """What was not drawn from the whole distribution, or not judged, cannot be trained on."""
    if not rows:
        raise TrainingProblem("There are no rows: every group was left out. Sample more, or easier problems.")
    for row in rows:
        name = f"rollout {row['rollout_id']}"
        if row.get("advantage") is None:
            raise TrainingProblem(f"{name} has no advantage. Make the rows with threadweaver rollout.")
        sampling = row.get("sampling") or {}
        other = {key: sampling.get(key) for key, value in WHOLE.items() if sampling.get(key) != value}
        if other:
            raise TrainingProblem(f"{name} was sampled with {other}, so its odds are not the model's. Sample with threadweaver rollout.")


def check_weights(rows, version, folder):
    """What other weights sampled is refused where its rows say so. `version`: a name of these weights that follows from their bytes."""
    named = {row.get("weight_version") for row in rows} - {None}
    if len(named) > 1:
        raise TrainingProblem(f"The rows are of several weights ({', '.join(sorted(named))}), and one update is of one. Sample again.")
    # `reload` prints such names; a name of another form is the user's own.
    other = [name for name in named if re.fullmatch("[0-9a-f]{12}", name) and name != version]
    if other:
        raise TrainingProblem(f"The rows were sampled with the weights {other[0]}, and those of {folder} are {version}. Train the weights that sampled.")


def check_tries(rollouts, tries):
    """Every rollout has one trie, which gives each of its sampled tokens."""
    named = [trie["rollout_id"] for trie in tries]
    apart = sorted(set(named) ^ rollouts.keys())
    if apart or len(named) > len(set(named)):
        what = f"rollout {apart[0]} is in one of them only" if apart else "a rollout has several tries"
        raise TrainingProblem(f"The tries are not of these rows: {what}. Make both with one threadweaver rollout --tries.")
    for trie in tries:
        sampled = [token for row in rollouts[trie["rollout_id"]] for token in row["response_ids"]]
        if trie["target"] != sampled:
            raise TrainingProblem(f"The trie of rollout {trie['rollout_id']} has other tokens than its rows. Make both with one threadweaver rollout --tries.")


def divided_by_deviation(rows):
    """The same rows with the advantages of GRPO."""
    check_rows(rows)
    groups = {}
    for name, own in by_rollout(rows).items():
        groups.setdefault(own[0]["group_id"], {})[name] = own[0]["reward"]
    advantages = {}
    for rewards in groups.values():
        advantages.update(zip(rewards, by_deviation(list(rewards.values())), strict=True))
    return [{**row, "advantage": advantages[row["rollout_id"]]} for row in rows]


def packs_of(rows, tries, batch_tokens):
    """What goes through the model at once: rows, or one flattened trie. Each with the rows whose tokens it gives."""
    if tries is None:
        for pack in batches(rows, batch_tokens):
            yield pack, lambda model, pack=pack: torch.cat(row_logprobs(model, pack))
        return
    rollouts = by_rollout(rows)
    for trie in tries:
        yield rollouts[trie["rollout_id"]], lambda model, trie=trie: trie_logprobs(model, trie)


def train_step(model, optimizer, rows, *, learning_rate, batch_tokens, max_drift, tries=None, step=1):
    """One update. Returns its numbers. Refuses where the sampler had other weights than the trainer has."""
    began = time.perf_counter()
    check_rows(rows)
    rollouts = by_rollout(rows)
    if tries is None:
        check_layouts(model, rows)
    else:
        check_tries(rollouts, tries)
        # Of one call, a trie is a row.
        trie = max(tries, key=lambda one: len(rollouts[one["rollout_id"]]))
        check_layouts(model, rows, trie, rollouts[trie["rollout_id"]])
    targets = sum(len(row["response_ids"]) for row in rows)
    model.train()
    total = apart = 0.0
    for pack, logprobs_of in packs_of(rows, tries, batch_tokens):
        logprobs = logprobs_of(model)
        sampled = torch.tensor([value for row in pack for value in row["response_logprobs"]])
        advantages = torch.tensor([row["advantage"] for row in pack for _ in row["response_ids"]])
        loss = pgrpo_loss(logprobs, sampled, advantages) / targets
        loss.backward()
        total += loss.item()
        apart += drift(logprobs, sampled).item() / targets
    # NaN is not above the limit: `update` refuses such a loss.
    if apart > max_drift:
        optimizer.zero_grad(set_to_none=True)
        raise TrainingProblem(
            f"step {step}: sampler and trainer are {apart:.3g} apart (mean of |ratio - 1|), and {max_drift} is allowed. "
            "The server samples from other weights than these: load them into it, and sample again. "
            "One that computes in less than float32 is farther apart: allow what you measured with --max-drift."
        )
    norm = update(model, optimizer, total, learning_rate, what=f"P-GRPO step {step}")
    return {
        "step": step,
        "loss": total,
        "drift": apart,
        "norm": norm,
        "rollouts": len(rollouts),
        "reward": mean([own[0]["reward"] for own in rollouts.values()]),
        "advantage": mean([abs(own[0]["advantage"]) for own in rollouts.values()]),
        "path_tokens": mean([own[0]["path_tokens"] for own in rollouts.values()]),
        "total_tokens": mean([own[0]["total_tokens"] for own in rollouts.values()]),
        "targets": targets,
        "tokens": sum(len(row["prompt_ids"]) + len(row["response_ids"]) for row in rows),
        "seconds": time.perf_counter() - began,
    }


def mean(values):
    return sum(values) / len(values)
