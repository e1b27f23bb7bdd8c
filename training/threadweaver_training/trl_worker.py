"""A rollout worker for TRL's asynchronous GRPO (trl.experimental.async_grpo, 1.16), whose rollouts `threadweaver` samples.

    worker = RolloutWorker(problems, engine="http://127.0.0.1:8000/v1", group=8)
    trainer = AsyncGRPOTrainer(model=..., args=AsyncGRPOConfig(...), rollout_worker=worker)

The trainer keeps its own way of getting weights into vLLM; only what samples is replaced. Advantages come with the rows and
are mean-centred, as P-GRPO has it: TRL's own worker divides by the deviation.
"""

import itertools
import json
import logging
import queue
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from .rows import read_rows
from .trl_rows import samples

logger = logging.getLogger(__name__)

# The exit code where rollouts failed: rows.jsonl has the groups that are whole.
SOME_FAILED = 1


class RolloutWorker:
    """`RolloutWorkerProtocol` of TRL. Goes through the problems without end, some at a time."""

    # Seconds between two signs of life.
    tick_s = 1
    # Sampling has failed when so many commands in a row fail without a single row.
    most_fruitless = 10

    def __init__(
        self, problems, *, engine, group=8, at_once=1, options=(), command=("threadweaver",), most_waiting=1, clock=time.monotonic
    ):
        """`problems`: {"id", "prompt" or "messages", "answer"} each. `options`: further flags of `threadweaver rollout`.

        `at_once`: problems of one command. All samples of a command have the version of the weights with which it began. TRL
        leaves out what is more than `max_staleness` versions older than the trainer's weights. What one command gives must be
        taken up in that many steps.

        `most_waiting`: samples that may wait for the trainer. The next command begins when no more are left of the last one. A
        higher number keeps the server busier, with older weights.
        """
        self.rollout_buffer = queue.Queue(maxsize=most_waiting)
        self.metrics_queue = queue.Queue()
        self._problems = list(problems)
        self._flags = ["--engine", engine, "--group", str(group), *options]
        self._at_once = min(at_once, len(self._problems))
        self._command = [*command, "rollout"]
        self._version = 0
        self._fruitless = 0
        self._ended = threading.Event()
        self._failure = None
        self._process = None
        # A command must not begin after `stop` has ended the one before it.
        self._starting = threading.Lock()
        self._clock = clock
        self._heard = clock()
        self._thread = threading.Thread(target=self._run, name="threadweaver-rollouts", daemon=True)

    def start(self):
        self._tick()
        self._thread.start()

    def stop(self):
        with self._starting:
            self._ended.set()
            if self._process is not None:
                self._process.terminate()
        if self._thread.is_alive():
            self._thread.join(timeout=60)

    def update_model_version(self, model_version):
        self._version = model_version

    def check_health(self, stale_after_s):
        """Raises where sampling has failed, or the worker hangs. A command that takes long is no hang."""
        if self._failure is not None:
            raise RuntimeError(f"threadweaver rollout failed: {self._failure}")
        silent = self._clock() - self._heard
        if silent > stale_after_s:
            raise RuntimeError(f"the worker of threadweaver rollout has given no sign of life for {silent:.0f} s")

    def _tick(self):
        self._heard = self._clock()

    def _run(self):
        drawn = itertools.cycle(self._problems)
        numbers = itertools.count()
        try:
            for seed in itertools.count(1):
                if self._ended.is_set():
                    return
                # Weights that arrive while these are sampled make some newer: the older version is the careful one.
                version = self._version
                rows = self._sampled([next(drawn) for _ in range(self._at_once)], seed)
                for sample in samples(rows, version, numbers):
                    self._put(sample)
        except Exception as error:
            if not self._ended.is_set():
                self._failure = error

    def _sampled(self, problems, seed):
        """The rows of one command, each group's together: what is left out as too old is then cut from few groups."""
        with tempfile.TemporaryDirectory(prefix="threadweaver-") as folder:
            given = Path(folder) / "problems.jsonl"
            given.write_text("".join(f"{json.dumps(problem)}\n" for problem in problems))
            out = Path(folder) / "out"
            files = ["--input", str(given), "--out", str(out), "--seed", str(seed)]
            arguments = [*self._command, *files, *self._flags]
            with self._starting:
                if self._ended.is_set():
                    return []
                self._process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            said = self._wait().strip()[-2000:]
            code = self._process.returncode
            if code not in (0, SOME_FAILED):
                raise RuntimeError(said or f"it ended with {code}")
            written = out / "rows.jsonl"
            rows = read_rows(written) if code == 0 or written.exists() else []
            self._fruitless = 0 if code == 0 or rows else self._fruitless + 1
            if self._fruitless == self.most_fruitless:
                raise RuntimeError(said or f"it ended with {code}, {self._fruitless} times in a row")
            if code == SOME_FAILED:
                logger.warning("threadweaver rollout ended with %d and gave %d rows. It said: %s", code, len(rows), said)
            return sorted(rows, key=lambda row: row["group_id"])

    def _wait(self):
        """What the command has said on stderr, when it is over."""
        while True:
            try:
                return self._process.communicate(timeout=self.tick_s)[1]
            except subprocess.TimeoutExpired:
                self._tick()

    def _put(self, sample):
        """Waits until the trainer has taken enough of what came before."""
        while not self._ended.is_set():
            self._tick()
            try:
                return self.rollout_buffer.put(sample, timeout=self.tick_s)
            except queue.Full:
                continue
