import { describe, expect, it } from "vitest";
import { createFlavourVocabulary, createScriptedModel, type Flavour } from "./scripted-model.ts";
import {
  INTERPRETERS,
  type Turn,
  type Run,
  runsOf,
  count,
  expectAllReached,
  endings,
  cutsToken,
  headsIn,
  threadEnds,
} from "./handwritten.ts";

describe("the scripted model", () => {
  it("is a pure function of context, threadId and callIndex", () => {
    const vocabulary = createFlavourVocabulary("npr");
    const [one, other] = [5, 5].map((seed) => createScriptedModel({ vocabulary, seed, flavour: "npr" }));
    expect(one!.output([1, 2], "0/1.1", 1)).toEqual(other!.output([1, 2], "0/1.1", 1));
  });

  it.each(Object.keys(INTERPRETERS) as Flavour[])("lets every %s run end", (flavour) => {
    for (const { turns, transcript } of runsOf(flavour, () => [])) {
      expect(turns.length).toBeLessThan(400);
      for (const { depth, end } of turns) expect(depth === 0 && end === "cut").toBe(false);
      const forks = new Set(transcript.calls.map(({ threadId }) => threadId.replace(/\.\d+$/, "")));
      if (flavour === "npr" || flavour === "multiverse") expect(forks.size).toBeLessThan(32);
    }
  });

  it("takes every path of threadweaver", () => {
    const runs = runsOf("threadweaver", ({ threadId }) => [threadId === "0" ? "</Outlines>" : "</Thread>"]);
    const headsOf = ({ text }: Turn) => headsIn(text, "<Outlines>", /<Outline>\s*([0-9.]+)\s*:/g);
    const stopped = (turn: Turn) => turn.depth === 0 && turn.end === "stop";
    const forked = (turn: Turn) => stopped(turn) && turn.next !== "0";
    const planned = (threads: number) => (run: Run) =>
      run.turns.some(({ threadId }) => threadId === `0/1.${threads}`) &&
      !run.turns.some(({ threadId }) => threadId === `0/1.${threads + 1}`);
    expectAllReached(
      count(runs, {
        ...endings("eos", "length", "failed"),
        "a thread's EOS ends the run": ({ turns, transcript }) =>
          turns.at(-1)!.depth > 0 && transcript.ending.kind === "eos",
        "a thread without room ends it": ({ turns, transcript }) =>
          turns.at(-1)!.depth > 0 && transcript.ending.kind === "length",
        "a second fork": ({ turns }) => turns.some(({ threadId }) => threadId === "0/2.1"),
        ...Object.fromEntries([1, 2, 3, 5, 6].map((threads) => [`${threads} threads`, planned(threads)])),
      }),
      count(
        runs.flatMap((run) => run.turns),
        {
          ...threadEnds("stop", "eos", "length", "cut", "failed"),
          "a plan without items": (turn) => stopped(turn) && turn.next === "0" && headsOf(turn).length === 0,
          "a plan without opener": (turn) => stopped(turn) && !turn.text.includes("<Outlines>"),
          "too many threads": (turn) => stopped(turn) && turn.next === "0" && headsOf(turn).length > 64,
          "an id twice": (turn) => forked(turn) && new Set(headsOf(turn)).size < headsOf(turn).length,
          "a dotted id": (turn) => forked(turn) && headsOf(turn).some((id) => id.includes(".")),
          "two openers": (turn) => forked(turn) && turn.text.split("<Outlines>").length > 2,
        },
      ),
    );
  });

  it("takes every path of parallel-r1", () => {
    const stopOf = (threadId: string, before: string) =>
      threadId !== "0" ? "</Path>" : before.endsWith("<Summary>") ? "</Summary>" : "<Parallel>";
    const runs = runsOf("parallel-r1", ({ threadId }, before) => [stopOf(threadId, before)]);
    const { decode } = createFlavourVocabulary("parallel-r1");
    const summary = (end: Turn["end"]) => (turn: Turn) =>
      turn.depth === 0 && turn.end === end && decode(turn.context).endsWith("<Summary>");
    expectAllReached(
      count(runs, {
        ...endings("eos", "length", "failed"),
        "a fifth round": ({ turns }) => turns.filter(({ text }) => text.endsWith("<Parallel>")).length > 4,
        "the same paths twice in one context": ({ turns }) =>
          turns.some(
            ({ threadId, context }, at) =>
              threadId.endsWith(".2") && decode(turns[at - 1]!.context) === decode(context),
          ),
      }),
      count(
        runs.flatMap((run) => run.turns),
        {
          ...threadEnds("stop", "eos", "length", "cut", "failed"),
          "a closed summary": summary("stop"),
          "a summary that ends in EOS": summary("eos"),
          "a summary without room": summary("length"),
          "a summary that fails": summary("failed"),
        },
      ),
    );
  });

  it.each([
    { flavour: "npr", list: "guideline", item: "plan", thread: "step", most: 5, emptyEnds: true },
    { flavour: "multiverse", list: "Goal", item: "Outline", thread: "Path", most: 64, emptyEnds: false },
  ] as const)("takes every path of $flavour", ({ flavour, list, item, thread, most, emptyEnds }) => {
    const isTail = (before: string) => before.endsWith(`</${thread}>`);
    const runs = runsOf(flavour, ({ threadId }, before) => {
      if (threadId === "0") return [`</${list}>`];
      return isTail(before) ? [] : [`</${thread}>`, `</${list}>`];
    });
    const { decode, eos } = createFlavourVocabulary(flavour);
    const headsOf = ({ text }: Turn) =>
      new Set(headsIn(text, `<${list}>`, new RegExp(String.raw`<${item}>\s*([0-9.]+)\s*:`, "g")));
    const planned = (turn: Turn) => turn.text.endsWith(`</${list}>`) && turn.text.includes(`<${list}>`);
    const forked = (turn: Turn) => planned(turn) && turn.next.startsWith(`${turn.threadId}/`);
    const again = (turn: Turn) => planned(turn) && turn.next === turn.threadId;
    const tails = (turn: Turn) => turn.depth > 0 && isTail(decode(turn.context));
    expectAllReached(
      count(runs, endings("eos", "length", "failed", ...(emptyEnds ? (["refused"] as const) : []))),
      count(
        runs.flatMap((run) => run.turns),
        {
          ...threadEnds("stop", "eos", "length", "cut", "failed"),
          "a fork of one": (turn) => forked(turn) && headsOf(turn).size === 1,
          "a fork of five": (turn) => forked(turn) && headsOf(turn).size === 5,
          "a fork in a thread": (turn) => forked(turn) && turn.depth === 1,
          "a fork four levels down": (turn) => forked(turn) && turn.depth === 4,
          "too many threads": (turn) => again(turn) && headsOf(turn).size > most,
          "too deep": (turn) => again(turn) && turn.depth === 5 && headsOf(turn).size === 1,
          [emptyEnds ? "a thread refused" : "a thread that goes on after nothing to start"]: (turn) =>
            turn.depth > 0 &&
            turn.end === "stop" &&
            turn.text.endsWith(`</${list}>`) &&
            (emptyEnds ? turn.next.length <= turn.threadId.length : turn.next === turn.threadId && !planned(turn)),
          "a line feed behind a step": (turn) => tails(turn) && turn.text.startsWith("\n"),
          "more than a token behind a step": (turn) => tails(turn) && turn.ids.length > 1 && turn.ids[1] !== eos,
          "a marker behind a step": (turn) => tails(turn) && turn.text.startsWith(`</${list}>`),
          "EOS behind a step": (turn) => tails(turn) && turn.ids[0] === eos,
          "nothing behind a step": (turn) => tails(turn) && turn.ids.length === 0,
        },
      ),
    );
  });

  it("takes every path of dc-cot", () => {
    const vocabulary = createFlavourVocabulary("dc-cot");
    const runs = runsOf("dc-cot", () => []);
    const closeOf = ({ threadId }: Turn) => `</worker_${threadId.slice(-1)}>`;
    const inMain = ({ depth, text }: Turn) => depth === 0 && text.includes("<spawn_workers>");
    const closed = (turn: Turn) => turn.depth > 0 && turn.text.includes(closeOf(turn));
    /** What a worker wrote up to its own end. */
    const before = (turn: Turn) => (turn.depth === 0 ? "" : (turn.text.split(closeOf(turn), 1)[0] ?? ""));
    expectAllReached(
      count(runs, {
        ...endings("eos", "length", "failed"),
        "a third round": ({ turns }) => turns.some(({ threadId }) => threadId === "0/3.3"),
        "no round": ({ turns }) => turns.length === 1,
      }),
      count(
        runs.flatMap((run) => run.turns),
        {
          ...threadEnds("eos", "length", "cut", "failed"),
          "a worker that closes itself": closed,
          "a worker that does not": (turn) => turn.depth > 0 && !closed(turn),
          "another worker's close": (turn) => /<\/worker_\d>/.test(before(turn)),
          "a spawn in a worker": (turn) => before(turn).includes("<spawn_workers>"),
          "text behind a spawn": (turn) => inMain(turn) && !turn.text.endsWith("<spawn_workers>"),
          "a spawn whose last token goes on": (turn) => inMain(turn) && cutsToken(turn, "<spawn_workers>", vocabulary),
          "a close whose last token goes on": (turn) => closed(turn) && cutsToken(turn, closeOf(turn), vocabulary),
          "what only looks like a spawn": ({ depth, text }) => depth === 0 && /<spawn_worker(?:>|s[^>])/.test(text),
        },
      ),
    );
  });

  it("takes every path of apr", () => {
    const vocabulary = createFlavourVocabulary("apr");
    const runs = runsOf("apr", () => []);
    const goals = (times: number) => (turn: Turn) =>
      turn.depth > 0 && turn.text.split("Goal Reached").length === times + 1;
    const itemsOf = ({ text }: Turn) =>
      headsIn(text, "<Calling Sub Searches>", /Search [0-9]+ at level 1> Moving to Node #(\S+)/g);
    const guarded = ({ depth, text }: Turn) => depth === 0 && text.includes("<Sub Searches>");
    expectAllReached(
      count(runs, {
        ...endings("eos", "length", "failed", "refused"),
        "a solution": ({ final }) => final.includes("<Goal Reached in Sub Search"),
        "no solution": ({ final }) => final.includes("<No Solution in Sub Search"),
        "an unknown node": ({ final }) => final.includes("at Node #9,9>\n"),
        "a second fork": ({ turns }) => turns.some(({ threadId }) => threadId.startsWith("0/2.")),
      }),
      count(
        runs.flatMap((run) => run.turns),
        {
          ...threadEnds("eos", "length", "cut", "failed"),
          ...Object.fromEntries([0, 1, 2, 3].map((times) => [`${times} goals`, goals(times)])),
          "the guard": guarded,
          "a guard whose last token goes on": (turn) => guarded(turn) && cutsToken(turn, "<Sub Searches>", vocabulary),
          "a child that writes results": ({ depth, text }) => depth > 0 && text.includes("<Sub Searches>"),
          "a node twice": (turn) => turn.next.startsWith("0/") && new Set(itemsOf(turn)).size < itemsOf(turn).length,
          "a call without items": ({ text, next }) =>
            text.endsWith("<Calling Sub Searches>\n<End Calling Sub Searches>") && next === "",
          "a call without opener": ({ text, context, next }) =>
            next === "" &&
            text.endsWith("<End Calling Sub Searches>") &&
            !text.includes("<Calling") &&
            context.length > 0,
          "operations from the parent": ({ depth, context }) =>
            depth > 0 && vocabulary.decode(context).includes("', '"),
        },
      ),
    );
  });

  it("takes every path of asyncthink", () => {
    const vocabulary = createFlavourVocabulary("asyncthink");
    const runs = runsOf("asyncthink", () => []);
    const spawn = /<FORK-([A-Za-z0-9_.,-]+)>(?:(?!<FORK-[A-Za-z0-9_.,-]+>|<JOIN-[A-Za-z0-9_.,-]+>)[^])*?<\/FORK-\1>/g;
    const joins = /<JOIN-([A-Za-z0-9_.,-]+)>/;
    const beforeJoin = ({ depth, text }: Turn) => (depth === 0 ? text.split(joins, 1)[0]! : "");
    const spawnedIn = (run: Run) =>
      run.turns.flatMap((turn) => Array.from(beforeJoin(turn).matchAll(spawn), (match) => match[1]!));
    const joinedIn = (run: Run) =>
      run.turns.flatMap(({ depth, text }) => (depth === 0 ? (joins.exec(text)?.slice(1) ?? []) : []));
    const workersIn = (run: Run) => run.turns.filter(({ depth }) => depth > 0).length;
    expectAllReached(
      count(runs, {
        ...endings("eos", "length", "failed"),
        "two workers": (run) => workersIn(run) > 1,
        "an id used twice": (run) => workersIn(run) < 10 && new Set(spawnedIn(run)).size < spawnedIn(run).length,
        "too many workers": (run) => workersIn(run) >= 64 && spawnedIn(run).some((id) => id === "w65"),
        "an unknown join": (run) => joinedIn(run).includes("9"),
        "a join of what was refused": (run) => joinedIn(run).includes("w66") && spawnedIn(run).includes("w66"),
        "a second join of one fork": (run) =>
          spawnedIn(run).some((id) => joinedIn(run).filter((join) => join === id).length > 1),
        "a fork never joined": (run) => spawnedIn(run).some((id) => !joinedIn(run).includes(id)),
        "a joined return": ({ final }) => />[^<]+<\/JOIN-/.test(final),
      }),
      count(
        runs.flatMap((run) => run.turns),
        {
          ...threadEnds("eos", "length", "cut", "failed"),
          "an abandoned fork": (turn) => /<FORK-[^>]*>lost<FORK/.test(beforeJoin(turn)),
          "a join in an open fork": (turn) =>
            joins.test(turn.text) && /<FORK-[a1-9][^<>]*>[^<>]*$/.test(beforeJoin(turn)),
          "a close of another fork": (turn) => beforeJoin(turn).includes("</FORK-8>"),
          "text behind a join": ({ depth, text }) => depth === 0 && /<JOIN-[a1-9][^<>]*>[^]/.test(text),
          "a join whose last token goes on": (turn) => {
            const join = turn.depth === 0 ? joins.exec(turn.text) : null;
            return join !== null && cutsToken(turn, join[0], vocabulary);
          },
          "a worker without <RETURN>": ({ depth, text }) => depth > 0 && !text.includes("<RETURN>"),
          "a worker that closes before it opens": ({ depth, text }) => depth > 0 && /<\/RETURN>[^]*<RETURN>/.test(text),
          "a worker that is closed but cut": ({ depth, text, end }) =>
            depth > 0 && end === "cut" && text.includes("</RETURN>"),
        },
      ),
    );
  });
});
