"""A rollout worker for TRL's asynchronous GRPO (trl.experimental.async_grpo, 1.16), whose rollouts `threadweaver` samples.

    worker = RolloutWorker(problems, engine="http://127.0.0.1:8000/v1", group=8)
    trainer = AsyncGRPOTrainer(model=..., args=AsyncGRPOConfig(...), rollout_worker=worker)

The trainer keeps its own way of getting weights into vLLM; only what samples is replaced. Advantages come with the rows and
are mean-centred, as P-GRPO has it: TRL's own worker divides by the deviation.
"""

import itertools
import json
import queue
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from .rows import read_rows
from .trl_rows import samples


class RolloutWorker:
    """`RolloutWorkerProtocol` of TRL. Goes through the problems without end, some at a time."""

    def __init__(self, problems, *, engine, group=8, at_once=8, options=(), command=("threadweaver",), most_waiting=1024):
        """`problems`: {"id", "prompt" or "messages", "answer"} each. `options`: further flags of `threadweaver rollout`.

        `at_once`: problems of one command. `most_waiting`: samples that wait for the trainer before no more are sampled.
        """
        self.rollout_buffer = queue.Queue(maxsize=most_waiting)
        self.metrics_queue = queue.Queue()
        self._problems = list(problems)
        self._flags = ["--engine", engine, "--group", str(group), *options]
        self._at_once = min(at_once, len(self._problems))
        self._command = [*command, "rollout"]
        self._version = 0
        self._ended = threading.Event()
        self._failure = None
        self._process = None
        # A command must not begin after `stop` has ended the one before it.
        self._starting = threading.Lock()
        self._heard = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="threadweaver-rollouts", daemon=True)

    def start(self):
        self._heard = time.monotonic()
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
        if self._failure is not None:
            raise RuntimeError(f"threadweaver rollout failed: {self._failure}")
        silent = time.monotonic() - self._heard
        if silent > stale_after_s:
            raise RuntimeError(f"threadweaver rollout has given no sample for {silent:.0f} s")

    def _run(self):
        drawn = itertools.cycle(self._problems)
        try:
            for seed in itertools.count(1):
                if self._ended.is_set():
                    return
                # Weights that arrive while these are sampled make some newer: the older version is the careful one.
                version = self._version
                for sample in samples(self._sampled([next(drawn) for _ in range(self._at_once)], seed), version):
                    self._put(sample)
        except Exception as error:
            if not self._ended.is_set():
                self._failure = error

    def _sampled(self, problems, seed):
        """The rows of one command."""
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
            _, said = self._process.communicate()
            if self._process.returncode != 0:
                raise RuntimeError(said.strip()[-2000:] or f"it ended with {self._process.returncode}")
            return read_rows(out / "rows.jsonl")

    def _put(self, sample):
        while not self._ended.is_set():
            try:
                self.rollout_buffer.put(sample, timeout=1)
            except queue.Full:
                continue
            finally:
                # A trainer that does not take samples is no fault of the worker.
                self._heard = time.monotonic()
            return
