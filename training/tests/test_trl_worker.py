"""TRL's own queue takes what the worker samples with the small model, and hears of what goes wrong.

Where the command is not what a test is about, `stand_in.py` stands for it.
"""

import ast
import inspect
import itertools
import shutil
import sys
import threading
import unittest
from pathlib import Path

from accelerate import PartialState
from trl.experimental.async_grpo import AsyncGRPOConfig, AsyncGRPOTrainer
from trl.experimental.async_grpo.async_grpo_trainer import (
    DataCollatorForRollout,
    RolloutQueueDataset,
    RolloutWorkerProtocol,
    TokenBudgetBatcher,
)

from threadweaver_training.trl_worker import RolloutWorker

ROOT = Path(__file__).parents[2]
STAND_IN = Path(__file__).parent / "stand_in.py"
HANGS = (sys.executable, "-c", "import signal; signal.pause()")
LOGGER = "threadweaver_training.trl_worker"
PROBLEMS = [
    {"id": "one", "prompt": "Q: 64*27+14*89\n", "answer": "2974"},
    {"id": "two", "prompt": "Q: 51*33+17*22\n", "answer": "2057"},
]
MANY = [{"id": f"p{number}", "prompt": "Q", "answer": "1"} for number in range(8)]


def metrics_sink():
    class Sink(dict):
        def __missing__(self, key):
            return self.setdefault(key, [])

    return Sink()


class WorkerCase(unittest.TestCase):
    def setUp(self):
        # TRL's loggers want to know which process of a training this is.
        PartialState(cpu=True)

    def worker(self, problems=PROBLEMS, **options):
        command = (shutil.which("node"), str(ROOT / "src" / "cli" / "main.ts"))
        worker = RolloutWorker(problems, **{"engine": "llama", "group": 2, "command": command, **options})
        self.addCleanup(worker.stop)
        return worker

    def standing_in(self, plan, **options):
        return self.worker(command=(sys.executable, str(STAND_IN), plan), **options)

    def taken(self, worker, count):
        return [worker.rollout_buffer.get(timeout=60) for _ in range(count)]

    def failure_of(self, worker):
        worker._thread.join(timeout=60)
        self.assertFalse(worker._thread.is_alive())
        with self.assertRaises(RuntimeError) as caught:
            worker.check_health(300)
        return str(caught.exception)


class Worker(WorkerCase):
    def test_has_what_the_protocol_asks_for(self):
        worker = RolloutWorker(PROBLEMS, engine="llama")
        for name in RolloutWorkerProtocol.__annotations__:
            self.assertTrue(hasattr(worker, name), name)
        for name, method in inspect.getmembers(RolloutWorkerProtocol, inspect.isfunction):
            if not name.startswith("_"):
                self.assertEqual(inspect.signature(method).parameters.keys(), inspect.signature(getattr(RolloutWorker, name)).parameters.keys())

    def test_gives_the_trainers_queue_rollouts_of_a_real_model(self):
        worker = self.worker()
        worker.start()
        dataset = RolloutQueueDataset(worker.rollout_buffer, lambda: 0, worker.check_health, 300, metrics_sink())
        first = next(iter(dataset))
        self.assertEqual(len(first["input_ids"]), len(first["completion_mask"]))
        sampled = first["completion_mask"] == 1
        self.assertGreater(sampled.sum(), 0)
        self.assertTrue((first["old_log_probs"][sampled] <= 0).all())
        self.assertTrue((first["old_log_probs"][~sampled] == 0).all())
        self.assertGreater(first["metrics"]["path_tokens"], 0)

    def test_says_what_the_command_says_where_it_fails(self):
        worker = self.worker(engine="http://127.0.0.1:1/v1")
        worker.most_fruitless = 1
        worker.start()
        self.assertRegex(self.failure_of(worker), "threadweaver rollout failed: .*127.0.0.1:1")

    def test_ends_where_it_is_stopped_while_it_samples(self):
        worker = self.worker(command=HANGS)
        worker.start()
        worker.stop()
        self.assertFalse(worker._thread.is_alive())
        worker.check_health(300)

    def test_ends_where_it_is_stopped_while_it_waits_for_the_trainer(self):
        worker = self.standing_in("0:9")
        worker.start()
        self.taken(worker, 1)
        worker.stop()
        self.assertFalse(worker._thread.is_alive())


