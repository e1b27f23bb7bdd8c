"""Rows for verl's V1 trainer (0.9): the list of outputs that an agent loop's `run` may return.

verl takes the statistics of a group over the last output of each rollout, and copies the advantage to the others. Set
`algorithm.norm_adv_by_std_in_grpo=False`, and the advantage is mean-centred.
"""

from verl.experimental.agent_loop.agent_loop import AgentLoopMetrics, AgentLoopOutput


def outputs(rows):
    """One output a call; the rows are those of one rollout, in the order of its calls."""
    if len({row["rollout_id"] for row in rows}) > 1:
        raise ValueError("an agent loop returns the calls of one rollout, but these rows have several")
    return [
        AgentLoopOutput(
            prompt_ids=row["prompt_ids"],
            response_ids=row["response_ids"],
            response_mask=row["response_mask"],
            response_logprobs=row["response_logprobs"],
            reward_score=row["reward"],
            num_turns=len(rows),
            metrics=AgentLoopMetrics(),
            extra_fields={
                "thread_path": row["thread_path"],
                "path_tokens": row["path_tokens"],
                "total_tokens": row["total_tokens"],
            },
        )
        for row in rows
    ]
