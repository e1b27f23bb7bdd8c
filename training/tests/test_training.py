"""Steps of training as they are started: what they leave, and what they say where they cannot go on."""

import contextlib
import io
import itertools
import json
import resource
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import torch
from transformers import AutoModelForCausalLM, LlamaForCausalLM

from tests.tiny import HF, row, tiny_model, write_lines
from threadweaver_training.__main__ import main
from threadweaver_training.checkpoint import save_checkpoint
from threadweaver_training.pgrpo import divided_by_deviation
from threadweaver_training.problem import TrainingProblem
from threadweaver_training.session import run_session
from threadweaver_training.step import new_optimizer, update
from threadweaver_training.weights import weight_version


def failing_at(step):
    """`update`, interrupted at one of its calls."""
    calls = itertools.count(1)

    def failing(*given, **named):
        if next(calls) == step:
            raise KeyboardInterrupt
        return update(*given, **named)

    return failing


class Training(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.model = tiny_model(self.folder / "model")
        self.rows = [
            row(self.model, [256, 81], [10, 20, 30], advantage=1.0),
            row(self.model, [256, 81], [40, 50], advantage=-1.0, rollout="r/1"),
        ]

    def pgrpo(self, rows, *more, model="model", out="next"):
        """The exit code of one step, and what it said."""
        write_lines(self.folder / "rows.jsonl", rows)
        files = ["--model", self.folder / model, "--rows", self.folder / "rows.jsonl", "--out", self.folder / out]
        said, problem = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(problem):
            code = main(list(map(str, ["pgrpo", *files, "--lr", "0.01", *more])))
        return code, said.getvalue(), problem.getvalue()

    def sft(self, *more, out="next", steps=40):
        """What supervised training says on stderr."""
        files = ["--model", self.folder / "model", "--rows", self.folder / "sft.jsonl", "--out", self.folder / out]
        how = ["--steps", steps, "--lr", "0.02", "--step-tokens", "10", "--metrics", self.folder / "metrics.jsonl"]
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            self.code = main(list(map(str, ["sft", *files, *how, *more])))
        return said.getvalue()

    def probability(self, folder, one):
        model = AutoModelForCausalLM.from_pretrained(self.folder / folder)
        return sum(row(model, one["prompt_ids"], one["response_ids"], advantage=0)["response_logprobs"])

    def test_makes_what_was_good_likelier_and_what_was_bad_less_likely(self):
        code, said, _ = self.pgrpo(self.rows)
        self.assertEqual(code, 0)
        numbers = json.loads(said)
        self.assertLess(numbers["drift"], 1e-5)
        self.assertEqual(numbers["rollouts"], 2)
        for one in self.rows:
            gain = self.probability("next", one) - sum(one["response_logprobs"])
            self.assertGreater(gain * one["advantage"], 0.1)
        self.assertNotEqual(weight_version(self.folder / "model"), weight_version(self.folder / "next"))
        # It goes on from there with its optimizer, and a second checkpoint does not replace the first.
        again = [row(AutoModelForCausalLM.from_pretrained(self.folder / "next"), [256, 81], [10], advantage=1.0)]
        self.assertEqual(self.pgrpo(again, model="next", out="third")[0], 0)
        self.assertRegex(self.pgrpo(again, model="next", out="third")[2], "third exists")

    def test_gives_each_group_the_same_weight_where_it_divides_by_the_deviation(self):
        def one(response, reward, rollout):
            return {**row(self.model, [256, 81], response, advantage=0, rollout=rollout), "reward": reward}

        fast, slow, wrong = one([10], 1.1, "a/0"), one([20], 1.0, "a/1"), one([30], -1.0, "b/1")
        rows = divided_by_deviation([fast, slow, one([10], 1.0, "b/0"), wrong, one([10], 1.0, "c/0"), one([20], 1.0, "c/1")])
        half = 0.5**0.5
        for made, expected in zip(rows, [half, -half, half, -half, 0, 0], strict=True):
            self.assertAlmostEqual(made["advantage"], expected, places=12)
        code, said, _ = self.pgrpo([{**fast, "advantage": 0.05}, {**slow, "advantage": -0.05}], "--by-deviation")
        self.assertEqual(code, 0)
        self.assertAlmostEqual(json.loads(said)["advantage"], half, places=12)

    def test_runs_commands_one_after_the_other_in_a_session(self):
        write_lines(self.folder / "rows.jsonl", self.rows)
        files = ["--model", str(self.folder / "model"), "--rows", str(self.folder / "rows.jsonl"), "--out", str(self.folder / "next")]
        commands = [["pgrpo", *files, "--lr", rate, "--step", str(step)] for step, rate in enumerate(("0.01", "0.01", "inf", "0.01"), start=1)]
        said, problem = io.StringIO(), io.StringIO()
        with contextlib.redirect_stderr(problem):
            run_session([json.dumps(command) for command in commands], main, said)
        first, second, refused, last = [json.loads(line) for line in said.getvalue().splitlines()]
        self.assertEqual((first["code"], json.loads(first["output"])["step"]), (0, 1))
        self.assertEqual(second, {"code": 1, "output": ""})
        self.assertEqual((refused["code"], last["code"]), (2, 1))
        self.assertRegex(problem.getvalue(), "(?s)next exists.*argument --lr: inf is no rate.*next exists")
        numbers = json.loads((self.folder / "next" / "numbers.json").read_text())
        self.assertEqual(numbers, json.loads(first["output"]))

    def test_refuses_rows_of_other_weights(self):
        rows = [{**one, "response_logprobs": [value + 0.1 for value in one["response_logprobs"]]} for one in self.rows]
        code, _, said = self.pgrpo(rows)
        self.assertEqual(code, 1)
        self.assertRegex(said, r"^threadweaver_training: step 1: sampler and trainer are 0.09\d+ apart .*other weights")
        # A few tokens of many with other odds are other weights, too.
        rows = [{**one, "response_logprobs": [value + 0.002 for value in one["response_logprobs"]]} for one in self.rows]
        self.assertRegex(self.pgrpo(rows)[2], r"are 0.002 apart")
        self.assertEqual(self.pgrpo(rows, "--max-drift", "0.01", out="allowed")[0], 0)
        self.assertFalse((self.folder / "next").exists())

    def test_refuses_rows_that_name_other_weights_than_those_that_are_trained(self):
        own = weight_version(self.folder / "model")

        def said_of(*versions):
            return self.pgrpo([{**one, "weight_version": name} for one, name in zip(self.rows, versions, strict=True)], out=versions[0])[2]

        self.assertRegex(said_of("0123456789ab", "0123456789ab"), f"sampled with the weights 0123456789ab, and those of .*model are {own}")
        self.assertRegex(said_of("step-1", "step-2"), "of several weights \\(step-1, step-2\\), and one update is of one")
        for name in (own, "step-1"):
            self.assertEqual(said_of(name, name), "")

    def test_refuses_tries_of_other_rows(self):
        def trie(rollout, prompt, response):
            ids = prompt + response
            pairs = {"source": list(range(len(prompt) - 1, len(ids) - 1)), "target": response}
            return {"rollout_id": rollout, "ids": ids, "positions": list(range(len(ids))), "last_descendant": [len(ids) - 1] * len(ids), **pairs}

        first, second = trie("r/0", [256, 81], [10, 20, 30]), trie("r/1", [256, 81], [40, 50])
        cases = {
            "rollout r/1 is in one of them only": [first],
            "a rollout has several tries": [first, first, second],
            "The trie of rollout r/1 has other tokens than its rows": [first, {**second, "target": [40, 51]}],
            "tries.jsonl:1: it lacks target": [{key: value for key, value in first.items() if key != "target"}],
        }
        path = self.folder / "tries.jsonl"
        for why, tries in cases.items():
            with self.subTest(why=why):
                write_lines(path, tries)
                self.assertIn(why, self.pgrpo(self.rows, "--tries", str(path))[2])
        write_lines(path, [first, second])
        self.assertEqual(self.pgrpo(self.rows, "--tries", str(path))[0], 0)

    def test_refuses_rows_that_cannot_be_trained_on(self):
        cases = {
            "has no advantage": [{**self.rows[0], "advantage": None}],
            "was sampled with {'temperature': 0.6}": [{**self.rows[0], "sampling": {**self.rows[0]["sampling"], "temperature": 0.6}}],
            "There are no rows": [],
            "rows.jsonl:1: it has no log-probabilities": [{**self.rows[0], "response_logprobs": None}],
        }
        for why, rows in cases.items():
            with self.subTest(why=why):
                code, _, said = self.pgrpo(rows)
                self.assertEqual(code, 1)
                self.assertIn(why, said)
        self.assertFalse((self.folder / "next").exists())

    def test_refuses_a_loss_that_is_no_number_and_leaves_the_weights(self):
        before = [parameter.clone() for parameter in self.model.parameters()]
        optimizer = new_optimizer(self.model, 0.01)
        for loss, why in ((float("nan"), "the loss is nan"), (float("inf"), "the loss is inf")):
            with self.assertRaisesRegex(TrainingProblem, why):
                update(self.model, optimizer, loss, 0.01, what="step 7")
        broken = row(self.model, [256, 81], [10], advantage=float("nan"))
        self.assertRegex(self.pgrpo([broken])[2], "P-GRPO step 1: the loss is nan. The weights were left as they were")
        (self.model.lm_head.weight.sum() * float("inf")).backward()
        with self.assertRaisesRegex(TrainingProblem, "step 7: the gradient is nan|step 7: the gradient is inf"):
            update(self.model, optimizer, 1.0, 0.01, what="step 7")
        for left, right in zip(before, self.model.parameters(), strict=True):
            self.assertTrue(torch.equal(left, right))

    def test_says_that_weights_are_broken_and_writes_none_that_are(self):
        for broken in ("nan", "inf"):
            with self.subTest(broken=broken):
                with torch.no_grad():
                    self.model.lm_head.weight[10, 0] = float(broken)
                self.model.save_pretrained(self.folder / "model")
                self.assertRegex(self.pgrpo(self.rows)[2], "log-probabilities that are no numbers: its weights are broken")
                write_lines(self.folder / "sft.jsonl", [{"input_ids": [256, 81, 10], "labels": [-100, -100, 10]}])
                self.assertRegex(self.sft(), "log-probabilities that are no numbers: its weights are broken")
                with self.assertRaisesRegex(TrainingProblem, "hold values that are no numbers, so they were not written"):
                    save_checkpoint(self.folder / "next", self.model, new_optimizer(self.model, 0.01), source=self.folder / "model")
                self.assertFalse((self.folder / "next").exists())

    def test_refuses_a_model_that_reads_padding_where_the_longest_row_pads_the_shortest(self):
        rows = [*self.rows, row(self.model, [256], [60] * 40, advantage=0.0, rollout="r/2")]
        kept = LlamaForCausalLM.forward

        def unmasked(model, ids, attention_mask=None, **more):
            """A model that reads padding as text."""
            wrong = ids if attention_mask is None or bool(attention_mask.all()) else ids + (1 - attention_mask)
            shift = wrong if wrong is ids else torch.roll(wrong, 1, dims=1)
            return kept(model, shift, **more)

        with mock.patch.object(LlamaForCausalLM, "forward", unmasked):
            self.assertRegex(self.pgrpo(rows)[2], "padded rows and single rows differ by")

    def test_leaves_the_weights_where_no_group_teaches_anything(self):
        self.assertEqual(self.pgrpo(self.rows)[0], 0)
        model = AutoModelForCausalLM.from_pretrained(self.folder / "next")
        equal = [row(model, [256, 81], [10], advantage=0.0), row(model, [256, 81], [20], advantage=0.0, rollout="r/1")]
        self.assertEqual(self.pgrpo(equal, model="next", out="third")[0], 0)
        self.assertEqual(weight_version(self.folder / "next"), weight_version(self.folder / "third"))

    def test_refuses_a_device_that_is_not_there(self):
        for device in ("cuda:99", "abacus"):
            with self.subTest(device=device):
                code, _, said = self.pgrpo(self.rows, "--device", device)
                self.assertEqual(code, 1)
                self.assertRegex(said, f"^threadweaver_training: --device {device} cannot be computed on: .+ Leave it out")
        self.assertFalse((self.folder / "next").exists())

    def test_refuses_a_tokenizer_without_the_markers(self):
        path = self.folder / "model" / "tokenizer.json"
        tokenizer = json.loads(path.read_text())
        tokenizer["added_tokens"] = [one for one in tokenizer["added_tokens"] if "Thread" not in one["content"]]
        path.write_text(json.dumps(tokenizer))
        code, _, said = self.pgrpo(self.rows)
        self.assertEqual(code, 1)
        self.assertRegex(said, "tokenizer.json lacks <Thread> </Thread>: each marker must be one token")

    def test_leaves_nothing_where_the_disk_takes_no_more(self):
        optimizer = new_optimizer(self.model, 0.01)
        least = resource.getrlimit(resource.RLIMIT_FSIZE)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, least[1]))
        try:
            with self.assertRaisesRegex(TrainingProblem, "next cannot be written: .*Nothing of it was left"):
                save_checkpoint(self.folder / "next", self.model, optimizer, source=self.folder / "model")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, least)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["model"])

    def test_leaves_whole_checkpoints_where_it_is_killed_and_can_be_started_again(self):
        write_lines(self.folder / "rows.jsonl", self.rows)
        files = ["--model", self.folder / "model", "--rows", self.folder / "rows.jsonl", "--out", self.folder / "next"]
        program = (
            "import os, signal, sys, torch\n"
            "from threadweaver_training.__main__ import main\n"
            "torch.save = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
            "main(sys.argv[1:])\n"
        )
        killed = subprocess.run(
            list(map(str, [sys.executable, "-c", program, "pgrpo", *files, "--lr", "0.01"])), capture_output=True, check=False
        )
        self.assertEqual(killed.returncode, -signal.SIGKILL)
        self.assertFalse((self.folder / "next").exists())
        self.assertTrue((self.folder / "next.partial" / "model.safetensors").exists())
        self.assertEqual(self.pgrpo(self.rows)[0], 0)
        self.assertFalse((self.folder / "next.partial").exists())

    def test_learns_a_text_by_heart(self):
        texts = [{"input_ids": [256, 81, 10, 20, 30], "labels": [-100, -100, 10, 20, 30], "attention_mask": [1] * 5}] * 2
        write_lines(self.folder / "sft.jsonl", texts)
        self.assertEqual(self.sft(), "")
        losses = [json.loads(line)["loss"] for line in (self.folder / "metrics.jsonl").read_text().splitlines()]
        self.assertEqual(len(losses), 40)
        self.assertLess(losses[-1], 0.1 * losses[0])
        self.assertGreater(self.probability("next", {"prompt_ids": [256, 81], "response_ids": [10, 20, 30]}), -0.5)

    def test_goes_on_where_supervised_training_was_interrupted_and_gives_the_same_weights(self):
        texts = [[256, 81, 10 * n, 20, 30 + n] for n in range(1, 8)]
        write_lines(self.folder / "sft.jsonl", [{"input_ids": ids, "labels": [-100, -100, *ids[2:]]} for ids in texts])
        self.assertEqual(self.sft("--keep-every", 50, out="whole"), "")
        whole = (self.folder / "metrics.jsonl").read_text()
        with mock.patch("threadweaver_training.sft.update", failing_at(25)), self.assertRaises(KeyboardInterrupt):
            self.sft("--keep-every", 10)
        self.assertRegex(self.sft("--keep-every", 10, steps=50), "next.interrupted is of a training that was interrupted, with another steps")
        self.assertFalse((self.folder / "next").exists())
        self.assertRegex(self.sft("--keep-every", 10), r"(?s)goes on after step 20 of 40\nstep 30 of 40: loss .*, about \d+ s left")
        self.assertEqual(self.code, 0)
        self.assertFalse((self.folder / "next.interrupted").exists())
        self.assertEqual(weight_version(self.folder / "next"), weight_version(self.folder / "whole"))
        steps = [[{**json.loads(line), "seconds": 0} for line in text.splitlines()] for text in (whole, (self.folder / "metrics.jsonl").read_text())]
        self.assertEqual(*steps)

    def test_refuses_to_learn_from_no_rows_and_to_replace_a_checkpoint_before_it_trains(self):
        write_lines(self.folder / "sft.jsonl", [])
        self.assertRegex(self.sft(), "There are no rows to learn from")
        self.assertRegex(self.sft(out="model"), "model exists. Remove it")

    def test_has_the_small_model_of_the_repository(self):
        """Its tokenizer has the markers, and its float16 weights are read."""
        from threadweaver_training.model import load_model

        self.assertEqual(next(load_model(HF).parameters()).dtype, torch.float32)


if __name__ == "__main__":
    unittest.main()
