/**
 * What a worker runs in Python. Its time-outs are off: they use a signal, and what they stop is not all that may hang. The
 * parent kills the process instead.
 */
export const program = `
import json, sys
try:
    from importlib.metadata import version
    from math_verify import parse, verify
    parse("\\\\boxed{1}", parsing_timeout=None)
except Exception as error:
    sys.stderr.write(f"{type(error).__name__}: {error}")
    sys.exit(3)
def say(value):
    sys.stdout.write(json.dumps(value) + "\\n")
    sys.stdout.flush()
say({"version": version("math-verify")})
for line in sys.stdin:
    pair = json.loads(line)
    try:
        gold = parse(pair["gold"], parsing_timeout=None)
        answer = parse(pair["answer"], parsing_timeout=None)
        say({"equal": bool(verify(gold, answer, timeout_seconds=None))})
    except Exception as error:
        say({"failed": f"{type(error).__name__}: {error}"})
`;
