"""New weights for a vLLM that runs, in development mode (VLLM_SERVER_DEV_MODE=1), from the folder that it was started with."""

import json
import os
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from .problem import TrainingProblem
from .weights import FINGERPRINT, weight_version


def reload_weights(checkpoint, served, url, *, key="", tolerance=1e-3):
    """Puts the weights of a checkpoint into the server's folder, has them read, and checks that they answer.

    Returns the name of the weights, and the largest difference of a log-probability of the checkpoint's fingerprint.
    """
    checkpoint, served = Path(checkpoint), Path(served)
    own = json.loads((checkpoint / FINGERPRINT).read_text())
    version = weight_version(checkpoint)
    is_new = weight_version(served) != version
    before = served_logprobs(own["ids"], url, key)
    for path in checkpoint.glob("*.safetensors"):
        partial = served / f"{path.name}.partial"
        try:
            shutil.copy(path, partial)
            os.replace(partial, served / path.name)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise TrainingProblem(f"{served / path.name} cannot be written: {error}. The server keeps its weights.") from error
    post(url, "/collective_rpc", {"method": "reload_weights"}, key)
    post(url, "/reset_prefix_cache", None, key)
    after = served_logprobs(own["ids"], url, key)
    apart = max(abs(one - other) for one, other in zip(after, own["logprobs"], strict=True))
    # A small step moves no log-probability by more than the tolerance, but it moves them.
    if not apart <= tolerance or (is_new and after == before and apart > 0):
        why = f"a log-probability differs by {apart:.3g}{', and none has changed' if after == before else ''}"
        raise TrainingProblem(
            f"The server at {url} serves other weights than those of {checkpoint}: {why}. "
            f"Start it with --model {served}, --dtype float32 and VLLM_SERVER_DEV_MODE=1."
        )
    return {"weight_version": version, "apart": apart}


def served_logprobs(ids, url, key):
    """The server's log-probabilities of a text, from its second token on."""
    model = get(url, "/v1/models", key)["data"][0]["id"]
    asked = {"model": model, "prompt": ids, "max_tokens": 1, "temperature": 0, "prompt_logprobs": 0}
    places = post(url, "/v1/completions", asked, key)["choices"][0]["prompt_logprobs"][1:]
    return [place[str(token)]["logprob"] for token, place in zip(ids[1:], places, strict=True)]


def get(url, path, key):
    return request(urllib.request.Request(url + path), key)


def post(url, path, body, key):
    data = b"" if body is None else json.dumps(body).encode()
    return request(urllib.request.Request(url + path, data=data, headers={"Content-Type": "application/json"}), key)


def request(asked, key):
    asked.add_header("Authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(asked, timeout=120) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        hint = " Start it with VLLM_SERVER_DEV_MODE=1." if error.code == 404 else ""
        raise TrainingProblem(f"{asked.full_url} answered {error.code}: {error.read()[:200]!r}.{hint}") from error
    except OSError as error:
        raise TrainingProblem(f"{asked.full_url} cannot be reached: {error}. Start the server first.") from error
    return json.loads(text) if text else None
