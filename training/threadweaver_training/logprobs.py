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
def check_layouts(model, rows, trie=None, tolerance=1e-3):
    """Refuses to train where rows that are padded, or the trie, give other numbers than each row alone."""
    alone = torch.cat([row_logprobs(model, [row])[0] for row in rows])
    layouts = {"padded rows": torch.cat(row_logprobs(model, rows))}
    if trie is not None:
        layouts["the flattened trie"] = trie_logprobs(model, trie)
    for name, together in layouts.items():
        worst = (alone - together).abs().max().item() if len(alone) == len(together) else float("inf")
        if not worst <= tolerance:
            raise TrainingProblem(
                f"{name} and single rows differ by {worst:.2g} in the log-probability of a token, and {tolerance} is allowed. "
                "This version of transformers reads masks or positions in another way: train on rows, one at a time."
            )
