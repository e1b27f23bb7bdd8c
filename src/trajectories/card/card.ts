import type { Reason, StepCost, Yield } from "./tally.ts";

/** What a data card says besides the numbers. */
export interface CardSubject {
  /** Such as `rewrite`: how the texts were made. */
  readonly kind: string;
  readonly model: string;
  /** The format of the texts. */
  readonly dialect: string;
  /** ISO 8601, when the generation began. */
  readonly created: string;
  /** The version of the program. */
  readonly version: string;
  readonly sources: { readonly name: string; readonly sha256: string; readonly count: number };
  /** All that the texts depend on, by name. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The unit of lengths. */
  readonly unit: string;
  /** More lines on what was made, such as what became of the lines of the sources. */
  readonly more?: readonly string[] | undefined;
}

const kinds: Readonly<Record<string, string>> = {
  rewrite: "Each text is a sequential trace, rewritten: a model said which of its steps depend on each other.",
  prompted: "Each text is a run of a model that was prompted to plan and to write threads, put into the target format.",
  self: "Each text was written by the model itself, in runs with parallel threads.",
};

/** The data card of a generation, as Markdown. */
export function dataCard(subject: CardSubject, numbers: Yield): string {
  const { kind, model, dialect, created, version, sources, settings, unit, more = [] } = subject;
  const { kept, withText, texts, reasons, costs } = numbers;
  const all = kept.parallel + kept.sequential;
  const missing = sources.count - numbers.sources;
  const lines = [
    `# ${all} texts in ${dialect}`,
    kinds[kind] ?? "",
    list([
      `Model: ${model}`,
      `Sources: ${sources.count} of ${sources.name} (SHA-256 \`${sources.sha256}\`)${missing > 0 ? `, of which ${missing} are not done` : ""}`,
      `Made by threadweaver ${version}, begun ${created}`,
      ...Object.entries(settings).flatMap(([name, value]) =>
        value === undefined ? [] : `${name}: ${JSON.stringify(value)}`,
      ),
    ]),
    "## Yield",
    `${withText} of ${numbers.sources} sources gave a text (${percent(withText, numbers.sources)}): ${kept.parallel} parallel and ${kept.sequential} sequential texts.`,
    reasonTable(reasons),
    "## Texts",
    kept.parallel === 0
      ? "There are no parallel texts."
      : `A parallel text has ${mean(texts.blocks, kept.parallel)} blocks, ${mean(texts.threads, kept.parallel)} threads and ${mean(texts.length, kept.parallel)} ${unit}. Its critical path is ${ratio(texts.length, texts.criticalPath)} times shorter (the ratio of the sums).`,
    ...more,
    "## Cost",
    costTable(costs),
    "## What was checked",
    "Every text is well-formed in its format, and its answer equals the right one. Whether each step before the answer is true was not checked.",
    "## Licence",
    "The texts come from the sources and from the model, and have their licences. State them here before you share the file.",
  ];
  return `${lines.filter((line) => line !== "").join("\n\n")}\n`;
}

function reasonTable(reasons: readonly Reason[]): string {
  if (reasons.length === 0) return "";
  const rows = reasons.map(({ step, code, count, example }) => [
    `${step}: ${code}`,
    `${count}`,
    cell(`${example.id}: ${example.message}`),
  ]);
  return table(["not kept because of", "texts", "for example"], rows);
}

function costTable(costs: readonly StepCost[]): string {
  if (costs.length === 0) return "No model was asked.";
  const hasPrices = costs.some(({ cost }) => cost !== null);
  const row = (name: string, { questions, prompt, cached, generated, cost }: Omit<StepCost, "step">): string[] => [
    name,
    `${questions}`,
    `${prompt}`,
    cached === null ? "unknown" : `${cached}`,
    `${generated}`,
    ...(hasPrices ? [(cost ?? 0).toFixed(4)] : []),
  ];
  const sum = (of: (cost: StepCost) => number | null): number =>
    costs.reduce((total, one) => total + (of(one) ?? 0), 0);
  const all = {
    questions: sum((one) => one.questions),
    prompt: sum((one) => one.prompt),
    cached: costs.some(({ cached }) => cached === null) ? null : sum((one) => one.cached),
    generated: sum((one) => one.generated),
    cost: sum((one) => one.cost),
  };
  const heads = ["step", "answers", "prompt tokens", "cached", "generated tokens", ...(hasPrices ? ["cost"] : [])];
  return table(heads, [...costs.map((one) => row(one.step, one)), row("all", all)]);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

/** Messages quote what models wrote. */
function cell(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|").replaceAll("<", "&lt;");
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}

function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : ((100 * part) / whole).toFixed(1)} %`;
}

function mean(sum: number, count: number): string {
  return (sum / count).toFixed(1);
}

function ratio(a: number, b: number): string {
  return b === 0 ? "1.00" : (a / b).toFixed(2);
}
