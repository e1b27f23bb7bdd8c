"""Runs all tests, and writes how many passed: python -m tests.run FILE"""

import sys
import unittest
from pathlib import Path


def main(counts):
    suite = unittest.defaultTestLoader.discover(Path(__file__).parent, top_level_dir=Path(__file__).parents[1])
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors)
    line = f"{result.testsRun - failed - len(result.skipped)} passed, {failed} failed, {len(result.skipped)} skipped"
    Path(counts).write_text(f"{line}\n")
    print(line)
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
