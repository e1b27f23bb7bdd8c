"""A GGUF that was exported is the one that the same weights came from."""

import contextlib
import io
import shutil
import tempfile
import unittest
from pathlib import Path

import gguf
import numpy as np
import torch
from transformers import AutoModelForCausalLM

from tests.tiny import HF, tiny_model
from threadweaver_training.__main__ import main
from threadweaver_training.gguf_file import export_gguf
from threadweaver_training.problem import TrainingProblem

BUNDLED = HF.parent / "forkjoin-arith-f16.gguf"


class Gguf(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def test_has_the_weights_and_the_settings_of_the_file_that_the_model_came_from(self):
        out = self.folder / "again.gguf"
        self.assertEqual(main(["gguf", "--model", str(HF), "--like", str(BUNDLED), "--out", str(out)]), 0)
        again, bundled = gguf.GGUFReader(out), gguf.GGUFReader(BUNDLED)
        self.assertEqual([one.name for one in again.tensors], [one.name for one in bundled.tensors])
        for one, other in zip(again.tensors, bundled.tensors, strict=True):
            self.assertEqual(one.tensor_type, other.tensor_type, one.name)
            # The folder is float16 throughout; the file has its norms in float32.
            self.assertTrue(np.array_equal(one.data.astype(np.float16), other.data.astype(np.float16)), one.name)
        for name, field in bundled.fields.items():
            if not name.startswith("GGUF."):
                self.assertEqual(again.fields[name].contents(), field.contents(), name)

    def test_has_the_tokens_that_were_added(self):
        model = AutoModelForCausalLM.from_pretrained(HF, dtype=torch.float32)
        model.resize_token_embeddings(270)
        model.save_pretrained(self.folder / "more")
        text = (HF / "tokenizer.json").read_text()
        marker = '{"id": 269, "content": "<Conclusion>", "special": false}'
        (self.folder / "more" / "tokenizer.json").write_text(text.replace('"added_tokens": [', f'"added_tokens": [{marker}, '))
        export_gguf(self.folder / "more", BUNDLED, self.folder / "more.gguf")
        fields = gguf.GGUFReader(self.folder / "more.gguf").fields
        self.assertEqual(fields["tokenizer.ggml.tokens"].contents()[269:], ["<Conclusion>"])
        self.assertEqual(fields["tokenizer.ggml.token_type"].contents()[269:], [4])
        self.assertEqual(len(fields["tokenizer.ggml.tokens"].contents()), 270)

    def test_says_which_file_is_missing(self):
        (self.folder / "no-tokenizer").mkdir()
        shutil.copy(HF / "model.safetensors", self.folder / "no-tokenizer")
        out = self.folder / "out.gguf"
        cases = {
            "nowhere.gguf: No such file": [HF, self.folder / "nowhere.gguf"],
            "no-tokenizer/tokenizer.json: No such file": [self.folder / "no-tokenizer", BUNDLED],
        }
        for why, (model, like) in cases.items():
            said = io.StringIO()
            with self.subTest(why=why), contextlib.redirect_stderr(said):
                self.assertEqual(main(["gguf", "--model", str(model), "--like", str(like), "--out", str(out)]), 1)
                self.assertIn(why, said.getvalue())
                self.assertFalse(out.exists())

    def test_refuses_a_model_of_another_shape_and_a_file_that_is_there(self):
        tiny_model(self.folder / "other")
        shutil.copy(BUNDLED, self.folder / "there.gguf")
        with self.assertRaisesRegex(TrainingProblem, "lacks blk.2"):
            export_gguf(self.folder / "other", BUNDLED, self.folder / "other.gguf")
        self.assertFalse((self.folder / "other.gguf").exists())
        with self.assertRaisesRegex(TrainingProblem, "exists"):
            export_gguf(HF, BUNDLED, self.folder / "there.gguf")
