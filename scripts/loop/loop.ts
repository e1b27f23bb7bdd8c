import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RunningServer } from "../servers/start.ts";
import { LoopClock } from "./clock.ts";
import { flagsOf, threadweaver } from "./commands.ts";
import {
  problemsOf,
  readLines,
  rowsToTeach,
  tasksOf,
  textsOf,
  writeLines,
  writeWhole,
  type LoopTasks,
} from "./data.ts";
import { beginOfSequential } from "./tasks/texts.ts";
import { base, bundledModel, startTrainee } from "./serve.ts";
import type { Size } from "./sizes.ts";
import type { Trainer } from "./trainer.ts";

export interface LoopSetup {
  /** The folder for all that it makes. */
  readonly out: string;
  readonly size: Size;
  readonly seed: number;
  readonly trainer: Trainer;
  readonly apiKey: string;
  /** Also GRPO with deviation, from the weights that P-GRPO begins with, on the same problems. */
  readonly compare: boolean;
}

/** One loop in its folder. Each thing that it makes is there as a whole or not at all, and is not made twice. */
export class Loop {
  readonly tasks: LoopTasks;
  readonly #setup: LoopSetup;
  readonly #clock: LoopClock;
  /** The checkpoint that the server has. */
  #loaded: { checkpoint: string; version: string } | undefined;

  constructor(setup: LoopSetup) {
    this.#setup = setup;
    this.tasks = tasksOf(setup.size, setup.seed);
    this.#clock = new LoopClock(join(setup.out, "times.jsonl"));
  }

  async run(): Promise<void> {
    const { apiKey, compare } = this.#setup;
    await this.#data();
    const taught = this.#at("sft");
    // The server takes a minute to start, and so does the first training.
    const [started, sft] = await Promise.allSettled([
      this.#clock.time("server", "vLLM is ready", () => startTrainee(this.#at("served"), apiKey)),
      this.#sft(taught),
    ]);
    if (started.status === "rejected") throw started.reason;
    await using server = started.value;
    if (sft.status === "rejected") throw sft.reason;
    await this.#evaluate(server, taught, "taught");
    const begin = await this.#selfTrain(server, taught);
    await this.#evaluate(server, begin, "self-trained");
    const last = await this.#reinforce(server, begin, "p-grpo");
    await this.#evaluate(server, last, "reinforced");
    await this.#evaluateEmbedded(last);
    if (compare) await this.#evaluate(server, await this.#reinforce(server, begin, "grpo"), "grpo");
  }

