import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { readAsked } from "./asked.ts";
import type { Asked } from "./asked.ts";
import { callId, choiceId } from "./call.ts";
import type { Call, Choice } from "./call.ts";
import { busy, errorBody, errorEvent } from "./errors.ts";
import { generate } from "./generation.ts";
import { answerJson } from "./http.ts";
import type { FakeAnswer, FakeModel, SeenCall } from "./options.ts";
import type { Cache } from "./prefix-cache.ts";
import { refusalOf } from "./refusals/index.ts";
import type { Refusal } from "./refusals/index.ts";
import { Replicas } from "./replicas.ts";
import type { Route } from "./routes.ts";
import { RunningCalls } from "./running-calls.ts";
import type { Settings } from "./settings.ts";
import { EventWriter } from "./sse.ts";
import { streamCall } from "./stream.ts";
import { visibleText } from "./visible-text.ts";
import { wireOf } from "./wires/index.ts";
import { refusedAnswer } from "./wires/sglang-generate.ts";

/** All completions and chats of one server. */
export class Calls {
  readonly made: SeenCall[] = [];
  readonly probes: SeenCall[] = [];
  readonly named = new RunningCalls();
  running = 0;
  readonly #settings: Settings;
  readonly #replicas: Replicas;
  #count = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#replicas = new Replicas(settings);
  }

  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    route: Route,
    body: Record<string, unknown>,
  ): Promise<void> {
    const settings = this.#settings;
    const asked = readAsked(route, body, request.headers, settings);
    const refusal = refusalOf(asked, settings, (name) => this.named.has(name));
    if (refusal !== undefined) return this.#refuse(response, asked, refusal);
    const { status, message = busy[settings.family], inStream, ...more } = settings.overload;
    if (this.running >= settings.maxCalls) {
      return this.#refuse(response, asked, {
        status,
        message,
        inStream: inStream ?? settings.family === "sglang",
        ...more,
      });
    }
    const { index: replica, cache } = this.#replicas.choose(request.headers);
    const seen: SeenCall = {
      prompt: asked.prompts[0] ?? [],
      prompts: asked.prompts,
      body,
      headers: request.headers,
      replica,
      hungUp: false,
      aborted: false,
    };
    const all = asked.isProbe ? this.probes : this.made;
    const nth = all.push(seen) - 1;
    response.once("close", () => void (seen.hungUp = !response.writableFinished));
    await (asked.streams
      ? this.#stream(response, asked, seen, nth, cache)
      : this.#answerWhole(response, asked, nth, cache));
  }

  async #stream(response: ServerResponse, asked: Asked, seen: SeenCall, nth: number, cache: Cache): Promise<void> {
    const settings = this.#settings;
    const writer = new EventWriter(response, settings);
    this.running += 1;
    if (asked.name !== undefined) this.named.add(asked.name, seenAsRunning(seen, settings));
    let call: Call | undefined;
    try {
      const asking = this.#ask(asked, (prompt, choice) => modelFor(asked, settings)(prompt, nth, choice));
      // A call that is refused at once still gets a status of its own.
      const isThere = await Promise.race([asking.then(() => true), turn(false)]);
      if (!isThere && settings.headers === "at-once") writer.begin();
      const answers = await Promise.race([asking, gone(response, settings)]);
      if (answers === undefined) return;
      const refusal = answers.find((answer) => answer.refusal !== undefined)?.refusal;
      if (refusal !== undefined) return this.#refuse(response, asked, fromAnswer(refusal, settings));
      writer.rewrite = answers.find(({ rewrite }) => rewrite !== undefined)?.rewrite;
      if (settings.headers === "at-once") writer.begin();
      call = await this.#begin(asked, answers, cache);
      await streamCall(call, writer, seenAsRunning(seen, settings));
    } finally {
      this.running -= 1;
      if (asked.name !== undefined) this.named.delete(asked.name);
      for (const choice of call?.choices ?? []) choice.cache.release();
    }
  }

  async #answerWhole(response: ServerResponse, asked: Asked, nth: number, cache: Cache): Promise<void> {
    const settings = this.#settings;
    const answers = await this.#ask(asked, (prompt, choice) => modelFor(asked, settings)(prompt, nth, choice));
    const refusal = answers.find((answer) => answer.refusal !== undefined)?.refusal;
    if (refusal !== undefined) return this.#refuse(response, asked, fromAnswer(refusal, settings));
    const call = await this.#begin(asked, answers, cache);
    for (const { prompt, generated, cache: entry } of call.choices) {
      entry.computed([...prompt, ...generated.ids.slice(0, -1)]);
      entry.release();
    }
    const ending = call.choices.find(({ generated }) => generated.finish === undefined)?.generated.ending;
    if (ending === "silence") return;
    if (ending === "drop" || ending === "end") return void response.socket?.destroy();
    if (ending === "error") {
      const message = "EngineCore encountered an issue. See stack trace (above) for the root cause.";
      return this.#refuse(response, asked, { status: 500, message });
    }
    answerJson(response, settings, 200, wireOf(settings, asked.route).whole(call));
  }

  /** Returns one answer for each prompt and each of its `n`. */
  #ask(
    { prompts, n }: Asked,
    model: (prompt: string, choice: number) => string | FakeAnswer | Promise<string | FakeAnswer>,
  ): Promise<FakeAnswer[]> {
    const texts = prompts.flatMap((prompt) => Array.from({ length: n }, () => this.#settings.tokenizer.decode(prompt)));
    return Promise.all(
      texts.map(async (text, choice) => {
        const answer = await model(text, choice);
        return typeof answer === "string" ? { text: answer } : answer;
      }),
    );
  }

  async #begin(asked: Asked, answers: readonly FakeAnswer[], cache: Cache): Promise<Call> {
    const settings = this.#settings;
    const id = callId(settings, asked, this.#count++);
    const choices = answers.map((answer, index): Choice => {
      const prompt = asked.prompts[Math.floor(index / asked.n)] ?? [];
      const choice: Choice = {
        index,
        id: choiceId(settings, asked, id, index, answers.length),
        prompt,
        isFirstOfPrompt: index % asked.n === 0,
        cache: cache.begin(prompt),
        generated: generate(settings, asked, prompt, answer),
        visible: visibleText(settings, asked, prompt, () => choice.generated),
      };
      return choice;
    });
    await Promise.all(choices.map(({ cache: entry }) => entry.ready));
    return { id, settings, asked, choices };
  }

  #refuse(response: ServerResponse, asked: Asked, refusal: Refusal): void {
    const settings = this.#settings;
    const { route, streams } = asked;
    // SGLang's own route refuses every stream inside HTTP 200.
    const inside = streams && (route === "generate" || refusal.inStream === true || response.headersSent);
    if (!inside || refusal.body !== undefined) {
      const { retryAfter } = refusal;
      const headers: Record<string, string> = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
      return answerJson(response, settings, refusal.status, errorBody(settings, route, refusal), headers);
    }
    const writer = new EventWriter(response, settings);
    if (route === "generate" && (refusal.status >= 500 || refusal.aborts === true)) {
      const id = callId(settings, asked, this.#count++);
      writer.event(refusedAnswer(id, { asked, settings }, refusal));
    } else writer.data(errorEvent(settings, route, refusal));
    writer.end(wireOf(settings, route).done);
  }
}

function modelFor({ isProbe }: Asked, { model, probed }: Settings): FakeModel {
  return isProbe ? probed : model;
}

function fromAnswer({ message, inStream, ...more }: NonNullable<FakeAnswer["refusal"]>, { family }: Settings): Refusal {
  return { message: message ?? busy[family], inStream: inStream ?? family === "sglang", ...more };
}

/** Resolves when the client has hung up, where that ends a call. */
function gone(response: ServerResponse, { onDisconnect }: Settings): Promise<undefined> {
  return new Promise((resolve) => {
    if (onDisconnect === "abort") response.once("close", () => resolve(undefined));
  });
}

function seenAsRunning(seen: SeenCall, { onDisconnect }: Settings): { readonly gone: boolean; aborted: boolean } {
  return {
    get gone() {
      return seen.hungUp && onDisconnect === "abort";
    },
    get aborted() {
      return seen.aborted;
    },
    set aborted(value) {
      seen.aborted = value;
    },
  };
}
