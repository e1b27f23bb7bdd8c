"""Commands one after the other in one process: torch takes seconds to load, and a step of a small model one or two."""

import contextlib
import io
import json


def run_session(lines, run, answer):
    """Runs the commands of `lines`, each a JSON list of arguments, with `run`, which returns an exit code.

    `answer` gets a line of JSON for each: its exit code, and what it wrote on stdout. Problems go to stderr, as they do
    without a session.
    """
    for line in lines:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = run(json.loads(line))
        print(json.dumps({"code": code, "output": said.getvalue()}), file=answer, flush=True)
