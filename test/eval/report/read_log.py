"""What Inspect reads of a log: read_log.py FILE. It is read whole, by its head alone, and after Inspect wrote it anew."""

import json
import sys
from pathlib import Path

from inspect_ai.log import list_eval_logs, read_eval_log, write_eval_log
from inspect_ai.scorer import value_to_float

path = sys.argv[1]
log = read_eval_log(path)
head = read_eval_log(path, header_only=True)
listed = [[Path(one.name).name, one.task] for one in list_eval_logs(str(Path(path).parent))]
anew = path.replace(".json", ".eval")
write_eval_log(log, anew)
again = read_eval_log(anew)

to_float = value_to_float()
by_problem = {}
for sample in again.samples:
    by_problem.setdefault(sample.id, []).append(to_float(sample.scores["threadweaver"].value))
means = [sum(values) / len(values) for values in by_problem.values()]

json.dump(
    {
        "version": log.version,
        "listed": listed,
        "completed": str(head.stats.completed_at),
        "status": head.status,
        "task": head.eval.task,
        "model": head.eval.model,
        "temperature": head.eval.model_generate_config.temperature,
        "epochs": head.eval.config.epochs,
        "metrics": {name: metric.value for name, metric in head.results.scores[0].metrics.items()},
        "accuracy": sum(means) / len(means) if means else None,
        "usage": {name: usage.total_tokens for name, usage in head.stats.model_usage.items()},
        "samples": [
            {
                "id": sample.id,
                "epoch": sample.epoch,
                "input": sample.input,
                "target": sample.target,
                "completion": sample.output.completion,
                "stop": sample.output.stop_reason,
                "score": to_float(sample.scores["threadweaver"].value),
                "answer": sample.scores["threadweaver"].answer,
                "tokens": sum(usage.total_tokens for usage in sample.model_usage.values()),
                "seconds": sample.total_time,
                "limit": sample.limit.type if sample.limit else None,
            }
            for sample in log.samples
        ],
    },
    sys.stdout,
)
