"""Writes test/fixtures/reward-vectors.json: drawn inputs, and what the twin in Python makes of them."""

import json
import random
from pathlib import Path

from threadweaver_training import rewards

TAGS = {"parallelOpen": 1, "parallelClose": 2, "threadOpen": 3, "threadClose": 4}
chance = random.Random(18)


def prose(most):
    return [10 + chance.randrange(5) for _ in range(chance.randrange(most))]


def well_formed():
    ids = prose(8)
    for _ in range(chance.randrange(3)):
        ids += [1, *prose(5)]
        for _ in range(1 + chance.randrange(4)):
            ids += [3, *prose(12), 4]
        ids += [*prose(2), 2, *prose(8)]
    return ids


def damaged():
    ids = well_formed()
    for _ in range(1 + chance.randrange(6)):
        at = chance.randrange(len(ids) + 1)
        what = chance.randrange(3)
        if what == 0 and ids:
            del ids[at % len(ids)]
        elif what == 1:
            ids.insert(at, 1 + chance.randrange(4))
        else:
            ids = ids[:at]
    return ids


def statistics_case(ids):
    return {"ids": ids, "statistics": rewards.statistics(ids, TAGS)}


def rollout():
    total = chance.randrange(20_000)
    return {"correct": chance.random() < 0.8, "criticalPath": chance.randrange(total + 1), "generated": total}


def reward_case():
    one = rollout()
    options = chance.choice(
        [{}, {"wrong": 0, "cap": 0.5}, {"right": 2, "weight": 1}, {"path": {"limit": 12_000, "buffer": 5_500, "factor": 0.1}}]
    )
    named = {name: value for name, value in options.items() if name != "path"}
    value = rewards.reward(one["correct"], one["criticalPath"], one["generated"], **named, penalty=options.get("path"))
    ratio = chance.random()
    return {"rollout": one, "options": options, "reward": value, "ratio": ratio, "authors": rewards.authors_reward(one["correct"], ratio)}


def group_case():
    group = [rollout() for _ in range(1 + chance.randrange(8))]
    if chance.random() < 0.3:
        group = [{**one, "correct": True} for one in group]
    penalties = rewards.length_penalties([(one["correct"], one["criticalPath"]) for one in group])
    values = [rewards.reward(one["correct"], one["criticalPath"], one["generated"]) for one in group]
    paid = [value - penalty for value, penalty in zip(values, penalties, strict=True)]
    return {"group": group, "penalties": penalties, "rewards": paid, "advantages": rewards.mean_centred(paid)}


def main():
    cases = {
        "tags": TAGS,
        "statistics": [statistics_case(well_formed() if i % 2 else damaged()) for i in range(1_000)],
        "rewards": [reward_case() for _ in range(100)],
        "groups": [group_case() for _ in range(100)],
    }
    path = Path(__file__).parents[2] / "test" / "fixtures" / "reward-vectors.json"
    lines = [json.dumps(TAGS), *("[\n" + ",\n".join(map(json.dumps, cases[name])) + "]" for name in list(cases)[1:])]
    path.write_text("{" + ",\n".join(f'"{name}": {line}' for name, line in zip(cases, lines, strict=True)) + "}\n")


if __name__ == "__main__":
    main()
