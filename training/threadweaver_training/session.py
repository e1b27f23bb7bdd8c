"""Commands one after the other in one process: torch takes seconds to load, and a step of a small model one or two."""

import contextlib
import io
import json
import traceback


def run_session(lines, run, answer):
    """Runs the commands of `lines`, each a JSON list of arguments, with `run`, which returns an exit code.

    `answer` gets a line of JSON for each: its exit code, and what it wrote on stdout. Problems go to stderr, as they do
    without a session.
    """
    for line in lines:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = code_of(run, json.loads(line))
        print(json.dumps({"code": code, "output": said.getvalue()}), file=answer, flush=True)


def code_of(run, arguments):
    """What no command should raise ends that command, and not those after it."""
    try:
        return run(arguments)
    except SystemExit as ended:
        # argparse ends a program whose arguments it refuses.
        return ended.code or 1
    except Exception:
        traceback.print_exc()
        return 1
