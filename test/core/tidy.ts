import type { Model } from "../reference/transcript.ts";
import { createVocabulary } from "../reference/vocabulary.ts";
import { FLAVOURS, type Flavour } from "../reference/scripted-model.ts";
import { chanceFrom, type Chance } from "./drive.ts";

/** A model that makes no mistakes: it writes what its format asks for, with words of its own in between. */
export function tidyModel(flavour: Flavour, seed: number): Model {
  const vocabulary = createVocabulary(FLAVOURS[flavour]);
  return {
    vocabulary,
    output(context, threadId, callIndex) {
      const chance = chanceFrom(
        Array.from(`${seed}|${threadId}|${callIndex}`).reduce((h, c) => Math.imul(h, 31) + c.charCodeAt(0), 7),
      );
      const text = write[flavour]({
        chance,
        callIndex,
        depth: threadId.split("/").length - 1,
        after: vocabulary.decode(context.slice(-40)),
      });
      return { ids: [...vocabulary.encode(text), vocabulary.eos], fate: "eos" };
    },
  };
}

interface Scene {
  chance: Chance;
  callIndex: number;
  depth: number;
  /** How the context ends. */
  after: string;
}

const words = ["so ", "x = 4.", "naïve ", "😀", "a<b ", "1.", "\n", "\n\n", "3>2 ", "</", "it: "];

function prose(chance: Chance, least = 0): string {
  return Array.from({ length: least + chance(4) }, () => words[chance(words.length)]).join("") + (least > 0 ? "w" : "");
}

const space = (chance: Chance) => ["", "", " ", "\n", "\t"][chance(5)] ?? "";

function items(chance: Chance, tag: string): string {
  const dotted = chance(3) === 0;
  return Array.from({ length: 1 + chance(4) }, (_, i) => {
    const id = dotted ? `1.${i + 1}` : `${i + 1}`;
    return `<${tag}>${space(chance)}${id}${space(chance)}:${prose(chance)}</${tag}>\n`;
  }).join("");
}

const write: Record<Flavour, (scene: Scene) => string> = {
  threadweaver({ chance, callIndex, depth, after }) {
    if (depth > 0) return ` ${prose(chance, 1)}\n</Thread>${prose(chance)}`;
    const end = after.endsWith("<Conclusion>\n") ? `${prose(chance, 1)}\n</Conclusion>\n</Parallel>` : "</Parallel>";
    const start = callIndex === 0 ? prose(chance) : `${end}${prose(chance)}`;
    if (callIndex >= chance(4)) return `${start}\n</think>\n${prose(chance)}`;
    return `${start}<Parallel>\n<Outlines>\n${items(chance, "Outline")}</Outlines>`;
  },
  "parallel-r1"({ chance, callIndex, depth, after }) {
    if (depth > 0) return `${prose(chance, 1)}</Path>`;
    if (after.endsWith("<Summary>")) return `${prose(chance, 1)}</Summary>`;
    return callIndex >= chance(5) ? `${prose(chance)}</think>.` : `${prose(chance)}<Parallel>`;
  },
  npr({ chance, callIndex, depth, after }) {
    if (after.endsWith("</step>")) return "\n";
    const start = (callIndex === 0 ? "" : `${prose(chance, 1)}</takeaway>`) + prose(chance, 1);
    if (callIndex < chance(3 - Math.min(depth, 2))) return `${start}<guideline>\n${items(chance, "plan")}</guideline>`;
    return depth > 0 ? `${start}</step>` : `${start}</think>.`;
  },
  multiverse({ chance, callIndex, depth, after }) {
    if (after.endsWith("</Path>")) return "\n";
    const opener = depth === 0 ? "<Think>\n" : "";
    const start = (callIndex === 0 ? opener : `${prose(chance, 1)}</Conclusion>\n</Parallel>`) + prose(chance, 1);
    if (callIndex < chance(3 - Math.min(depth, 2)))
      return `${start}<Parallel>\n<Goal>\n${items(chance, "Outline")}</Goal>`;
    return depth > 0 ? `${start}</Path>` : `${start}</Think>.`;
  },
  "dc-cot"({ chance, callIndex, depth, after }) {
    if (depth > 0) return `${prose(chance, 1)}</worker_${after.at(-2)}>`;
    return callIndex >= chance(5) ? `${prose(chance)}</think>.` : `${prose(chance)}<spawn_workers>`;
  },
  apr({ chance, callIndex, depth }) {
    if (depth > 0) {
      return `\n${prose(chance)}${Array.from({ length: chance(4) }, () => "x: Goal Reached\n").join("")}`;
    }
    if (callIndex >= chance(4)) return `${prose(chance)}done`;
    const ids = ["0,1", "0,2", "0,3"].slice(0, 1 + chance(3));
    const nodes = ids.map((id) => `Generated Node #${id}: 24:[1] Operation: 1+1=2\n`);
    const calls = ids.map((id, n) => `<Start Sub Search ${n} at level 1> Moving to Node #${id}\n`);
    return `\n${nodes.join("")}<Calling Sub Searches>\n${calls.join("")}<End Calling Sub Searches>`;
  },
  fork: ({ chance }) => prose(chance, 1),
  pacore: ({ chance }) => `${prose(chance)}</think>${prose(chance, 1)}`,
  asyncthink({ chance, callIndex, depth }) {
    if (depth > 0) return `${prose(chance)}<RETURN>${prose(chance)}</RETURN>`;
    const id = `${callIndex}.${chance(3)}`;
    const task = `${prose(chance)}<FORK-${id}>${prose(chance)}</FORK-${id}>${prose(chance)}`;
    return callIndex >= chance(5) ? `${prose(chance)}<ANSWER>4</ANSWER>` : `${task}<JOIN-${id}>`;
  },
};