  async #data(): Promise<void> {
    const [all, rows] = [this.#at("sft-all-rows.jsonl"), this.#at("sft-rows.jsonl")];
    if (existsSync(rows)) return;
    await this.#clock.time("data", "finished texts as rows", async () => {
      const { taught, evaluated } = this.tasks;
      writeLines(this.#at("texts.jsonl"), textsOf(taught, this.#setup.seed));
      writeLines(this.#at("evaluated.jsonl"), problemsOf(evaluated));
      await threadweaver(["data", "export", this.#at("texts.jsonl"), ...sftFormat, "--output", all, "--overwrite"]);
      writeLines(rows, rowsToTeach(readLines(all), this.#setup.seed));
      rmSync(all);
    });
  }

  async #sft(checkpoint: string): Promise<void> {
    if (existsSync(checkpoint)) return;
    const { steps, lr } = this.#setup.size.sft;
    await this.#clock.time("sft", `${steps} steps of supervised training`, () =>
      this.#supervise({ model: base, rows: this.#at("sft-rows.jsonl"), out: checkpoint, steps, lr }),
    );
  }

  #supervise(what: { model: string; rows: string; out: string; steps: number; lr: number }): Promise<string> {
    const { size, seed, trainer } = this.#setup;
    const how = { seed, "step-tokens": size.sft.stepTokens, metrics: `${what.out}-metrics.jsonl` };
    return trainer.run(["sft", ...flagsOf({ ...what, ...how })]);
  }

  /** Trains on the first right answers of the model itself. @returns the checkpoint, or the one before if none was right */
  async #selfTrain(server: RunningServer, taught: string): Promise<string> {
    const checkpoint = this.#at("self");
    if (existsSync(checkpoint)) return checkpoint;
    const { size, seed } = this.#setup;
    const { problems, tries, steps } = size.self;
    await this.#reload(server, taught);
    writeLines(this.#at("own.jsonl"), problemsOf(this.tasks.own));
    const folder = this.#at("own");
    const [texts, rows] = [join(folder, "trajectories.jsonl"), join(folder, "rows.jsonl")];
    return this.#clock.time("self-training", `self-training on up to ${problems} own answers`, async () => {
      const what = { dataset: "tasks", path: this.#at("own.jsonl"), columns, out: folder, tries, seed: seed + 3 };
      const how = { temperature: 1, ...sampling, "max-tokens": size.mostTokens, "sequential-share": 1 };
      const sample = [
        "trajectories",
        "sample",
        ...flagsOf({ ...what, ...how, template, "min-gain": 0 }),
        "--raw",
        "--resume",
      ];
      await this.#client(server, sample);
      if (statSync(texts).size === 0) {
        console.log("none of its answers was right: self-training is left out");
        return taught;
      }
      rmSync(rows, { force: true });
      await threadweaver(["data", "export", texts, ...sftFormat, "--output", rows]);
      await this.#supervise({ model: taught, rows, out: checkpoint, steps, lr: size.sft.lr / 4 });
      return checkpoint;
    });
  }

