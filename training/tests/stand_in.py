"""Stands for `threadweaver` where a test is about the worker: python stand_in.py PLAN rollout FLAGS

PLAN has a word CODE:CALLS for each command, and the last one for all further ones: its exit code, and how many calls each
rollout has. With no number, it writes no rows at all.
"""

import argparse
import json
import sys
from pathlib import Path


def row(problem, rollout, call):
    name = f"{problem}/{rollout}"
    return {
        "prompt_ids": [1, 2],
        "response_ids": [3],
        "response_mask": [1],
        "response_logprobs": [-0.5],
        "reward": 1.0,
        "advantage": 0.25,
        "group_id": problem,
        "rollout_id": name,
        "call_id": f"{name}.{call}",
        "path_tokens": 1,
        "total_tokens": 1,
    }


def main(plan, arguments):
    flags = argparse.ArgumentParser()
    for name in ("--input", "--out"):
        flags.add_argument(name, type=Path)
    for name in ("--seed", "--group"):
        flags.add_argument(name, type=int)
    given, _ = flags.parse_known_args(arguments)
    words = plan.split(",")
    code, calls = words[min(given.seed, len(words)) - 1].split(":")
    problems = [json.loads(line)["id"] for line in given.input.read_text().splitlines()]
    if calls:
        # As rollouts of several problems end: mixed.
        rollouts = [(problem, rollout) for rollout in range(given.group) for problem in problems]
        rows = [row(problem, rollout, call) for problem, rollout in rollouts for call in range(int(calls))]
        given.out.mkdir()
        (given.out / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    sys.stderr.write(f"command {given.seed} says so\n")
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
