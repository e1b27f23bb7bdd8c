"""What `scripts/train/cases.ts` wrote: random runs of every dialect."""

import json
import os
from pathlib import Path

FOLDER = Path(os.environ.get("THREADWEAVER_CASES", "../reports/train"))
CASES = json.loads((FOLDER / "cases.json").read_text())


def sampled(case):
    """How many tokens a run sampled."""
    return sum(len(row["response_ids"]) for row in case["rows"])
