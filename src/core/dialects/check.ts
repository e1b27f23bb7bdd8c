import type { Dialect } from "./schema.ts";
import { PatternError, compilePattern, type Pattern } from "../scanner/pattern.ts";
import { checkPrompted } from "./check-prompted.ts";
import { allThreadStops } from "./markers.ts";
import { placeholders } from "./template.ts";

/**
 * Finds what a schema cannot see: parts of a dialect that do not fit together. Returns one sentence for each mistake.
 */
export function checkDialect(dialect: Dialect): string[] {
  return [
    ...checkPatterns(dialect),
    ...checkShape(dialect),
    ...checkTemplates(dialect),
    ...checkStops(dialect),
    ...checkPrompted(dialect),
    ...checkFunctions(dialect),
  ];
}

function patternsOf({ trigger, plan }: Dialect): [where: string, source: string][] {
  const patterns: [string, string][] = [];
  if (plan.source === "outline") patterns.push(["plan.item", plan.item]);
  if (trigger.kind === "inline") patterns.push(["trigger.spawn", trigger.spawn]);
  if (trigger.kind === "inline" && trigger.wait !== undefined) patterns.push(["trigger.wait", trigger.wait]);
  return patterns;
}

function checkPatterns(dialect: Dialect): string[] {
  return patternsOf(dialect).flatMap(([where, source]) => {
    try {
      const captures = capturesOf(compilePattern(source));
      return captures.includes("id")
        ? []
        : [`${where}: the pattern must capture {id:…}, which distinguishes the threads`];
    } catch (error) {
      if (error instanceof PatternError) return [`${where}: ${error.message}`];
      throw error;
    }
  });
}

function capturesOf({ head, tail }: Pattern): string[] {
  const names = [...head, ...(tail ?? [])].flatMap((step) => (step.kind === "capture" ? [step.name] : []));
  return tail === undefined ? names : [...names, "text"];
}

function checkShape(dialect: Dialect): string[] {
  const { needs, trigger, plan, context, join, after, thread } = dialect;
  const problems: string[] = [];
  const inline = trigger.kind === "inline";
  const forks = trigger.kind !== "none";
  if (forks && inline !== (plan.source === "inline")) {
    problems.push("plan.source: an inline trigger and an inline plan belong together");
  }
  if (forks && inline !== (join.shape === "fill")) {
    problems.push(
      "join.shape: `fill` puts a result where the text waits for it, so it goes with an inline trigger only",
    );
  }
  const atStart = trigger.kind === "start";
  if (forks && (plan.source === "host") !== (context.kind === "given")) {
    problems.push(
      "context.kind: `given` is what a program gives for each thread, so it and a plan `host` belong together",
    );
  }
  if (forks && (plan.source === "rounds") !== (context.kind === "prompt")) {
    problems.push("context.kind: `prompt` is asked anew in each round, so it and a plan `rounds` belong together");
  }
  if (context.kind === "prompt" && context.later === undefined && plan.source === "rounds" && plan.counts.length > 1) {
    problems.push("context.later: each round after the first needs a question of its own");
  }
  if (forks && plan.source === "rounds" && (!atStart || join.shape !== "display")) {
    problems.push("plan.source: `rounds` goes with the trigger `start` and the join `display` only");
  }
  if (forks && plan.source === "host" && !atStart) {
    problems.push(
      "trigger.kind: the threads of a plan `host` are given when a run starts, so the trigger must be `start`",
    );
  }
  if (atStart && plan.source === "outline") {
    problems.push("plan.source: main has written nothing at the start, so there is no outline to read");
  }
  if (forks && !atStart && join.shape === "turn") {
    problems.push("join.shape: main's text begins after a `turn`, so the trigger must be `start`");
  }
  if (join.shape === "append" && context.kind !== "prefix") {
    problems.push("join.shape: `append` puts threads after their parent's text, so context.kind must be `prefix`");
  }
  if (forks && needs !== "text" && context.kind === "text") {
    problems.push("needs: a thread whose context is a `text` cannot run on a chat, so needs must be `text`");
  }
  if (forks && !inline && needs === "chat-only" && (context.kind === "prefix" || join.shape === "replaceBlock")) {
    problems.push(
      "needs: the text continues inside a turn after a fork or a join, so needs must be more than `chat-only`",
    );
  }
  if (inline && context.kind === "prefix") {
    problems.push("context.kind: threads spawned inline have a fresh context (`text` or `chat`)");
  }
  if (after.kind === "phase" && join.shape !== "append") {
    problems.push("after: a phase follows a join of shape `append` only");
  }
  if (context.kind === "chat") {
    for (const [i, { content, trusted = false }] of context.messages.entries()) {
      if (trusted && (typeof content !== "string" || placeholders(content).length > 0)) {
        problems.push(`context.messages[${i}].trusted: only text that is wholly the dialect's own can be trusted`);
      }
    }
  }
  if (thread.tailTokens > 0 && thread.stop.length === 0) {
    problems.push("thread.tailTokens: a tail follows a stop marker, but thread.stop has none");
  }
  if (trigger.kind === "marker" && thread.maxDepth > 1 && allThreadStops(dialect).includes(trigger.marker)) {
    problems.push("thread.stop: a thread that may fork cannot end at the marker at which it forks");
  }
  return problems;
}

