"""A long training that may be interrupted: every so many steps it keeps all that it needs to go on, and says how far it is."""

import json
import sys
import time
from pathlib import Path

import torch

from .problem import TrainingProblem
from .whole import whole_file


class Progress:
    """One file beside the checkpoint that is being trained: weights, optimizer and the number of the step."""

    def __init__(self, path, model, optimizer, *, steps, every, settings):
        """`settings`: by them a training goes on as it began, or is refused."""
        self._path = Path(path)
        self._model, self._optimizer = model, optimizer
        self._steps, self._every, self._settings = steps, every, settings
        self._began = time.perf_counter()
        self.done = self._restored()
        self._before = self.done

    def after(self, step, loss):
        if step % self._every or step == self._steps:
            return
        with whole_file(self._path) as partial:
            kept = {"step": step, "settings": json.dumps(self._settings), "weights": self._trained()}
            torch.save({**kept, "optimizer": self._optimizer.state_dict()}, partial)
        left = (time.perf_counter() - self._began) / (step - self._before) * (self._steps - step)
        about = f"{left / 60:.0f} min" if left > 90 else f"{left:.0f} s"
        print(f"step {step} of {self._steps}: loss {loss:.4g}, about {about} left", file=sys.stderr, flush=True)

    def over(self):
        """Removes what was kept, once the checkpoint is written."""
        self._path.unlink(missing_ok=True)

    def _trained(self):
        return {name: one.detach() for name, one in self._model.named_parameters() if one.requires_grad}

    def _restored(self):
        """How many steps were made before."""
        if not self._path.exists():
            return 0
        kept = torch.load(self._path, map_location="cpu", weights_only=True)
        before = json.loads(kept["settings"])
        other = sorted(name for name in before.keys() | self._settings.keys() if before.get(name) != self._settings.get(name))
        if other:
            raise TrainingProblem(
                f"{self._path} is of a training that was interrupted, with another {' and '.join(other)}. "
                "Give what it began with to go on, or remove the file to begin anew."
            )
        with torch.no_grad():
            for name, own in self._trained().items():
                own.copy_(kept["weights"][name])
        self._optimizer.load_state_dict(kept["optimizer"])
        print(f"{self._path}: goes on after step {kept['step']} of {self._steps}", file=sys.stderr, flush=True)
        return kept["step"]