  /** For llama.cpp and the embedded engine. @returns the file */
  async #export(checkpoint: string): Promise<string> {
    const out = this.#at("model.gguf");
    if (existsSync(out)) return out;
    await this.#clock.time("export", `${checkpoint} as ${out}`, () =>
      this.#setup.trainer.run(["gguf", ...flagsOf({ model: checkpoint, like: bundledModel, out })]),
    );
    return out;
  }

  /** All steps of one method. @returns the last checkpoint */
  async #reinforce(server: RunningServer, begin: string, method: Method): Promise<string> {
    const { steps } = this.#setup.size.rl;
    const began = performance.now();
    let [last, done] = [begin, 0];
    for (let step = 1; step <= steps; step += 1) {
      const checkpoint = join(stepFolder(this.#setup.out, method, step), "checkpoint");
      if (!existsSync(checkpoint)) {
        // oxlint-disable-next-line no-await-in-loop -- each step begins with the weights of the one before it
        await this.#step(server, { before: last, method, step });
        done += 1;
        this.#clock.left(began, done, steps - step);
      }
      last = checkpoint;
    }
    return last;
  }

  async #step(
    server: RunningServer,
    { before, method, step }: { before: string; method: Method; step: number },
  ): Promise<void> {
    const { size, seed, trainer } = this.#setup;
    const { problems, group, lr } = size.rl;
    const folder = stepFolder(this.#setup.out, method, step);
    const version = await this.#reload(server, before);
    writeLines(join(folder, "problems.jsonl"), problemsOf(this.tasks.steps[step - 1] ?? []));
    const sampled = {
      input: join(folder, "problems.jsonl"),
      out: folder,
      "weight-version": version,
      seed: seed + step,
      "max-tokens": size.mostTokens,
      ...sampling,
    };
    const summary = await this.#clock.time("rollouts", `step ${step}: ${problems * group} rollouts`, () =>
      this.#client(server, ["rollout", ...flagsOf({ ...sampled, group }), "--json", "--resume"]),
    );
    // Written before the checkpoint, since a step counts as done once its checkpoint is there.
    writeWhole(join(folder, "sampled.json"), summary);
    const files = { model: before, rows: join(folder, "rows.jsonl"), out: join(folder, "checkpoint") };
    const numbers = await this.#clock.time(method, `step ${step}: ${method}`, () =>
      trainer.run(["pgrpo", ...flagsOf({ ...files, lr, step }), ...(method === "grpo" ? ["--by-deviation"] : [])]),
    );
    console.log(numbers.trim());
  }

  async #evaluate(server: RunningServer, checkpoint: string, name: Evaluation): Promise<void> {
    if (existsSync(this.#evaluation(name))) return;
    await this.#reload(server, checkpoint);
    await this.#evaluateOn(name, (args) => this.#client(server, args));
  }

  /** The same weights once more, as float16 in this library's own engine. */
  async #evaluateEmbedded(checkpoint: string): Promise<void> {
    if (existsSync(this.#evaluation("embedded"))) return;
    const engine = ["--engine", "llama", "--model", await this.#export(checkpoint), "--dialect", "threadweaver"];
    await this.#evaluateOn("embedded", (args) => threadweaver([...args, ...engine]));
  }

  async #evaluateOn(name: Evaluation, ask: (args: string[]) => Promise<string>): Promise<void> {
    const partial = `${this.#evaluation(name)}.partial`;
    // Other weights may have answered before: an evaluation is made in one go.
    rmSync(partial, { recursive: true, force: true });
    const { seed, size } = this.#setup;
    const what = { dataset: "tasks", path: this.#at("evaluated.jsonl"), columns, seed };
    const how = { temperature: 0, "token-limit": size.mostTokens, concurrency: 4 };
    await this.#clock.time("evaluation", `evaluation, ${name}`, async () => {
      for (const { arm, begin } of arms) {
        const own = {
          arms: arm,
          out: join(partial, arm),
          template: `${template}${begin}`,
          "special-in-prompt": "parse",
        };
        // oxlint-disable-next-line no-await-in-loop -- each is timed, so they do not run together
        await ask(["eval", ...flagsOf({ ...what, ...how, ...own }), "--raw"]);
      }
    });
    renameSync(partial, this.#evaluation(name));
  }

  #evaluation(name: Evaluation): string {
    return this.#at(`evaluation-${name}`);
  }

  /** The name of the weights. The trainer checks that the server answers as they do. */
  async #reload(server: RunningServer, checkpoint: string): Promise<string> {
    if (this.#loaded?.checkpoint === checkpoint) return this.#loaded.version;
    const files = { model: checkpoint, served: this.#at("served"), url: server.url };
    const said = await this.#clock.time("reload", `weights of ${checkpoint} into the server`, () =>
      this.#setup.trainer.run(["reload", ...flagsOf(files)]),
    );
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is what our own command prints
    const { weight_version: version } = JSON.parse(said) as { weight_version: string };
    this.#loaded = { checkpoint, version };
    return version;
  }

  #client(server: RunningServer, args: readonly string[]): Promise<string> {
    const engine = ["--engine", `${server.url}/v1`, "--dialect", "threadweaver", "--context-tokens", "2048"];
    return threadweaver([...args, ...engine], this.#setup.apiKey);
  }

  #at(name: string): string {
    return join(this.#setup.out, name);
  }
}

/** When the model is evaluated: after finished texts, after its own ones, after P-GRPO; and the last weights as a GGUF. */
export const evaluations = ["taught", "self-trained", "reinforced", "embedded"] as const;
type Evaluation = (typeof evaluations)[number] | "grpo";

/** GRPO divides the advantages of a group by their deviation, and P-GRPO does not. */
export type Method = "p-grpo" | "grpo";

/** @param step counts from 1. */
export function stepFolder(out: string, method: Method, step: number): string {
  return join(out, method, String(step).padStart(4, "0"));
}

const sftFormat = ["--format", "sft", "--dialect", "threadweaver", "--tokenizer", base];
const columns = "id=id,question=question,answer=answer";
const template = "Q: {question}\n";
/** The twin has the same weights, and is made to go on without a fork. */
const arms = [
  { arm: "fork-join", begin: "" },
  { arm: "sequential", begin: beginOfSequential },
] as const;

const sampling = { concurrency: 32, answer: "lastBox" };
