"""Log-probabilities of what was sampled, each token in the context in which it was sampled."""

import torch

from .flat import additive_mask
from .problem import TrainingProblem


def batches(rows, most_tokens):
    """Rows of about one length together, at most so many tokens with their padding; a longer row stands alone."""
    batch = []
    for row in sorted(rows, key=length_of):
        if batch and length_of(row) * (len(batch) + 1) > most_tokens:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def length_of(row):
    return len(row["prompt_ids"]) + len(row["response_ids"])


def row_logprobs(model, rows):
    """One tensor for each row: the log-probabilities of its response."""
    longest = max(map(length_of, rows))
    ids = torch.zeros((len(rows), longest), dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for i, row in enumerate(rows):
        own = row["prompt_ids"] + row["response_ids"]
        ids[i, : len(own)] = torch.tensor(own)
        mask[i, : len(own)] = 1
    logits = model(ids, attention_mask=mask, use_cache=False).logits
    return [response_logprobs(logits[i], row) for i, row in enumerate(rows)]


def response_logprobs(logits, row):
    begin = len(row["prompt_ids"])
    source = torch.arange(begin - 1, length_of(row) - 1)
    return chosen(logits[source], torch.tensor(row["response_ids"]))


def trie_logprobs(model, trie):
    """Those of all pairs of a flattened trie: in the order of the rows of its rollout."""
    mask = additive_mask(trie["last_descendant"], next(model.parameters()).dtype)
    positions = torch.tensor([trie["positions"]])
    logits = model(torch.tensor([trie["ids"]]), attention_mask=mask, position_ids=positions, use_cache=False).logits[0]
    return chosen(logits[torch.tensor(trie["source"])], torch.tensor(trie["target"]))


def chosen(logits, ids):
    return torch.log_softmax(logits, dim=-1).gather(1, ids[:, None])[:, 0]


@torch.no_grad()
def check_layouts(model, rows, trie=None, own=()):
    """Refuses to train where rows that are padded, or a trie, give other numbers than each row alone.

    `own`: the rows of the trie. Of all `rows` the shortest and the longest are compared: nothing is padded more.
    """
    ends = [min(rows, key=length_of), max(rows, key=length_of)]
    compare(alone(model, ends), torch.cat(row_logprobs(model, ends)), "padded rows")
    if trie is not None:
        compare(alone(model, own), trie_logprobs(model, trie), "the flattened trie")


def alone(model, rows):
    return torch.cat([row_logprobs(model, [row])[0] for row in rows])


def compare(alone, together, layout, tolerance=1e-3):
    if not alone.isfinite().all():
        raise TrainingProblem("The model gives log-probabilities that are no numbers: its weights are broken. Go on from an earlier checkpoint.")
    worst = (alone - together).abs().max().item()
    if not worst <= tolerance:
        raise TrainingProblem(
            f"{layout} and single rows differ by {worst:.2g} in the log-probability of a token, and {tolerance} is allowed. "
            "This version of transformers reads masks or positions in another way: train on rows, one at a time."
        )
