"""The loss of P-GRPO, held to a reference that goes token by token; and what of it goes through the model in which way."""

import math
import tempfile
import unittest

import torch

from tests.cases import CASES
from tests.tiny import row, tiny_model
from threadweaver_training.logprobs import check_layouts, row_logprobs, trie_logprobs
from threadweaver_training.losses import drift, pgrpo_loss
from threadweaver_training.pgrpo import packs_of
from threadweaver_training.problem import TrainingProblem


def reference(model, rows, low=0.2, high=0.28):
    """The objective as it is written down: one row, one token at a time, no batch, no padding."""
    total, tokens = 0, 0
    for one in rows:
        context = list(one["prompt_ids"])
        for token, old in zip(one["response_ids"], one["response_logprobs"], strict=True):
            logits = model(torch.tensor([context]), use_cache=False).logits[0, -1]
            probability = torch.exp(logits)[token] / torch.exp(logits).sum()
            ratio = probability / math.exp(old)
            bounded = ratio
            if ratio < 1 - low:
                bounded = torch.tensor(1 - low)
            if ratio > 1 + high:
                bounded = torch.tensor(1 + high)
            left, right = ratio * one["advantage"], bounded * one["advantage"]
            total = total - (left if left < right else right)
            tokens += 1
            context.append(token)
    return total / tokens


def batched(model, rows):
    logprobs = torch.cat(row_logprobs(model, rows))
    sampled = torch.tensor([value for one in rows for value in one["response_logprobs"]])
    advantages = torch.tensor([one["advantage"] for one in rows for _ in one["response_ids"]])
    return pgrpo_loss(logprobs, sampled, advantages) / len(logprobs)


def gradient(model, loss):
    model.zero_grad(set_to_none=True)
    loss.backward()
    return torch.cat([parameter.grad.flatten() for parameter in model.parameters()])


class Loss(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            cls.model = tiny_model(folder)
        rows = [
            row(cls.model, [256, 81, 58], [10, 20, 30, 40], advantage=0.575),
            row(cls.model, [256, 81, 58, 10], [50, 60], advantage=-1.525, rollout="r/1"),
            row(cls.model, [256, 90], [70, 80, 90, 100, 110, 120], advantage=0.475, rollout="r/2"),
        ]
        cls.rows = rows

    def test_is_that_of_the_reference_and_so_is_its_gradient(self):
        # As drawn by this model, and by one that was so far away that tokens are clipped on both sides.
        for shift in (0.0, 0.5):
            rows = [
                {**one, "response_logprobs": [old + shift * (-1) ** i for i, old in enumerate(one["response_logprobs"])]}
                for one in self.rows
            ]
            with self.subTest(shift=shift):
                expected, loss = reference(self.model, rows), batched(self.model, rows)
                self.assertAlmostEqual(loss.item(), expected.item(), places=5)
                right = gradient(self.model, expected)
                apart = (gradient(self.model, loss) - right).norm()
                self.assertLess(apart.item(), 1e-4 * right.norm().item())

    def test_has_no_clipping_and_no_drift_where_the_weights_are_those_that_sampled(self):
        logprobs = torch.cat(row_logprobs(self.model, self.rows))
        sampled = torch.tensor([value for one in self.rows for value in one["response_logprobs"]])
        self.assertLess(drift(logprobs, sampled).item() / len(logprobs), 1e-5)
        self.assertAlmostEqual((drift(logprobs, sampled + math.log(2)) / len(logprobs)).item(), 0.5, places=4)


class Layouts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            cls.model = tiny_model(folder)

    def test_give_the_same_tokens_the_same_odds(self):
        for case in CASES[:6]:
            with self.subTest(case=case["name"]):
                check_layouts(self.model, case["rows"], case["trie"], case["rows"])
                check_layouts(self.model, case["rows"], case["spliced"], case["rows"])

    def test_are_refused_where_they_differ(self):
        case = max(CASES, key=lambda one: len(one["rows"]))
        flat = {**case["trie"], "positions": list(range(len(case["trie"]["ids"])))}
        with self.assertRaisesRegex(TrainingProblem, "the flattened trie and single rows differ by"):
            check_layouts(self.model, case["rows"], flat, case["rows"])

    def test_of_rows_and_tries_have_the_same_loss(self):
        case = CASES[0]
        trie = {**case["trie"], "rollout_id": case["rows"][0]["rollout_id"]}
        by_rows = torch.cat([values for one in case["rows"] for values in row_logprobs(self.model, [one])]).sum()
        ((pack, logprobs_of),) = packs_of(case["rows"], [trie], 4096)
        self.assertEqual(pack, case["rows"])
        self.assertAlmostEqual(logprobs_of(self.model).sum().item() / by_rows.item(), 1, places=5)
        self.assertEqual(len(trie_logprobs(self.model, trie)), sum(len(one["response_ids"]) for one in case["rows"]))


if __name__ == "__main__":
    unittest.main()
