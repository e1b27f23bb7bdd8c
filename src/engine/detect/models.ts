import * as z from "zod";
import { factsOf, ThreadweaverError } from "../../errors.ts";
import type { EngineWarning } from "../engine.ts";
import { isRefusal } from "../http/refusal.ts";
import type { ServerClient } from "../http/server-client.ts";
import { contextIn, isModel } from "./context-length.ts";

const model = z.looseObject({
  id: z.string(),
  owned_by: z.string().nullish(),
  meta: z.looseObject({ n_vocab: z.int().nullish() }).nullish(),
});
const list = z.array(model);
/** OpenAI's form, and a bare list (Together). */
const models = z.union([z.object({ data: list }), z.object({ models: list }), list, z.object({ data: z.null() })]);

/** The model that is asked for. */
export interface Model {
  id: string;
  owner: string | undefined;
  context: number | undefined;
  vocabularySize: number | undefined;
  /** The models that the server lists. Undefined where it has no list. */
  listed: readonly string[] | undefined;
  warnings: readonly EngineWarning[];
}

/**
 * Chooses a model: the one that is wanted, else the first one. Whether the server has one that it does not list, the
 * server knows best.
 *
 * @throws `engine_refused` where no model is wanted and none is listed.
 */
export async function chooseModel(client: ServerClient, wanted: string | undefined): Promise<Model> {
  const { found, refusal } = await listModels(client, wanted !== undefined);
  const listed = found?.map(({ id }) => id);
  if (wanted === undefined) {
    const [first] = found ?? [];
    if (first !== undefined) return { ...described(first), listed, warnings: [] };
    throw noModel(client.address, refusal);
  }
  const entry = found?.find(({ id }) => isModel(id, wanted));
  if (entry !== undefined) return { ...described(entry), id: wanted, listed, warnings: [] };
  // Providers take names with a suffix, such as `:nitro`.
  const base = found?.find(({ id }) => wanted.startsWith(`${id}:`));
  const warnings = listed === undefined ? [] : [unlisted(client.address, wanted, listed)];
  const { context, owner, vocabularySize } = described(base ?? found?.[0] ?? { id: wanted });
  return { id: wanted, owner, context: base && context, vocabularySize: base && vocabularySize, listed, warnings };
}

type Entry = z.infer<typeof model>;

function described(entry: Entry): Pick<Model, "id" | "owner" | "context" | "vocabularySize"> {
  const { id, owned_by: owner, meta } = entry;
  return { id, owner: owner ?? undefined, context: contextIn(entry), vocabularySize: meta?.n_vocab ?? undefined };
}

/** @param mayLack whether a server without a list will do. */
async function listModels(
  client: ServerClient,
  mayLack: boolean,
): Promise<{ found?: Entry[]; refusal?: ThreadweaverError }> {
  try {
    const answer = await client.inSomeBase(() => client.get("/v1/models", models));
    if (Array.isArray(answer)) return { found: answer };
    return { found: ("models" in answer ? answer.models : answer.data) ?? [] };
  } catch (error) {
    // A key may be good for a model and not for the list.
    const isForbidden = mayLack && ThreadweaverError.isInstance(error) && error.status === 403;
    if (!isForbidden && !isRefusal(error)) throw error;
    return { refusal: error };
  }
}

/** Nothing says which model is meant. */
function noModel(address: string, refusal: ThreadweaverError | undefined): ThreadweaverError {
  if (refusal === undefined) {
    const message = `${address} lists no model. Is one loaded? Or say which one to use: model.`;
    return new ThreadweaverError("engine_refused", message);
  }
  const message = `${address} has no list of models (/v1/models). Is baseURL right? Then say which model to use: model. ${refusal.message}`;
  return new ThreadweaverError("engine_refused", message, { ...factsOf(refusal), cause: refusal.cause });
}

const shown = 10;

function unlisted(address: string, wanted: string, listed: readonly string[]): EngineWarning {
  const message = `${address} does not list a model ${wanted}, which is asked for all the same. ${itHas(listed)}`;
  return { code: "model-unlisted", message };
}

/** The models of a server, for a message. */
export function itHas(listed: readonly string[]): string {
  if (listed.length === 0) return "It lists none.";
  const more = listed.length > shown ? `, and ${listed.length - shown} more` : "";
  return `It has: ${listed.slice(0, shown).join(", ")}${more}`;
}
