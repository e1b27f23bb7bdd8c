"""Rewards and advantages: the twin of `threadweaver/train`, held to the same vectors. It needs no package."""

from functools import reduce
from operator import add

def statistics(ids, tags):
    """ThreadWeaver's own token statistics of a finished text; `tags` names the ids of its four tags."""
    outside = in_blocks = longest_path = blocks = threads = 0
    at, end = 0, len(ids)
    while at < end:
        if ids[at] != tags["parallelOpen"]:
            outside, at = outside + 1, at + 1
            continue
        blocks, outside, at = blocks + 1, outside + 1, at + 1
        lengths, rest = [], 0
        while at < end and ids[at] != tags["parallelClose"]:
            rest, at = rest + 1, at + 1
            if ids[at - 1] != tags["threadOpen"]:
                continue
            close = next((i for i in range(at, end) if ids[i] == tags["threadClose"]), end)
            lengths.append(close - at)
            rest, at = rest + (close < end), min(close + 1, end)
        outside, at = outside + (at < end), at + 1
        threads += len(lengths)
        in_blocks += rest + sum(lengths)
        longest_path += rest + max(lengths, default=0)
    total = outside + in_blocks
    longest_path += outside
    return {
        "total": total,
        "longestPath": longest_path,
        "accelerationRatio": 1 - longest_path / total if total else 0,
        "parallelRatio": in_blocks / total if total else 0,
        "blocks": blocks,
        "threads": threads,
    }


def authors_reward(correct, ratio, right=1, wrong=-1, factor=0.5, cap=0.2):
    """The reward as ThreadWeaver's code computes it."""
    return right + factor * min(ratio, cap) if correct else wrong


def path_penalty(path, limit, buffer, factor):
    """DC-CoT's: nothing up to `limit - buffer`, then in a straight line up to `factor`."""
    over = max(0, path - (limit - buffer))
    return factor * min(1, over / buffer if buffer else over)


def reward(correct, path, total, right=1, wrong=-1, weight=0.5, cap=0.2, penalty=None):
    """A right answer, and then a little for what was not waited for."""
    if not correct:
        return wrong
    saved = 1 - path / total if total else 0
    return right + weight * min(saved, cap) - (path_penalty(path, **penalty) if penalty else 0)


def length_penalties(group, tau=0.8, beta=0.2, epsilon=1e-6, window=10_000):
    """What each rollout pays for its path by the accuracy of its group; `group`: pairs of correct and path."""
    right = [path for correct, path in group if correct]
    accuracy = len(right) / len(group) if group else 0
    if not right or window <= 0 or accuracy < tau:
        return [0.0 for _ in group]
    alpha = beta * (accuracy - tau + epsilon) / (1 - tau + epsilon)
    return [alpha * min(1, max(0, (path - min(right)) / window)) for _, path in group]


def mean_centred(rewards):
    """Rewards less their mean, one a rollout; zeros where all are equal. They are not divided by their deviation."""
    if len(set(rewards)) < 2:
        return [0.0 for _ in rewards]
    mean = total_of(rewards) / len(rewards)
    return [one - mean for one in rewards]


def by_deviation(rewards):
    """As GRPO has it, for comparison: less their mean, divided by their deviation; zeros where all are equal."""
    centred = mean_centred(rewards)
    variance = total_of(one * one for one in centred) / max(1, len(rewards) - 1)
    return [one / variance**0.5 if variance else 0.0 for one in centred]


def total_of(values):
    """Added one after the other, as TypeScript does. From Python 3.12 on, `sum` rounds in another way."""
    return reduce(add, values, 0.0)
