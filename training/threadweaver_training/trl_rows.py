"""Rows for TRL's asynchronous GRPO (trl.experimental.async_grpo, 1.16): finished samples, which its packing takes.

Samples that are handed over do not go through its chaining of turns. Whoever feeds it turns instead must set
`fork_threshold_tokens` to 0: with its default of 1024, threads without a header of their own overwrite each other.
"""

import itertools
from collections import defaultdict

import numpy as np
from trl.experimental.async_grpo.async_rollout_worker import RolloutSample, TurnRecord


def samples(rows, model_version=0, numbers=None):
    """One sample a call. The advantage is that of its whole rollout, computed before rows were made.

    `numbers`: what numbers the groups, such as `itertools.count()`. Give the same one for all rows of a training: TRL counts
    groups by their number. Without it, the first group is 0.
    """
    groups = defaultdict((numbers or itertools.count()).__next__)
    return [
        RolloutSample(
            prompt=[],
            completion=[],
            input_ids=np.asarray(row["prompt_ids"] + row["response_ids"], dtype=np.int64),
            completion_mask=np.asarray([0] * len(row["prompt_ids"]) + row["response_mask"], dtype=np.int64),
            old_log_probs=np.asarray([0.0] * len(row["prompt_ids"]) + row["response_logprobs"], dtype=np.float32),
            advantage=float(advantage_of(row)),
            model_version=model_version,
            group_id=groups[row["group_id"]],
            metrics=metrics_of(row),
        )
        for row in rows
    ]


def advantage_of(row):
    if row["advantage"] is None:
        raise ValueError(f"rollout {row['rollout_id']} has no advantage: export it with --answers")
    return row["advantage"]


def metrics_of(row):
    """What TRL logs the mean of. It would sum what has the word "total" in its name."""
    return {
        "reward": float(row["reward"]),
        "path_tokens": float(row["path_tokens"]),
        "all_tokens": float(row["total_tokens"]),
    }


def turns(rows):
    """The calls of one rollout as turns of a conversation, for trainers that chain them."""
    return [TurnRecord(row["prompt_ids"], row["response_ids"], row["response_logprobs"]) for row in rows]
