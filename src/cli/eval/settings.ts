import type { DatasetOptions } from "../../eval/datasets/load.ts";
import { protocolOf } from "../../eval/protocol/presets.ts";
import { checkProtocol, type LimitKind, type Protocol } from "../../eval/protocol/protocol.ts";
import { usageError } from "../usage.ts";

interface DatasetFlags {
  readonly dataset: string | undefined;
  readonly path: string | undefined;
  readonly columns: Readonly<Record<string, string>>;
  readonly filter: Readonly<Record<string, readonly string[]>>;
  readonly limit: number | undefined;
  readonly shuffle: number | undefined;
}

/** Which problems the flags ask for. */
export function datasetOptions(flags: DatasetFlags): DatasetOptions {
  const { dataset, path, columns, filter, limit, shuffle } = flags;
  if (dataset === undefined) throw usageError("Give --dataset: bundled, or the name of a dataset with --path.", "eval");
  const { id, question, answer, ...others } = columns;
  const [other] = Object.keys(others);
  if (other !== undefined) throw usageError(`--columns names ${other}: it takes id, question and answer.`, "eval");
  const isMapped = Object.keys(columns).length > 0;
  if (isMapped && (question === undefined || answer === undefined))
    throw usageError("--columns needs both: question=COLUMN,answer=COLUMN.", "eval");
  return {
    name: dataset,
    path,
    ...(question !== undefined &&
      answer !== undefined && { columns: { ...(id !== undefined && { id }), question, answer } }),
    ...(Object.keys(filter).length > 0 && { filter }),
    limit,
    seed: shuffle,
  };
}

interface ProtocolFlags {
  readonly protocol: string;
  readonly samples: number | undefined;
  readonly template: string | undefined;
  readonly raw: boolean;
  readonly "special-in-prompt": Protocol["specialInPrompt"];
  readonly system: string | undefined;
  readonly temperature: number | undefined;
  readonly "top-p": number | undefined;
  readonly "top-k": number | undefined;
  readonly "min-p": number | undefined;
  readonly "token-limit": number | undefined;
  readonly "limit-of": LimitKind | undefined;
  readonly answer: Protocol["answer"] | undefined;
  readonly grading: string | undefined;
}

/** The protocol that was named, with what the flags change of it. */
export function protocolFrom(flags: ProtocolFlags): Protocol {
  const base = protocolOf(flags.protocol);
  const { temperature, "top-p": topP, "top-k": topK, "min-p": minP, "token-limit": tokens, "limit-of": of } = flags;
  if (of !== undefined && tokens === undefined && base.limit === undefined)
    throw usageError("--limit-of needs --token-limit.", "eval");
  const limit = tokens === undefined ? base.limit : { tokens, of: base.limit?.of ?? "critical-path" };
  const own = {
    ...base,
    form: flags.raw ? "raw" : base.form,
    ...given({ samples: flags.samples, template: flags.template, system: flags.system, answer: flags.answer }),
    ...given({ grading: flags.grading, specialInPrompt: flags["special-in-prompt"] }),
    sampling: { ...base.sampling, ...given({ temperature, topP, topK, minP }) },
    ...(limit && { limit: { ...limit, ...given({ of }) } }),
  };
  const isChanged = JSON.stringify(own) !== JSON.stringify(base);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is checked here
  return checkProtocol({ ...own, name: isChanged ? `${base.name}, changed` : base.name } as Protocol);
}

/** Without what was not given. */
function given<T extends object>(values: T): Partial<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same fields, or fewer
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
