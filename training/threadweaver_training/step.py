"""One update of the weights, checked before it is made."""

import math

import torch

from .problem import TrainingProblem


def new_optimizer(model, learning_rate):
    return torch.optim.AdamW([one for one in model.parameters() if one.requires_grad], lr=learning_rate, betas=(0.9, 0.95), weight_decay=0.0)


def update(model, optimizer, loss, learning_rate, *, what, clip=1.0):
    """Takes the step whose gradients are there. A loss or a gradient that is no number changes nothing. Returns its norm."""
    if not math.isfinite(loss):
        raise TrainingProblem(f"{what}: the loss is {loss}. The weights were left as they were. Lower --lr, or look at the rows.")
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), clip).item()
    if not math.isfinite(norm):
        raise TrainingProblem(f"{what}: the gradient is {norm}. The weights were left as they were. Lower --lr.")
    # Where no group has anything to teach, the optimizer's momentum must not move the weights either.
    if norm > 0:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate
        optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return norm
