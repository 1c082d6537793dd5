import { isNode, type Node, nameOf, nodeAt, nodesAt, visit } from './syntax.ts';

/** What is another connection, or time, by its very name. */
const foreignNames = ['db', 'pool', 'fetch', 'setTimeout', 'setInterval', 'setImmediate'];
const wrappers =
  /^(?:ParenthesizedExpression|ChainExpression|TSAsExpression|TSSatisfiesExpression|TSNonNullExpression)$/;

const isFunction = (node: Node | null): node is Node =>
  node !== null && /Function/.test(node.type) && isNode(node.body);
const isBegin = (node: Node) => node.type === 'CallExpression' && nameOf(nodeAt(node, 'callee')) === 'inTransaction';

/** Work that runs, or may run, inside a transaction. */
type Body = {
  work: Node;
  /** Names of the transaction and of what is made from it. */
  own: Set<string>;
  foreign: Set<string>;
};

/** The callback of `inTransaction(db, callback)`. */
function callbackOf(call: Node): Body | null {
  if (!isBegin(call)) return null;
  const [outer = null, work = null] = nodesAt(call, 'arguments');
  if (!isFunction(work)) return null;
  const tx = nameOf(nodesAt(work, 'params')[0] ?? null) ?? '';
  return { work, own: new Set([tx]), foreign: new Set([...foreignNames, nameOf(outer) ?? '']) };
}

function typeOf(parameter: Node): string | null {
  const type = nodeAt(parameter, 'typeAnnotation');
  const reference = type && nodeAt(type, 'typeAnnotation');
  return reference && nameOf(nodeAt(reference, 'typeName'));
}

/** A function that takes a `Tx`; or an async one that takes a `Db`, because it may be given a transaction. */
function takerOf(work: Node): Body | null {
  if (!isFunction(work)) return null;
  const handles = nodesAt(work, 'params').filter((parameter) => {
    const type = typeOf(parameter);
    return type === 'Tx' || (type === 'Db' && work.async === true);
  });
  if (handles.length === 0) return null;
  return { work, own: new Set(handles.map((handle) => nameOf(handle) ?? '')), foreign: new Set(foreignNames) };
}

/** Whether one of the names stands in it. What is awaited is data, not a query any more. */
function mentions(node: Node, names: Set<string>): boolean {
  let found = false;
  visit(node, (inner) => {
    found ||= names.has(nameOf(inner) ?? '');
    return isFunction(node) || inner.type !== 'AwaitExpression';
  });
  return found;
}

/** Adds the queries and helpers that are made from the transaction before anything waits for them. */
function addMade({ work, own }: Body): void {
  visit(work, (node) => {
    const name = nameOf(nodeAt(node, 'id'));
    const made = node.type === 'VariableDeclarator' ? nodeAt(node, 'init') : node;
    if (name !== null && made !== null && node !== work && mentions(made, own)) own.add(name);
  });
}

/** Whether all that the expression waits for runs in the transaction. */
function runsInside(expression: Node | null, own: Set<string>): boolean {
  const inside = (node: Node | null): boolean => runsInside(node, own);
  if (expression === null || expression.type === 'Literal') return true;
  if (wrappers.test(expression.type)) return inside(nodeAt(expression, 'expression'));
  switch (expression.type) {
    case 'Identifier':
      return own.has(nameOf(expression) ?? '');
    case 'AwaitExpression':
    case 'SpreadElement':
      return inside(nodeAt(expression, 'argument'));
    case 'MemberExpression':
      return inside(nodeAt(expression, 'object'));
    case 'ConditionalExpression':
      return inside(nodeAt(expression, 'consequent')) && inside(nodeAt(expression, 'alternate'));
    case 'LogicalExpression':
      return inside(nodeAt(expression, 'left')) && inside(nodeAt(expression, 'right'));
    case 'ArrayExpression':
      return nodesAt(expression, 'elements').every(inside);
    case 'CallExpression':
      return callRunsInside(expression, own);
    default:
      return false;
  }
}

/** `tx.….execute()`, `query.execute(tx)`, `helper(tx, …)`, and these in `Promise.all` and `map`. */
function callRunsInside(call: Node, own: Set<string>): boolean {
  const callee = nodeAt(call, 'callee');
  const given = nodesAt(call, 'arguments');
  if (given.some((one) => own.has(nameOf(one) ?? ''))) return true;
  if (nameOf(callee && nodeAt(callee, 'object')) === 'Promise') return given.every((one) => runsInside(one, own));
  const [work = null] = given;
  if (nameOf(callee && nodeAt(callee, 'property')) === 'map' && isFunction(work))
    return runsInside(nodeAt(work, 'body'), own);
  return runsInside(callee, own);
}

/** What the work waits for; a transaction that it begins itself is another's. */
function awaitedIn(work: Node): (Node | null)[] {
  const answer = nodeAt(work, 'body');
  const awaited = answer?.type === 'BlockStatement' ? [] : [answer];
  visit(work, (node) => {
    if (node.type === 'AwaitExpression') awaited.push(nodeAt(node, 'argument'));
    if (node.type === 'ForOfStatement' && node.await === true) awaited.push(nodeAt(node, 'right'));
    return !isBegin(node);
  });
  return awaited;
}

/** Every use of a foreign name; the name of a property that is written is none. */
function foreignIn({ work, own, foreign }: Body): Node[] {
  const keys = new Set<Node | null>();
  const found: Node[] = [];
  visit(work, (node) => {
    if (node.type === 'Property' && node.computed !== true) keys.add(nodeAt(node, 'key'));
    const name = nameOf(node) ?? '';
    if (foreign.has(name) && !own.has(name) && !keys.has(node)) found.push(node);
  });
  return found;
}

/**
 * Where work inside a transaction waits for, or reaches for, anything but that transaction's own queries. Judged by
 * syntax: what is awaited must be called on the transaction or be given it.
 */
export function findTransactionWaits(program: Node): Node[] {
  const found = new Set<Node>();
  visit(program, (node) => {
    const body = callbackOf(node) ?? takerOf(node);
    if (body === null) return;
    addMade(body);
    for (const expression of awaitedIn(body.work))
      if (expression !== null && !runsInside(expression, body.own)) found.add(expression);
    for (const name of foreignIn(body)) found.add(name);
  });
  return [...found];
}
