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
    if (isBinary(node)) return rewrittenOperator(node);
    if (isFilter(node)) return rewrittenFilter(node);
    if (isFor(node)) return Object.assign(node, { iterable: orNone(node.iterable) });
    if (!isCall(node)) return node;
    const { callee, args } = node;
    if (isIdentifier(callee) && renamed[callee.value] !== undefined) return callOf(renamed[callee.value] ?? "", args);
    if (!isMember(callee) || callee.computed || !isIdentifier(callee.property)) return node;
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
    const name = isIdentifier(filter)
      ? filter.value
      : isCall(filter) && isIdentifier(filter.callee) && filter.callee.value;
    const args = isCall(filter) ? filter.args : [];
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

function isIdentifier(node: Node): node is Identifier {
  return node.type === "Identifier";
}

function isCall(node: Node): node is Call {
  return node.type === "CallExpression";
}

function isMember(node: Node): node is Member {
  return node.type === "MemberExpression";
}

function isBinary(node: Node): node is Binary {
  return node.type === "BinaryExpression";
}

function isFor(node: Node): node is For {
  return node.type === "For";
}

function isFilter(node: Node): node is Filter {
  return node.type === "FilterExpression";
}
