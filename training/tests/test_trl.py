"""TRL's own packing and chaining take our rows, and lose no token of them."""

import unittest

import torch
from trl.experimental.async_grpo.async_grpo_trainer import _reduce_metric
from trl.experimental.async_grpo.async_rollout_worker import _chain_to_sequences
from trl.experimental.async_grpo.packing import TreeRow

from tests.cases import CASES, FOLDER, sampled
from threadweaver_training.rows import by_rollout, read_rows
from threadweaver_training.trl_rows import samples, turns


def packed(rows):
    row = TreeRow()
    for sample in samples(rows):
        row.add(
            {
                "input_ids": torch.from_numpy(sample.input_ids),
                "completion_mask": torch.from_numpy(sample.completion_mask),
                "old_log_probs": torch.from_numpy(sample.old_log_probs),
                "advantage": sample.advantage,
                "group_id": sample.group_id,
            }
        )
    return row.pack()


class Packing(unittest.TestCase):
    def test_has_each_sampled_token_as_a_target_in_its_context(self):
        rollouts = by_rollout(read_rows(FOLDER / "rows.jsonl"))
        self.assertEqual(len(rollouts), len(CASES))
        for case in CASES:
            with self.subTest(case=case["name"]):
                rows = rollouts[case["name"]]
                pack = packed(rows)
                self.assertEqual(len(pack["token_index"]), sampled(case))
                targets = pack["shift_labels"][pack["token_index"]].tolist()
                self.assertEqual(targets, [id for row in rows for id in row["response_ids"]])
                # The position of a target's source is the number of tokens before the target, less one.
                positions = pack["position_ids"][pack["token_index"]].tolist()
                expected = [len(row["prompt_ids"]) + i - 1 for row in rows for i in range(len(row["response_ids"]))]
                self.assertEqual(positions, expected)
                logprobs = [value for row in rows for value in row["response_logprobs"]]
                self.assertTrue(torch.allclose(pack["old_log_probs"], torch.tensor(logprobs)))
                self.assertEqual({round(value, 6) for value in pack["advantages"].tolist()}, {rows[0]["advantage"]})

    def test_never_needs_more_tokens_than_the_rows(self):
        for case in CASES:
            tokens = sum(len(row["prompt_ids"]) + len(row["response_ids"]) for row in case["rows"])
            self.assertLessEqual(len(packed(case["rows"])["input_ids"]), tokens)


class Metrics(unittest.TestCase):
    def test_have_names_of_which_the_trainer_logs_the_mean(self):
        for sample in samples(CASES[0]["rows"]):
            self.assertEqual(sample.metrics.keys(), {"reward", "path_tokens", "all_tokens"})
            for name in sample.metrics:
                self.assertEqual(_reduce_metric(name, [1.0, 3.0]), 2)


class Chaining(unittest.TestCase):
    def kept(self, case, threshold):
        sequences, _ = _chain_to_sequences(turns(case["rows"]), 0, threshold)
        return sum(sum(sequence.completion_mask) for sequence in sequences)

    def test_keeps_every_token_where_the_threshold_is_0(self):
        for case in CASES:
            with self.subTest(case=case["name"]):
                self.assertEqual(self.kept(case, 0), sampled(case))

    def test_loses_tokens_of_threads_without_a_header_where_it_is_not(self):
        """The trap that the page warns of. Where it is gone, the page has to be changed."""
        lost = [self.kept(case, 1024) < sampled(case) for case in CASES if case["dialect"] == "parallel-r1"]
        self.assertTrue(any(lost))


if __name__ == "__main__":
    unittest.main()
