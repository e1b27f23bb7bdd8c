import { ThreadweaverError } from "../../errors.ts";
import type { ServerClient } from "../http/server-client.ts";
import { IdRange } from "../id-range.ts";
import { overrideProfile } from "../profile-overrides.ts";
import type { ServerOptions } from "../server-options.ts";
import { ChatTokenizer } from "../tokenizer/chat/chat-tokenizer.ts";
import { CodePointCodec } from "../tokenizer/code-point-codec.ts";
import type { Codec } from "../tokenizer/codec.ts";
import { TextCodec } from "../tokenizer/text-codec.ts";
import type { ServerVocabulary } from "../vocabulary.ts";
import { encodeMany } from "./encode-many.ts";
import { contextOf } from "./inspect.ts";
import { chooseCodec, fittedTo } from "./inspect-completions.ts";
import type { Fitted, Inspection } from "./inspection.ts";
import { chooseModel, itHas } from "./models.ts";
import type { ServerReport } from "./server-report.ts";
import { suspectControls } from "./server-vocabulary.ts";

/**
 * What was found out before, from a report. One request is made: whether the server is there, takes the key and still
 * has the model.
 *
 * @throws `invalid_option` for another model than that of the report, `engine_refused` where the server has another one.
 */
export async function restore(client: ServerClient, report: ServerReport, options: ServerOptions): Promise<Inspection> {
  if (options.model !== undefined && options.model !== report.model) {
    const message = `The report is of the model ${report.model}, not of ${options.model}. Leave it out, or probe the other one.`;
    throw new ThreadweaverError("invalid_option", message);
  }
  client.settle(report.base);
  const model = await chooseModel(client, report.model);
  const wasListed = report.warnings.every(({ code }) => code !== "model-unlisted");
  if (model.warnings.length > 0 && wasListed) {
    const message = `${client.address} no longer has the model ${report.model} of the report. ${itHas(model.listed ?? [])} Probe it again.`;
    throw new ThreadweaverError("engine_refused", message);
  }
  const fitted = await fittedAgain(client, report, options);
  const { kind, version, vocabularySize, slots } = report;
  const serverContext = model.context ?? report.serverContext;
  return {
    ...fitted,
    contextTokens: contextOf(serverContext, fitted.profile, options.contextTokens),
    reportsCache: report.reportsCachedTokens,
    noticed: [],
    identity: {
      kind,
      version,
      isDirect: false,
      model: report.model,
      listed: model.listed,
      serverContext,
      vocabularySize,
      cacheReport: undefined,
      slots,
      eosToken: undefined,
      warnings: [],
    },
  };
}

async function fittedAgain(
  client: ServerClient,
  report: ServerReport,
  { controls = [], profile: overrides, tokenizer }: ServerOptions,
): Promise<Omit<Fitted, "reportsCache">> {
  const profile = overrideProfile(report.profile, overrides);
  const range = new IdRange(profile.badIdsAreFatal);
  range.size = report.vocabularySize;
  const vocabulary = vocabularyOf(report);
  if (report.tier === "chat-continue" || report.tier === "chat-only") {
    const chat = new ChatTokenizer(suspectControls(controls));
    const continues = report.tier === "chat-continue";
    const promptOf: Fitted["promptOf"] = (ids) => chat.messages(ids, continues);
    return { profile, tier: report.tier, codec: new CodePointCodec(), tokenizer: chat, promptOf, range, vocabulary };
  }
  const server = profile.paths.tokenize === null ? undefined : new TextCodec(client, report.model, profile, range);
  const codec = chooseCodec(profile, server, tokenizer && { tokenizer, vocabulary });
  for (const { text, ids } of vocabulary.markers) codec.remember?.(text, ids);
  for (const [text, id] of vocabulary.controls) codec.remember?.(text, [id]);
  if (!(codec instanceof CodePointCodec)) await learnFurther(codec, vocabulary, controls);
  return { ...fittedTo(profile, codec, vocabulary, controls), range };
}

/** Looks up the control strings that were not asked about when the report was made. */
async function learnFurther(codec: Codec, vocabulary: ServerVocabulary, given: readonly string[]): Promise<void> {
  const asked = new Set(vocabulary.markers.map(({ text }) => text));
  const further = given.filter((text) => !asked.has(text));
  if (further.length === 0) return;
  for (const [text, ids] of await encodeMany(codec, further)) {
    const [id, ...more] = ids;
    const isOne = id !== undefined && more.length === 0;
    if (isOne) vocabulary.controls.set(text, id);
    const inVocabulary = ids.every((one) => one < (vocabulary.size ?? Infinity));
    vocabulary.markers.push({ text, ids, special: isOne ? undefined : false, inVocabulary });
  }
}

function vocabularyOf({ bos, eos, controls, vocabularySize, markers }: ServerReport): ServerVocabulary {
  const special = markers.flatMap(({ ids, special: isSpecial }): [number, boolean][] => {
    const [id] = ids;
    return id === undefined || isSpecial === undefined ? [] : [[id, isSpecial]];
  });
  return {
    bos,
    eos: [...eos],
    controls: new Map(Object.entries(controls)),
    size: vocabularySize,
    markers: [...markers],
    special: new Map(special),
  };
}