function checkTemplates(dialect: Dialect): string[] {
  const { context, join } = dialect;
  const captured = new Set(["id", "index", ...patternsOf(dialect).flatMap(([, source]) => safeCaptures(source))]);
  const templates: [string, string | { fn: string } | undefined, string[]][] = [];
  if (context.kind === "prefix") {
    for (const key of ["prompt", "first", "rest"] as const)
      templates.push([`context.header.${key}`, context.header[key], []]);
  } else if (context.kind === "text") {
    templates.push(["context.text", context.text, []]);
  } else if (context.kind === "chat") {
    for (const [i, message] of context.messages.entries()) {
      templates.push([`context.messages[${i}].content`, message.content, []]);
    }
    templates.push(["context.prefill", context.prefill, []]);
  }
  if (join.shape === "replaceBlock" || join.shape === "fill") {
    templates.push(["join.each.some", join.each.some, ["return"]], ["join.each.none", join.each.none, []]);
  }
  return templates.flatMap(([where, template, more]) =>
    typeof template !== "string"
      ? []
      : placeholders(template)
          .filter((name) => !captured.has(name) && !more.includes(name))
          .map(
            (name) =>
              `${where}: {${name}} is not known here; known are ${[...captured, ...more].map((n) => `{${n}}`).join(" ")}`,
          ),
  );
}

/** A stop marker has to be known before a run, so only a place in a plan of fixed size may stand in it. */
function checkStops({ plan, thread }: Dialect): string[] {
  return thread.stop.flatMap((stop, i) =>
    placeholders(stop).flatMap((name) => {
      if (name !== "index") return [`thread.stop[${i}]: {${name}} is not known here; known is {index}`];
      if (plan.source === "fixed") return [];
      return [`thread.stop[${i}]: {index} needs a plan of a \`fixed\` size, so that each marker is known before a run`];
    }),
  );
}

function safeCaptures(source: string): string[] {
  try {
    return capturesOf(compilePattern(source));
  } catch {
    return []; // already reported
  }
}

function checkFunctions(dialect: Dialect): string[] {
  const { context, join, returns, functions = {} } = dialect;
  const used: [string, string | { fn: string } | undefined][] = [["returns", returns]];
  if (context.kind === "prompt") used.push(["context.later", context.later]);
  if (context.kind === "text") used.push(["context.text", context.text]);
  if (context.kind === "chat") {
    for (const [i, { content }] of context.messages.entries()) used.push([`context.messages[${i}].content`, content]);
    used.push(["context.prefill", context.prefill]);
  }
  if (join.shape === "display") used.push(["join.render", join.render]);
  return used.flatMap(([where, what]) =>
    typeof what !== "object" || (Object.hasOwn(functions, what.fn) && typeof functions[what.fn] === "function")
      ? []
      : [
          `${where}: there is no function ${JSON.stringify(what.fn)}; known are ${Object.keys(functions).join(", ") || "none"}`,
        ],
  );
}
