"""Traces are those of the package verifiers: its own definitions read them, and give them back."""

import unittest

from verifiers.v1 import WireTrace

from tests.cases import CASES, sampled


class Traces(unittest.TestCase):
    def test_come_back_as_they_were(self):
        for case in CASES:
            with self.subTest(case=case["name"]):
                given = case["verifiers"]
                trace = WireTrace.model_validate(given)
                record = trace.to_record(float_decimals=None)
                self.assertEqual(record["rewards"]["reward"]["score"], given["rewards"]["reward"]["score"])
                self.assertEqual(len(record["nodes"]), len(given["nodes"]))
                for node, own in zip(record["nodes"], given["nodes"], strict=True):
                    for name in ("parent", "semantic_parents", "sampled", "token_ids", "mask", "logprobs", "advantages"):
                        self.assertEqual(node[name], own[name], name)
                    self.assertEqual(node["message"]["content"], own["message"]["content"])
                again = WireTrace.model_validate(record)
                self.assertEqual(again.to_record(float_decimals=None), record)

    def test_have_the_context_of_every_call_on_a_branch(self):
        for case in CASES:
            with self.subTest(case=case["name"]):
                trace = WireTrace.model_validate(case["verifiers"])
                branches = [tuple(branch.token_ids) for branch in trace.branches]
                for row in case["rows"]:
                    ids = tuple(row["prompt_ids"] + row["response_ids"])
                    self.assertTrue(any(branch[: len(ids)] == ids for branch in branches))

    def test_train_each_sampled_token_once(self):
        """As prime-rl does: a sampled node that several branches share counts in the first of them."""
        for case in CASES:
            with self.subTest(case=case["name"]):
                trace = WireTrace.model_validate(case["verifiers"])
                seen, trained = set(), 0
                for branch in trace.branches:
                    for node in branch.nodes:
                        if id(node) not in seen:
                            trained += sum(node.mask)
                        seen.add(id(node))
                self.assertEqual(trained, sampled(case))
                self.assertEqual(len(seen), len(trace.nodes))

    def test_have_typed_parents_for_forks_and_joins(self):
        types = {link["type"] for case in CASES for node in case["verifiers"]["nodes"] for link in node["semantic_parents"]}
        self.assertEqual(types, {"subagent_call", "subagent_return"})


if __name__ == "__main__":
    unittest.main()
