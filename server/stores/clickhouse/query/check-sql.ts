import { sqlTables } from './sql-tables.ts';

/** Why a statement is refused, as a sentence and what to do; null when nothing in it reaches beyond its tables. */
export type Refusal = { message: string; hint?: string };

const harmless = new Set([
  'SelectWithUnionQuery',
  'SelectIntersectExceptQuery',
  'SelectQuery',
  'ExpressionList',
  'Identifier',
  'Function',
  'Literal',
  'Subquery',
  'WithElement',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'TableExpression',
  'TableIdentifier',
  'TableJoin',
  'ArrayJoin',
  'SampleRatio',
  'OrderByElement',
  'InterpolateElement',
  'WindowDefinition',
  'WindowListElement',
  'Asterisk',
  'QualifiedAsterisk',
  'ColumnsTransformerList',
  'ColumnsExceptTransformer',
  'ColumnsReplaceTransformer',
  'ColumnsReplaceTransformer::Replacement',
  'ColumnsRegexpMatcher',
  'ColumnsListMatcher',
  'DataType',
]);

const clauses: Readonly<Record<string, string>> = {
  Set: 'SETTINGS cannot be set here.',
  ColumnsApplyTransformer: 'APPLY cannot be used here.',
  QueryParameter: 'Parameters cannot be used here.',
};

/** Files, networks, other tables by name, the server itself, and waiting. */
const refusedFunction =
  /^(?:ai[A-Z]\w*|dict\w*|joinGet\w*|file|filesystem\w*|get(?:Setting|ServerSetting|Macro|ClientHTTP|MergeTree|OSKernel|ServerPort|MaxTable)\w*|sleep\w*|address\w*|demangle|show\w*|host_?name|fullHostName|FQDN|server\w*|tcpPort|zookeeper\w*|generateSerialID|hasColumnInTable|current_?(?:database|user|roles|profiles|schemas|queryID)|database|schema|user|session_user|initial\w*|connection_?id|query_?id|transaction\w*|catboost\w*|evalMLMethod|region\w*|mergeTree\w*|uptime|displayName|buildId|tid|logTrace|enabledRoles|defaultRoles|defaultProfiles|trap)$/i;
const membership = /^(?:global)?(?:not)?(?:null)?in(?:ignoreset)?$/i;
const tableFunctions = new Set(['numbers']);

type Node = { type: string; text: string; children: Node[] };

/** Reads what EXPLAIN AST prints: one node a line, indented below its parent. */
function parseTree(lines: readonly string[]): Node {
  const root: Node = { type: '', text: '', children: [] };
  const open: { indent: number; node: Node }[] = [{ indent: -1, node: root }];
  for (const line of lines) {
    const match = /^( *)([\w:]+) ?(.*)$/.exec(line);
    const [, space = '', type = '', rest = ''] = match ?? [];
    const indent = space.length;
    const node: Node = {
      type,
      text: rest.replace(/ ?\(children \d+\)$/, '').replace(/ ?\(alias .*\)$/, ''),
      children: [],
    };
    while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
    (open.at(-1)?.node ?? root).children.push(node);
    open.push({ indent, node });
  }
  return root;
}

const argumentsOf = (node: Node): Node[] => node.children.find(({ type }) => type === 'ExpressionList')?.children ?? [];
const listed = Object.keys(sqlTables).join(', ');

function checkNode(node: Node, parent: Node, hidden: ReadonlySet<string>): Refusal | null {
  if (!harmless.has(node.type))
    return { message: clauses[node.type] ?? `${node.type === '' ? 'This' : node.type} cannot be used here.` };
  if (node.type === 'TableIdentifier' && (node.text.includes('.') || hidden.has(node.text)))
    return { message: `There is no table \`${node.text}\` here.`, hint: `There are ${listed}.` };
  if (node.type !== 'Function') return null;
  const name = node.text;
  if (parent.type === 'TableExpression' && !tableFunctions.has(name))
    return { message: `The table function \`${name}\` cannot be used here.`, hint: `There are the tables ${listed}.` };
  if (refusedFunction.test(name)) return { message: `The function \`${name}\` cannot be used here.` };
  // The engine would take a name on the right for a table.
  if (
    membership.test(name) &&
    argumentsOf(node)
      .slice(1)
      .some(({ type }) => type === 'Identifier')
  )
    return { message: 'IN takes a list or a subquery here.', hint: 'Write IN (SELECT … FROM …), or has(list, value).' };
  return null;
}

/**
 * Whether a SELECT stays within the tables of users. It is judged by the engine's own parser, so that nothing is read
 * differently than it is run.
 * @param formatted the statement as the engine prints it, on one line
 * @param explained the lines of EXPLAIN AST of that
 * @param hidden names of real tables
 */
export function checkSql(formatted: string, explained: readonly string[], hidden: ReadonlySet<string>): Refusal | null {
  // A name with a line break in it would look like a node of its own.
  if (/\\n|\\r|[\n\r]/.test(formatted))
    return { message: 'Line breaks in names and texts cannot be used here.', hint: 'Write char(10) for a line break.' };
  const root = parseTree(explained);
  const [query, ...more] = root.children;
  const [list, ...clausesBeside] = query?.children ?? [];
  if (query?.type !== 'SelectWithUnionQuery' || more.length > 0 || list?.type !== 'ExpressionList')
    return { message: 'Only a SELECT can be run.' };
  if (clausesBeside.length > 0) return { message: 'FORMAT, SETTINGS and INTO OUTFILE cannot be used here.' };
  const queue: { node: Node; parent: Node }[] = [{ node: query, parent: root }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const refusal = checkNode(next.node, next.parent, hidden);
    if (refusal) return refusal;
    for (const node of next.node.children) queue.push({ node, parent: next.node });
  }
  return null;
}
