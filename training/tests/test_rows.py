"""Rows as files: JSON lines and parquet say the same, and a broken line is named."""

import json
import tempfile
import unittest
from pathlib import Path

import pyarrow.parquet

from tests.cases import CASES, FOLDER
from threadweaver_training.rows import BadRow, read_rows


class Rows(unittest.TestCase):
    def test_are_the_same_in_parquet(self):
        table = pyarrow.parquet.read_table(FOLDER / "rows.parquet").to_pylist()
        rows = read_rows(FOLDER / "rows.jsonl")
        self.assertEqual(len(rows), sum(len(case["rows"]) for case in CASES))
        for read, row in zip(table, rows, strict=True):
            sampling = None if read["sampling"] is None else json.loads(read["sampling"])
            self.assertEqual({**read, "sampling": sampling}, row)

    def test_that_are_broken_are_named_by_their_line(self):
        good = json.dumps(CASES[0]["rows"][0])
        short = json.dumps({**CASES[0]["rows"][0], "response_mask": []})
        bare = json.dumps({**CASES[0]["rows"][0], "response_logprobs": None})
        for line, why in (("{", "rows.jsonl:2: "), ("{}", "it lacks "), (short, "differ in length"), (bare, "no log-prob")):
            with tempfile.TemporaryDirectory() as folder, self.subTest(why=why):
                path = Path(folder) / "rows.jsonl"
                path.write_text(f"{good}\n{line}\n")
                with self.assertRaisesRegex(BadRow, why):
                    read_rows(path)


if __name__ == "__main__":
    unittest.main()
