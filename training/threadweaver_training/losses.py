"""The losses, of tensors that hold one number for each sampled token."""

import torch


def sft_loss(logprobs):
    """The sum of the negative log-probabilities; divide by the number of tokens of the whole step."""
    return -logprobs.sum()


def pgrpo_loss(logprobs, sampled, advantages, clip_low=0.2, clip_high=0.28):
    """The sum over tokens of the clipped objective of P-GRPO, negated; divide by the number of tokens of the whole step.

    `sampled`: the log-probabilities with which they were drawn. `advantages`: of its rollout for each token, mean-centred
    over the group and not divided by the deviation. There is no KL term.
    """
    ratio = torch.exp(logprobs - sampled)
    clipped = ratio.clamp(1 - clip_low, 1 + clip_high)
    return -torch.minimum(ratio * advantages, clipped * advantages).sum()


def drift(logprobs, sampled):
    """How far sampler and trainer are apart: the sum of |ratio - 1|; divide by the number of tokens."""
    return (torch.exp(logprobs.detach() - sampled) - 1).abs().sum()
