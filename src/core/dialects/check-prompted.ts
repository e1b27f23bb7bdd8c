import type { Dialect } from "./schema.ts";
import { placeholders } from "./template.ts";

/** Mistakes in what is for models that are only told about a format. One sentence each. */
export function checkPrompted(dialect: Dialect): string[] {
  return [...checkForm(dialect), ...checkEndBefore(dialect)];
}

/** A form describes plans that this dialect reads: else every plan that an engine is kept to would be empty. */
function checkForm({ plan, trigger }: Dialect): string[] {
  if (plan.source !== "outline" || plan.form === undefined || trigger.kind === "none") return [];
  const { begin, item, end, items } = plan.form;
  const problems: string[] = [];
  if (!begin.includes(plan.after)) problems.push(`plan.form.begin: it must hold plan.after, which is ${plan.after}`);
  if (trigger.kind !== "marker" || !end.endsWith(trigger.marker)) {
    problems.push("plan.form.end: it must end with the marker of the trigger, where the plan is read");
  }
  if (placeholders(item).toSorted().join() !== "id,text") {
    problems.push("plan.form.item: it must have {id} and {text}, each once, and no other placeholder");
  }
  if (items[0] > items[1]) problems.push("plan.form.items: the least is more than the most");
  return problems;
}

function checkEndBefore({ thread, context, plan }: Dialect): string[] {
  return (thread.endBefore ?? []).flatMap((text, i) => {
    const where = `thread.endBefore[${i}]`;
    if (thread.stop.includes(text)) return [`${where}: a thread cannot end both at a marker and before it`];
    const names = placeholders(text);
    if (names.length === 0) return [];
    const header = context.kind === "prefix" ? placeholders(context.header.prompt) : [];
    const unknown = names.find((name) => !header.includes(name));
    if (plan.source !== "outline" || unknown !== undefined) {
      const name = unknown ?? names[0] ?? "";
      return [`${where}: {${name}} is that of the other threads, so it must be one of context.header.prompt too`];
    }
    return [];
  });
}
