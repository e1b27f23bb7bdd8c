/** A node of a parsed template. */
export interface Node {
  type: string;
}

type Names = Readonly<Record<string, string>>;

/**
 * Replaces what compares or searches texts in a parsed template by calls of functions that do the same, and calls of
 * functions by others of another name. The interpreter's own methods and operators cannot be replaced otherwise. What is
 * undefined counts as an empty list where jinja2 takes it for one.
 *
 * @param prefix of the names of those functions: `same`, `holds`, and the methods of texts.
 */
export function rewriteTemplate(
  program: Node,
  { prefix, methods, renamed }: { prefix: string; methods: ReadonlySet<string>; renamed: Names },
): void {
  const call = (name: string, ...args: unknown[]): Node => callOf(prefix + name, args);

  function rewritten(node: Node): Node {
    for (const [key, child] of Object.entries(node)) Reflect.set(node, key, within(child));
    if (is(node, "BinaryExpression")) return rewrittenOperator(node);
    if (is(node, "FilterExpression")) return rewrittenFilter(node);
    if (is(node, "For")) return Object.assign(node, { iterable: orNone(node.iterable) });
    if (!is(node, "CallExpression")) return node;
    const { callee, args } = node;
    if (is(callee, "Identifier") && renamed[callee.value] !== undefined)
      return callOf(renamed[callee.value] ?? "", args);
    if (!is(callee, "MemberExpression") || callee.computed || !is(callee.property, "Identifier")) return node;
    const name = callee.property.value;
    return methods.has(name) ? call(name, callee.object, ...args) : node;
  }

  function within(child: unknown): unknown {
    if (Array.isArray(child)) return child.map(within);
    if (child instanceof Map) return new Map([...child].map(([key, value]) => [within(key), within(value)]));
    return isNode(child) ? rewritten(child) : child;
  }

  function rewrittenOperator(node: Binary): Node {
    const { operator, left, right } = node;
    if (operator.value === "==") return call("same", left, right);
    if (operator.value === "!=") return not(call("same", left, right));
    if (operator.value === "in") return call("holds", right, left);
    return operator.value === "not in" ? not(call("holds", right, left)) : node;
  }

  /** `| trim` and `| replace` are the methods. */
  function rewrittenFilter(node: Filter): Node {
    const { operand, filter } = node;
    const name = is(filter, "Identifier")
      ? filter.value
      : is(filter, "CallExpression") && is(filter.callee, "Identifier") && filter.callee.value;
    const args = is(filter, "CallExpression") ? filter.args : [];
    if (name === "trim") return call("strip", operand, ...args);
    if (name === "replace") return call("replace", operand, ...args);
    return ofLists.has(String(name)) ? Object.assign(node, { operand: orNone(operand) }) : node;
  }

  rewritten(program);
}

/** Filters that take what is undefined or nothing for an empty list in jinja2, and refuse it in the interpreter. */
const ofLists = new Set(["join", "length", "list", "map", "rejectattr", "reverse", "selectattr", "sort", "unique"]);

/** The value, or an empty list instead of an undefined one. */
function orNone(operand: Node): Node {
  const nothing = [
    { type: "ArrayLiteral", value: [] },
    { type: "Identifier", value: "true" },
  ];
  return Object.assign({ type: "FilterExpression" }, { operand, filter: callOf("default", nothing) });
}

function callOf(name: string, args: readonly unknown[]): Node {
  return Object.assign({ type: "CallExpression" }, { callee: { type: "Identifier", value: name }, args });
}

function not(argument: Node): Node {
  return Object.assign({ type: "UnaryExpression" }, { operator: { type: "UnaryOperator", value: "not" }, argument });
}

interface Identifier extends Node {
  value: string;
}
interface Call extends Node {
  callee: Node;
  args: unknown[];
}
interface Member extends Node {
  object: Node;
  property: Node;
  computed: boolean;
}
interface Binary extends Node {
  operator: { value: string };
  left: Node;
  right: Node;
}
interface For extends Node {
  iterable: Node;
}
interface Filter extends Node {
  operand: Node;
  filter: Node;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

interface Kinds {
  Identifier: Identifier;
  CallExpression: Call;
  MemberExpression: Member;
  BinaryExpression: Binary;
  For: For;
  FilterExpression: Filter;
}

function is<K extends keyof Kinds>(node: Node, type: K): node is Kinds[K] {
  return node.type === type;
}
