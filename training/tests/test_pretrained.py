"""A model that comes without the markers: they become tokens of it, and LoRA teaches it to use them."""

import json
import tempfile
import unittest
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tests.tiny import HF, tiny_model, write_lines
from threadweaver_training.__main__ import main
from threadweaver_training.lora import merged, with_lora
from threadweaver_training.markers import add_markers
from threadweaver_training.model import MARKERS, load_model
from threadweaver_training.problem import TrainingProblem
from threadweaver_training.weights import weight_version


class Pretrained(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.model = tiny_model(self.folder / "plain", vocabulary=259)
        tokenizer = json.loads((HF / "tokenizer.json").read_text())
        tokenizer["added_tokens"] = [one for one in tokenizer["added_tokens"] if one["id"] < 259]
        (self.folder / "plain" / "tokenizer.json").write_text(json.dumps(tokenizer))
        (self.folder / "plain" / "tokenizer_config.json").write_text((HF / "tokenizer_config.json").read_text())

    def test_gets_the_markers_as_tokens_that_begin_as_the_mean_of_their_pieces(self):
        ids = add_markers(self.folder / "plain", self.folder / "marked")
        self.assertEqual(list(ids), list(MARKERS))
        self.assertEqual(list(ids.values()), list(range(259, 259 + len(MARKERS))))
        tokenizer = AutoTokenizer.from_pretrained(self.folder / "marked")
        text = "a<Parallel>\n<Outlines>b</Parallel>"
        expected = [97, ids["<Parallel>"], 10, ids["<Outlines>"], 98, ids["</Parallel>"]]
        self.assertEqual(tokenizer.encode(text, add_special_tokens=False), expected)
        model = load_model(self.folder / "marked")
        for own, before in ((one.weight, other.weight) for one, other in zip(both(model), both(self.model), strict=True)):
            self.assertTrue(torch.equal(own[:259], before))
            pieces = list("<Thread>".encode())
            self.assertTrue(torch.allclose(own[ids["<Thread>"]], before[pieces].mean(dim=0), atol=1e-6))

    def test_learns_by_adapters_and_by_the_rows_of_its_markers_alone(self):
        ids = add_markers(self.folder / "plain", self.folder / "marked")
        before = load_model(self.folder / "marked")
        text = [ids["<Parallel>"], 10, ids["<Outlines>"], 20]
        row = {"input_ids": [256, 81, *text], "labels": [-100, -100, *text], "attention_mask": [1] * 6}
        write_lines(self.folder / "rows.jsonl", [row, row])
        files = ["--model", self.folder / "marked", "--rows", self.folder / "rows.jsonl", "--metrics", self.folder / "metrics.jsonl"]
        how = ["--steps", "60", "--lr", "0.03", "--lora", "4", "--step-tokens", "10"]
        for name in ("taught", "again"):
            self.assertEqual(main(list(map(str, ["sft", *files, *how, "--out", self.folder / name]))), 0)
        self.assertEqual(weight_version(self.folder / "taught"), weight_version(self.folder / "again"))
        losses = [json.loads(line)["loss"] for line in (self.folder / "metrics.jsonl").read_text().splitlines()]
        self.assertLess(losses[-1], 0.5 * losses[0])
        # What is served is a plain model: its adapters are in its weights.
        after = AutoModelForCausalLM.from_pretrained(self.folder / "taught")
        self.assertEqual(after.state_dict().keys(), before.state_dict().keys())
        own, other = after.get_input_embeddings().weight, before.get_input_embeddings().weight
        self.assertTrue(torch.equal(own[:259], other[:259]))
        self.assertFalse(torch.equal(own[ids["<Parallel>"]], other[ids["<Parallel>"]]))

    def test_is_the_same_model_before_it_has_learned(self):
        add_markers(self.folder / "plain", self.folder / "marked")
        ids = torch.tensor([[256, 81, 259, 10, 20]])
        plain = load_model(self.folder / "marked")
        with torch.no_grad():
            expected = plain(ids).logits
            adapted = merged(with_lora(load_model(self.folder / "marked"), self.folder / "marked", 4))
            self.assertTrue(torch.allclose(adapted(ids).logits, expected, atol=1e-6))

    def test_is_refused_where_it_is_not_there_or_no_model(self):
        with self.assertRaisesRegex(TrainingProblem, "nowhere is not there. Give a GGUF file, or a folder"):
            add_markers(self.folder / "nowhere", self.folder / "marked")
        (self.folder / "empty").mkdir()
        with self.assertRaisesRegex(TrainingProblem, "empty cannot be read as a model"):
            add_markers(self.folder / "empty", self.folder / "marked")
        self.assertFalse((self.folder / "marked").exists())


def both(model):
    """Of a model with one set of embeddings for reading and writing: it, twice."""
    return model.get_input_embeddings(), model.get_output_embeddings()


if __name__ == "__main__":
    unittest.main()
