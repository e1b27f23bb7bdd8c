"""Where the numbers are computed: the CPU, or one GPU."""

import contextlib

from .problem import TrainingProblem


def computing_on(device):
    """A context whose models and tensors are on this device. Refuses one that is not there."""
    if device == "cpu":
        return contextlib.nullcontext()
    # What stays on the CPU may need no torch at all.
    import torch

    try:
        torch.zeros(1, device=device).sum().item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        why = str(error).splitlines()[0]
        raise TrainingProblem(f"--device {device} cannot be computed on: {why}. Leave it out to train on the CPU.") from error
    return torch.device(device)
