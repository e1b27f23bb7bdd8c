"""Loss and gradients of a flattened trie are the sums over the rows of its calls.

The weights are random: a trained tiny model knows its threads by heart, in any context. Losses hide errors of context,
so the gradients are compared.
"""

import unittest

import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM

from tests.cases import CASES
from threadweaver_training.flat import additive_mask, trie_loss, weighted_loss

SIZES = {
    "vocab_size": 256,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "initializer_range": 0.15,
    "pad_token_id": None,
}


def models():
    torch.manual_seed(18)
    llama = LlamaForCausalLM(LlamaConfig(**SIZES, attn_implementation="sdpa"))
    qwen = Qwen3ForCausalLM(Qwen3Config(**SIZES, head_dim=16, attn_implementation="sdpa"))
    return {"Llama": llama.double().eval(), "Qwen3": qwen.double().eval()}


MODELS = models()


def rows_loss(model, rows):
    """A pass for each row, with the weight of its rollout."""
    total = 0
    for row in rows:
        ids = torch.tensor([row["prompt_ids"] + row["response_ids"]])
        begin = len(row["prompt_ids"])
        logits = model(ids, use_cache=False).logits[0]
        source = list(range(begin - 1, ids.shape[1] - 1))
        total = total + weighted_loss(logits, source, row["response_ids"], [row["advantage"]] * len(source))
    return total


def gradients(model, loss):
    model.zero_grad(set_to_none=True)
    loss.backward()
    return [parameter.grad.clone() for parameter in model.parameters()]


def difference(left, right):
    """The worst of all parameters, relative to its own gradient."""
    return max(((a - b).norm() / b.norm()).item() for a, b in zip(left, right, strict=True))


class FlattenedTrie(unittest.TestCase):
    def test_equals_the_rows(self):
        worst = {"loss": 0.0, "gradient": 0.0}
        for case in CASES:
            for name, model in MODELS.items():
                loss = rows_loss(model, case["rows"])
                expected = gradients(model, loss)
                for layout in ("trie", "spliced"):
                    with self.subTest(case=case["name"], model=name, layout=layout):
                        flat = trie_loss(model, case[layout])
                        relative = abs(flat.item() - loss.item()) / abs(loss.item())
                        gradient = difference(gradients(model, flat), expected)
                        self.assertLessEqual(relative, 1e-12)
                        self.assertLessEqual(gradient, 1e-6)
                        worst["loss"] = max(worst["loss"], relative)
                        worst["gradient"] = max(worst["gradient"], gradient)
        tokens = {kind: sum(len(case[kind]["ids"]) for case in CASES) for kind in ("trie", "spliced")}
        rows = sum(len(row["prompt_ids"]) + len(row["response_ids"]) for case in CASES for row in case["rows"])
        print(f"\n{len(CASES)} runs x 2 models x 2 layouts: worst {worst}; {rows} tokens in rows, {tokens} in tries")

    def test_has_every_dialect(self):
        self.assertEqual(len({case["dialect"] for case in CASES}), 11)

    def test_says_by_its_gradient_where_something_is_wrong(self):
        """What the other test would miss if it looked at the loss alone."""
        model = MODELS["Llama"]
        case = max(CASES, key=lambda one: len(one["trie"]["ids"]) if one["dialect"] == "parallel-r1" else 0)
        expected = gradients(model, rows_loss(model, case["rows"]))
        trie = case["trie"]
        flat = {**trie, "positions": list(range(len(trie["ids"])))}
        causal = {**trie, "last_descendant": [len(trie["ids"]) - 1] * len(trie["ids"])}
        shifted = {**trie, "source": [max(0, source - 1) for source in trie["source"]]}
        for what in (flat, causal, shifted):
            self.assertGreater(difference(gradients(model, trie_loss(model, what)), expected), 0.1)

    def test_mask_is_that_of_ancestors(self):
        trie = CASES[0]["trie"]
        mask = additive_mask(trie["last_descendant"], torch.float64)[0, 0]
        for query in range(0, len(trie["ids"]), 7):
            ancestors, at = set(), query
            while at >= 0:
                ancestors.add(at)
                at = trie["parent"][at]
            self.assertEqual({key for key in range(len(mask)) if mask[query, key] == 0}, ancestors)


if __name__ == "__main__":
    unittest.main()
