"""Rows of `threadweaver data export`, one a call, read and put together again."""

import json
from pathlib import Path


class BadRow(ValueError):
    """A row that cannot be used; the message has its file and line."""


def read_rows(path):
    """The rows of a file of JSON lines, each checked."""
    rows = []
    for number, line in enumerate(Path(path).read_text().splitlines(), start=1):
        try:
            row = json.loads(line)
            check_row(row)
        except ValueError as error:
            raise BadRow(f"{path}:{number}: {error}. Export the file again with threadweaver data export.") from error
        rows.append(row)
    return rows


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


def by_rollout(rows):
    """The rows of each rollout, in the order of its calls."""
    rollouts = {}
    for row in rows:
        rollouts.setdefault(row["rollout_id"], []).append(row)
    return rollouts