class Health(WorkerCase):
    def setUp(self):
        super().setUp()
        self.now = 0
        self.asked = threading.Semaphore(0)

    def clock(self):
        self.asked.release()
        return self.now

    def hears_again(self):
        """Waits for two looks at the clock: the first one may have begun before the time was changed."""
        while self.asked.acquire(blocking=False):
            pass
        for _ in range(2):
            self.assertTrue(self.asked.acquire(timeout=60))

    def test_is_good_while_a_command_runs_for_hours(self):
        worker = self.worker(command=HANGS, clock=self.clock)
        worker.tick_s = 0.01
        worker.start()
        for hour in range(1, 4):
            self.now = hour * 3600
            self.hears_again()
            worker.check_health(300)

    def test_is_good_while_the_trainer_takes_no_sample_for_hours(self):
        worker = self.standing_in("0:9", clock=self.clock)
        worker.tick_s = 0.01
        worker.start()
        self.taken(worker, 1)
        self.now = 3600
        self.hears_again()
        worker.check_health(300)

    def test_is_bad_where_the_worker_itself_gives_no_sign(self):
        worker = self.worker(command=HANGS, clock=self.clock)
        worker.start()
        worker.stop()
        self.now = 301
        with self.assertRaisesRegex(RuntimeError, "no sign of life for 301 s"):
            worker.check_health(300)


class Failures(WorkerCase):
    def test_of_a_problem_of_a_real_command_leave_the_samples_of_the_other_one(self):
        too_long = {"id": "long", "prompt": f"Q: {'64*27+' * 1000}1\n", "answer": "1"}
        worker = self.worker([too_long, PROBLEMS[0]], at_once=2)
        with self.assertLogs(LOGGER, "WARNING") as logged:
            worker.start()
            (sample,) = self.taken(worker, 1)
        self.assertGreater(sample.completion_mask.sum(), 0)
        self.assertRegex(logged.output[0], r"(?s)ended with 1 and gave [1-9]\d* rows\..*long/0: The prompt has")
        worker.check_health(300)

    def test_of_some_rollouts_cost_only_these(self):
        worker = self.standing_in("1:1,0:1")
        with self.assertLogs(LOGGER, "WARNING") as logged:
            worker.start()
            samples = self.taken(worker, 4)
        self.assertEqual([sample.group_id for sample in samples], [0, 0, 1, 1])
        self.assertEqual(len(logged.output), 1)
        self.assertIn("ended with 1 and gave 2 rows. It said: command 1 says so", logged.output[0])
        worker.check_health(300)

    def test_of_whole_commands_are_survived_where_the_next_one_gives_rows(self):
        worker = self.standing_in("1:,1:0,0:1,1:0,1:,1:1,0:1")
        worker.most_fruitless = 3
        with self.assertLogs(LOGGER, "WARNING"):
            worker.start()
            self.taken(worker, 4)
        worker.check_health(300)

    def test_of_ten_commands_in_a_row_end_it_with_what_the_last_one_said(self):
        worker = self.standing_in(f"0:1,{'1:0,1:,' * 5}0:1")
        with self.assertLogs(LOGGER, "WARNING") as logged:
            worker.start()
            self.taken(worker, 2)
            self.assertEqual(self.failure_of(worker), "threadweaver rollout failed: command 11 says so")
        self.assertEqual(len(logged.output), 9)

    def test_of_another_kind_end_it_at_once(self):
        for code in ("2", "130"):
            with self.subTest(code=code):
                worker = self.standing_in(f"{code}:1")
                worker.start()
                self.assertEqual(self.failure_of(worker), "threadweaver rollout failed: command 1 says so")

    def test_are_none_where_every_group_was_left_out(self):
        """With --drop-equal, a command that succeeds may give no rows."""
        worker = self.standing_in(f"{'0:0,' * 12}0:1")
        worker.start()
        self.taken(worker, 2)
        worker.check_health(300)


