"""Rows of `threadweaver data export`, one a call, read and put together again."""

import json
from pathlib import Path


class BadRow(ValueError):
    """A row that cannot be used; the message has its file and line."""


def read_rows(path):
    """The rows of a file of JSON lines, each checked."""
    return read_checked(path, check_row)


def read_checked(path, check):
    values = []
    for number, line in enumerate(Path(path).read_text().splitlines(), start=1):
        try:
            value = json.loads(line)
            check(value)
        except ValueError as error:
            raise BadRow(f"{path}:{number}: {error}. Export the file again with threadweaver data export.") from error
        values.append(value)
    return values


def check_row(row):
    """Raises ValueError for what is no row of a call with log-probabilities."""
    if not isinstance(row, dict):
        raise ValueError("expected an object")
    missing = {"prompt_ids", "response_ids", "response_mask", "response_logprobs", "rollout_id"} - row.keys()
    if missing:
        raise ValueError(f"it lacks {', '.join(sorted(missing))}")
    if row["response_logprobs"] is None:
        raise ValueError("it has no log-probabilities: run with logprobs")
    lengths = {len(row[name]) for name in ("response_ids", "response_mask", "response_logprobs")}
    if len(lengths) != 1:
        raise ValueError(f"ids, mask and log-probabilities of the response differ in length: {sorted(lengths)}")


def read_tries(path):
    """The flattened tries of a file of JSON lines, each checked."""
    return read_checked(path, check_trie)


def check_trie(trie):
    """Raises ValueError for what is no flattened trie of a rollout."""
    if not isinstance(trie, dict):
        raise ValueError("expected an object")
    missing = {"rollout_id", "ids", "positions", "last_descendant", "source", "target"} - trie.keys()
    if missing:
        raise ValueError(f"it lacks {', '.join(sorted(missing))}")


def by_rollout(rows):
    """The rows of each rollout, in the order of its calls."""
    rollouts = {}
    for row in rows:
        rollouts.setdefault(row["rollout_id"], []).append(row)
    return rollouts
