"""verl's own output of an agent loop takes our rows."""

import unittest

from tests.cases import CASES
from threadweaver_training.verl_rows import outputs


class Outputs(unittest.TestCase):
    def test_have_what_the_rows_have(self):
        for case in CASES:
            with self.subTest(case=case["name"]):
                for output, row in zip(outputs(case["rows"]), case["rows"], strict=True):
                    data = output.as_dict()
                    self.assertEqual(data["prompts"].tolist(), row["prompt_ids"])
                    self.assertEqual(data["responses"].tolist(), row["response_ids"])
                    self.assertEqual(data["response_mask"].tolist(), row["response_mask"])
                    for value, expected in zip(data["rollout_log_probs"].tolist(), row["response_logprobs"], strict=True):
                        self.assertAlmostEqual(value, expected, places=5)
                    self.assertEqual(output.reward_score, row["reward"])

    def test_are_those_of_one_rollout(self):
        with self.assertRaisesRegex(ValueError, "calls of one rollout"):
            outputs([CASES[0]["rows"][0], CASES[1]["rows"][0]])


if __name__ == "__main__":
    unittest.main()
