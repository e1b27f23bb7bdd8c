"""TRL's own queue takes what the worker samples with the small model, and hears of what goes wrong."""

import inspect
import shutil
import sys
import unittest
from pathlib import Path

from accelerate import PartialState
from trl.experimental.async_grpo.async_grpo_trainer import RolloutQueueDataset, RolloutWorkerProtocol

from threadweaver_training.trl_worker import RolloutWorker

ROOT = Path(__file__).parents[2]
PROBLEMS = [
    {"id": "one", "prompt": "Q: 64*27+14*89\n", "answer": "2974"},
    {"id": "two", "prompt": "Q: 51*33+17*22\n", "answer": "2057"},
]


def silent_metrics():
    class Sink(dict):
        def __missing__(self, key):
            return self.setdefault(key, [])

    return Sink()


class Worker(unittest.TestCase):
    def setUp(self):
        # TRL's loggers want to know which process of a training this is.
        PartialState(cpu=True)

    def started(self, **options):
        command = (shutil.which("node"), str(ROOT / "src" / "cli" / "main.ts"))
        worker = RolloutWorker(PROBLEMS, **{"engine": "llama", "group": 2, "command": command, **options})
        self.addCleanup(worker.stop)
        worker.start()
        return worker

    def test_has_what_the_protocol_asks_for(self):
        worker = RolloutWorker(PROBLEMS, engine="llama")
        for name in RolloutWorkerProtocol.__annotations__:
            self.assertTrue(hasattr(worker, name), name)
        for name, method in inspect.getmembers(RolloutWorkerProtocol, inspect.isfunction):
            if not name.startswith("_"):
                self.assertEqual(inspect.signature(method).parameters.keys(), inspect.signature(getattr(RolloutWorker, name)).parameters.keys())

    def test_gives_the_trainers_queue_rollouts_of_a_real_model(self):
        worker = self.started()
        worker.update_model_version(0)
        dataset = RolloutQueueDataset(worker.rollout_buffer, lambda: 0, worker.check_health, 300, silent_metrics())
        first = next(iter(dataset))
        self.assertEqual(len(first["input_ids"]), len(first["completion_mask"]))
        sampled = first["completion_mask"] == 1
        self.assertGreater(sampled.sum(), 0)
        self.assertTrue((first["old_log_probs"][sampled] <= 0).all())
        self.assertTrue((first["old_log_probs"][~sampled] == 0).all())
        self.assertGreater(first["metrics"]["path_tokens"], 0)

    def test_says_what_the_command_says_where_it_fails(self):
        worker = self.started(engine="http://127.0.0.1:1/v1")
        worker._thread.join(timeout=60)
        with self.assertRaisesRegex(RuntimeError, "threadweaver rollout failed: .*127.0.0.1:1"):
            worker.check_health(300)

    def test_ends_where_it_is_stopped_while_it_samples(self):
        worker = self.started(command=(sys.executable, "-c", "import time; time.sleep(600)"))
        worker.stop()
        self.assertFalse(worker._thread.is_alive())
        worker.check_health(300)
        with self.assertRaisesRegex(RuntimeError, "no sample for"):
            worker.check_health(-1)


if __name__ == "__main__":
    unittest.main()
