"""The twin of the rewards gives what the vectors say, which the one in TypeScript is held to as well."""

import json
import unittest
from pathlib import Path

from threadweaver_training import rewards

VECTORS = json.loads((Path(__file__).parents[2] / "test" / "fixtures" / "reward-vectors.json").read_text())


class Vectors(unittest.TestCase):
    def test_statistics_of_a_thousand_texts(self):
        self.assertEqual(len(VECTORS["statistics"]), 1_000)
        for case in VECTORS["statistics"]:
            self.assertEqual(rewards.statistics(case["ids"], VECTORS["tags"]), case["statistics"])

    def test_rewards(self):
        for case in VECTORS["rewards"]:
            one, options = case["rollout"], dict(case["options"])
            penalty = options.pop("path", None)
            value = rewards.reward(one["correct"], one["criticalPath"], one["generated"], **options, penalty=penalty)
            self.assertEqual(value, case["reward"])
            self.assertEqual(rewards.authors_reward(one["correct"], case["ratio"]), case["authors"])

    def test_groups(self):
        for case in VECTORS["groups"]:
            pairs = [(one["correct"], one["criticalPath"]) for one in case["group"]]
            self.assertEqual(rewards.length_penalties(pairs), case["penalties"])
            self.assertEqual(rewards.mean_centred(case["rewards"]), case["advantages"])


if __name__ == "__main__":
    unittest.main()
