"""A flattened trie (`threadweaver data export --format trie`) in torch: its mask, and its loss."""

import torch


def additive_mask(last_descendant, dtype):
    """0 where a token may look, else the least number: the one form that transformers reads rightly everywhere.

    For tests and short tries only: it is dense. Long ones need the two integers a token themselves, as a block mask.
    """
    last = torch.tensor(last_descendant)
    index = torch.arange(len(last))
    visible = (index[None, :] <= index[:, None]) & (index[:, None] <= last[None, :])
    mask = torch.zeros(visible.shape, dtype=dtype)
    return mask.masked_fill(~visible, torch.finfo(dtype).min)[None, None]


def weighted_loss(logits, source, target, weight):
    """The sum of the weighted losses of all pairs. `logits`: those of each token of the trie."""
    losses = torch.nn.functional.cross_entropy(logits[torch.tensor(source)], torch.tensor(target), reduction="none")
    return (losses * torch.tensor(weight, dtype=losses.dtype)).sum()


def trie_loss(model, trie):
    """The loss of one flattened trie. Without `use_cache=False`, positions that begin again are misread."""
    mask = additive_mask(trie["last_descendant"], next(model.parameters()).dtype)
    positions = torch.tensor([trie["positions"]])
    logits = model(torch.tensor([trie["ids"]]), attention_mask=mask, position_ids=positions, use_cache=False).logits
    return weighted_loss(logits[0], trie["source"], trie["target"], trie["weight"])