class Versions(WorkerCase):
    def test_are_those_with_which_a_command_began(self):
        worker = self.standing_in("0:2")
        worker.update_model_version(1)
        worker.start()
        first = self.taken(worker, 1)
        # A command gives four samples here, and all but the last one have to be taken before the next one begins.
        worker.update_model_version(5)
        samples = first + self.taken(worker, 5)
        self.assertEqual([sample.model_version for sample in samples], [1, 1, 1, 1, 5, 5])

    def left_out(self, worker, steps, samples_a_step=8):
        """How many samples TRL finds too old while it trains so many steps, each of which makes the weights newer."""
        version = 1
        metrics = metrics_sink()
        limit = AsyncGRPOConfig.max_staleness
        worker.update_model_version(version)
        worker.start()
        dataset = iter(RolloutQueueDataset(worker.rollout_buffer, lambda: version, worker.check_health, 300, metrics, limit))
        for _ in range(steps):
            for _ in range(samples_a_step):
                next(dataset)
            version += 1
            worker.update_model_version(version)
        return sum(metrics["sample/dropped_stale_total"])

    def test_leave_no_sample_too_old(self):
        worker = self.standing_in("0:3", problems=MANY, group=8)
        self.assertEqual(self.left_out(worker, steps=30), 0)

    def test_leave_most_samples_too_old_where_sampling_runs_ahead(self):
        """What `at_once` and `most_waiting` are for: of 192 samples a command, at most 40 are young enough."""
        worker = self.standing_in("0:3", problems=MANY, group=8, at_once=8, most_waiting=1024)
        self.assertGreater(self.left_out(worker, steps=10), 80)


class Groups(WorkerCase):
    def test_are_numbered_on_so_that_the_trainer_counts_each(self):
        worker = self.standing_in("0:2")
        worker.start()
        metrics = metrics_sink()
        dataset = RolloutQueueDataset(worker.rollout_buffer, lambda: 0, worker.check_health, 300, metrics)
        # Eight sampled tokens, one a sample: two groups.
        batches = TokenBudgetBatcher(dataset, num_processes=1, token_budget=8, metrics=metrics)
        collator = DataCollatorForRollout(pad_token_id=0, metrics=metrics)
        for batch in itertools.islice(batches, 3):
            collator.torch_call([batch])
        self.assertEqual(collator.groups_trained, set(range(6)))

    def test_come_one_after_the_other(self):
        worker = self.standing_in("0:2", at_once=2)
        worker.start()
        self.assertEqual([sample.group_id for sample in self.taken(worker, 8)], [0] * 4 + [1] * 4)


class Page(unittest.TestCase):
    """The recipe of docs/training.md."""

    def setUp(self):
        page = (ROOT / "docs" / "training.md").read_text()
        recipe = page.split("```python\n")[1].split("```")[0]
        calls = [node for node in ast.walk(ast.parse(recipe)) if isinstance(node, ast.Call)]
        self.calls = {ast.unparse(call.func): call for call in calls}

    def arguments(self, name):
        call = self.calls[name]
        return call.args, {argument.arg: argument.value for argument in call.keywords}

    def test_gives_each_part_arguments_that_it_has(self):
        for part in (RolloutWorker, AsyncGRPOConfig, AsyncGRPOTrainer):
            given, named = self.arguments(part.__name__)
            inspect.signature(part).bind(*given, **named)

    def test_clips_as_p_grpo_does_and_samples_as_the_command_does(self):
        given, named = self.arguments("AsyncGRPOConfig")
        values = {name: ast.literal_eval(value) for name, value in named.items()}
        config = AsyncGRPOConfig(ast.literal_eval(given[0]), use_cpu=True, **values)
        self.assertEqual((config.epsilon, config.epsilon_high), (0.2, 0.28))
        # The trainer divides logits by it.
        self.assertEqual(config.temperature, 1)


if __name__ == "__main__":
    unittest.main()
