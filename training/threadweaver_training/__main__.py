"""python -m threadweaver_training sft|pgrpo|reload|gguf|markers|session: what a loop of training does, one step at a time (docs/loop.md)."""

import argparse
import json
import os
import sys
from pathlib import Path

from .device import computing_on
from .problem import TrainingProblem


def main(arguments):
    options = parser().parse_args(arguments)
    try:
        with computing_on(options.device):
            options.run(options)
    except (TrainingProblem, ValueError) as problem:
        print(f"threadweaver_training: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"threadweaver_training: {problem.filename or ''}: {problem.strerror or problem}", file=sys.stderr)
        return 1
    return 0


def run_sft(options):
    from . import sft
    from .checkpoint import save_checkpoint
    from .model import load_model
    from .progress import Progress
    from .step import new_optimizer
    from .weights import digest_of, weight_version
    from .whole import refuse_existing

    refuse_existing(options.out)
    model = load_model(options.model)
    if options.lora:
        import torch

        from .lora import merged, with_lora

        # Its matrices begin by chance.
        torch.manual_seed(options.seed)
        model = with_lora(model, options.model, options.lora)
    optimizer = new_optimizer(model, options.lr)
    rows = sft.as_rows(read_lines(options.rows))
    tokens = {"step_tokens": options.step_tokens, "batch_tokens": options.batch_tokens}
    how = {"steps": options.steps, "learning_rate": options.lr, "seed": options.seed, **tokens}
    began_with = {**how, "model": weight_version(options.model), "rows": digest_of(options.rows), "lora": options.lora}
    kept = {"steps": options.steps, "every": options.keep_every, "settings": began_with}
    progress = Progress(f"{options.out}.interrupted", model, optimizer, **kept)
    metrics = Path(options.metrics)
    before = metrics.read_text().splitlines(keepends=True)[: progress.done] if progress.done else []
    metrics.write_text("".join(before))
    with metrics.open("a") as file:
        sft.train(model, optimizer, rows, **how, progress=progress, log=lambda line: print(json.dumps(line), file=file, flush=True))
    if options.lora:
        model = merged(model)
    # The next phase begins with an optimizer of its own: its gradients have another size.
    save_checkpoint(options.out, model, new_optimizer(model, options.lr), source=options.model)
    progress.over()


def run_pgrpo(options):
    from . import pgrpo
    from .checkpoint import load_optimizer, save_checkpoint
    from .model import load_model
    from .rows import read_rows, read_tries
    from .step import new_optimizer
    from .weights import weight_version
    from .whole import refuse_existing

    refuse_existing(options.out)
    model = load_model(options.model)
    optimizer = new_optimizer(model, options.lr)
    load_optimizer(options.model, optimizer)
    tries = None if options.tries is None else read_tries(options.tries)
    how = {"learning_rate": options.lr, "batch_tokens": options.batch_tokens, "max_drift": options.max_drift}
    rows = read_rows(options.rows)
    pgrpo.check_weights(rows, weight_version(options.model), options.model)
    if options.by_deviation:
        rows = pgrpo.divided_by_deviation(rows)
    numbers = pgrpo.train_step(model, optimizer, rows, **how, tries=tries, step=options.step)
    save_checkpoint(options.out, model, optimizer, source=options.model, numbers=numbers)
    print(json.dumps(numbers))


def run_reload(options):
    from .vllm_server import reload_weights

    key = os.environ.get("THREADWEAVER_API_KEY", "")
    print(json.dumps(reload_weights(options.model, options.served, options.url, key=key)))


def run_gguf(options):
    from .gguf_file import export_gguf

    export_gguf(options.model, options.like, options.out)


def run_markers(options):
    from .markers import add_markers

    print(json.dumps(add_markers(options.model, options.out)))


def run_commands(_):
    from .session import run_session

    run_session(sys.stdin, main, sys.stdout)


def rate(text):
    """A learning rate."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no rate: expected a number above 0, such as 1e-4")
    return value


def read_lines(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def parser():
    whole = argparse.ArgumentParser(prog="threadweaver_training")
    whole.set_defaults(device="cpu")
    commands = whole.add_subparsers(required=True)
    sft = commands.add_parser("sft", help="supervised training on rows of threadweaver data export --format sft")
    pgrpo = commands.add_parser("pgrpo", help="one update of P-GRPO on rows of threadweaver rollout")
    for command in (sft, pgrpo):
        command.add_argument("--model", required=True, help="a folder in Hugging Face form, or a checkpoint of this program")
        command.add_argument("--rows", required=True)
        command.add_argument("--out", required=True, help="the new checkpoint, a folder")
        command.add_argument("--lr", type=rate, required=True)
        command.add_argument("--device", default="cpu", help="cpu, or that of torch for a GPU, such as cuda")
        command.add_argument("--batch-tokens", type=int, default=4096, help="tokens that go through the model at once")
    sft.add_argument("--steps", type=int, required=True)
    sft.add_argument("--step-tokens", type=int, default=4096, help="tokens of one update, contexts included")
    sft.add_argument("--seed", type=int, default=0)
    sft.add_argument("--lora", type=int, metavar="RANK", help="train matrices of this rank, and the markers; without it, all weights")
    sft.add_argument("--metrics", required=True, help="a file for the numbers of each step")
    sft.add_argument("--keep-every", type=int, default=100, help="after so many steps, keep what is needed to go on (OUT.interrupted)")
    sft.set_defaults(run=run_sft)
    pgrpo.add_argument("--tries", help="train on these flattened tries in place of the rows, which say the odds")
    pgrpo.add_argument("--step", type=int, default=1, help="for messages and numbers")
    pgrpo.add_argument("--max-drift", type=float, default=0.001, help="the largest mean of |ratio - 1| that is trained on")
    pgrpo.add_argument("--by-deviation", action="store_true", help="divide advantages by their group's deviation: GRPO, to compare")
    pgrpo.set_defaults(run=run_pgrpo)
    reload = commands.add_parser("reload", help="put the weights of a checkpoint into a vLLM that runs")
    reload.add_argument("--model", required=True, help="the checkpoint")
    reload.add_argument("--served", required=True, help="the folder that the server was started with")
    reload.add_argument("--url", required=True, help="such as http://127.0.0.1:8000")
    reload.set_defaults(run=run_reload)
    gguf = commands.add_parser("gguf", help="write a checkpoint as a GGUF file of float16")
    gguf.add_argument("--model", required=True, help="the checkpoint")
    gguf.add_argument("--like", required=True, help="a GGUF of the model that it was trained from: its settings are taken")
    gguf.add_argument("--out", required=True, help="the new file")
    gguf.set_defaults(run=run_gguf)
    markers = commands.add_parser("markers", help="write a pretrained model with each marker as one token")
    markers.add_argument("--model", required=True, help="a GGUF file, or a folder in Hugging Face form")
    markers.add_argument("--out", required=True, help="the new folder")
    markers.set_defaults(run=run_markers)
    session = commands.add_parser("session", help="run commands from stdin in one process: a JSON list of arguments a line")
    session.set_defaults(run=run_commands)
    return whole


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
