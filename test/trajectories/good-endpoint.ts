/** What a question of stage 1 asks, by its words. */
type Asked = "steps" | "needs" | "edits" | "outlines" | "summary";

/** Answers the questions of stage 1 by rules, as a good model would: it reads no more than what it is sent. */
export function goodAnswer(prompt: string): { asked: Asked; items: readonly unknown[] } {
  const first = prompt.split("cannot be used")[0] ?? prompt;
  if (first.includes("Divide the solution into steps")) return { asked: "steps", items: stepsOf(first) };
  if (first.includes("which earlier steps it needs")) return { asked: "needs", items: needsOf(first) };
  if (first.includes("Find what a writer could not write")) return { asked: "edits", items: editsOf(first) };
  const threads = threadsOf(first);
  if (first.includes("Write a plan for the threads")) {
    return {
      asked: "outlines",
      items: threads.map((text) => `Work out ${variables(text).at(-1)} from its definition`),
    };
  }
  return { asked: "summary", items: [threads.map((text) => `${variables(text).at(-1)} is known.`).join(" ")] };
}

/** One step a line. */
function stepsOf(prompt: string): unknown[] {
  return [...section(prompt, "Solution").matchAll(/^L(\d+): (.*)$/gm)].map(([, n, text]) => ({
    title: text === "" ? "a pause" : (text?.slice(0, 20) ?? ""),
    lines: `L${n}`,
  }));
}

/** A step needs those that define the variables that it uses, else the first one; the answer needs the step before it. */
function needsOf(prompt: string): unknown[] {
  const steps = [...section(prompt, "Steps").matchAll(/^--- step (\d+): .* ---\n([^]*?)(?=\n--- step|$(?![^]))/gm)];
  const definedBy = new Map(steps.flatMap(([, n, text]) => definitions(text ?? "").map((name) => [name, Number(n)])));
  return steps.map(([, n, text = ""]) => {
    const own = definitions(text);
    const used = variables(text).filter((name) => !own.includes(name));
    const needs = [...new Set(used.flatMap((name) => definedBy.get(name) ?? []))];
    const step = Number(n);
    if (text.includes("\\boxed")) return { step, needs: [step - 1] };
    return { step, needs: needs.length > 0 || step === 1 ? needs : [1] };
  });
}

function editsOf(prompt: string): unknown[] {
  return threadsOf(prompt).flatMap((text, i) => {
    const [old] = /As before, |In the same way, |Now that this is done, /.exec(text) ?? [];
    return old === undefined ? [] : [{ thread: i + 1, old, new: "", reason: "it points at another thread" }];
  });
}

function section(prompt: string, heading: string): string {
  const [, rest = ""] = prompt.split(`\n${heading}:\n`);
  return rest.split(/\n\n(?:The lines are|There are steps|There are \d+ threads|Answer with)/)[0] ?? "";
}

function threadsOf(prompt: string): string[] {
  return section(prompt, "Threads")
    .split(/^--- thread \d+ ---\n/m)
    .slice(1);
}

function definitions(text: string): string[] {
  return [...text.matchAll(/(x\d+) = /g)].flatMap(([, name = ""], i) => (i === 0 ? [name] : []));
}

function variables(text: string): string[] {
  return [...text.matchAll(/x\d+/g)].map(([name]) => name);
}
