import { posix } from 'node:path';
import { parseSync } from 'vite';
import { isNode, type Node, nameOf, nodeAt, visit } from './syntax.ts';
import { findTransactionWaits } from './transaction-waits.ts';

export type Import = {
  /** Path in the repository, or the name of a package. */
  to: string;
  external: boolean;
  /** Erased by the compiler. */
  typeOnly: boolean;
  /** `import()`: loads later, so that it makes no cycle. */
  lazy: boolean;
};

/** Something that only some places may hold. */
export type Mark = {
  kind: 'environment' | 'clock or randomness' | 'SQL' | 'transaction' | 'wait in a transaction';
  line: number;
  text: string;
};

export type SourceFile = {
  /** From the root of the repository, with forward slashes. */
  path: string;
  isTest: boolean;
  lines: number;
  imports: Import[];
  functions: { line: number; lines: number }[];
  marks: Mark[];
};

/** `Date.now` for a member expression of two names, `import.meta.env` for that one. */
function memberText(node: Node): string | null {
  const object = nodeAt(node, 'object');
  const property = nameOf(nodeAt(node, 'property'));
  if (node.type !== 'MemberExpression' || !object || property === null) return null;
  const left = object.type === 'MetaProperty' ? 'import.meta' : nameOf(object);
  return left === null ? null : `${left}.${property}`;
}

const sqlText =
  /^\s*(?:(?:SELECT|select)\s[\s\S]*\s(?:FROM|from)\s|(?:INSERT INTO|insert into)\s|(?:UPDATE|update)\s+\S+\s+(?:SET|set)\s|(?:DELETE FROM|delete from)\s|(?:CREATE|ALTER|DROP|create|alter|drop)\s+(?:TABLE|INDEX|SCHEMA|table|index|schema)\s)/;

function literalText(node: Node): string | null {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : null;
  if (node.type !== 'TemplateLiteral' || !Array.isArray(node.quasis)) return null;
  return node.quasis.map((quasi: { value: { raw: string } }) => quasi.value.raw).join('?');
}

function markOf(node: Node): Omit<Mark, 'line'> | null {
  const member = memberText(node);
  if (member === 'process.env' || member === 'import.meta.env') return { kind: 'environment', text: member };
  if (member !== null && /^(?:Date\.now|Math\.random|performance\.now|crypto\.\w+)$/.test(member))
    return { kind: 'clock or randomness', text: member };
  const called =
    node.type === 'CallExpression' || node.type === 'NewExpression' ? nameOf(nodeAt(node, 'callee')) : null;
  const noArguments = Array.isArray(node.arguments) && node.arguments.length === 0;
  const calledMember = node.type === 'CallExpression' ? nodeAt(node, 'callee') : null;
  if (
    noArguments &&
    /^(?:transaction|startTransaction)$/.test(nameOf(calledMember && nodeAt(calledMember, 'property')) ?? '')
  )
    return { kind: 'transaction', text: '.transaction()' };
  if (called === 'randomUUID' || (called === 'Date' && (noArguments || node.type === 'CallExpression')))
    return { kind: 'clock or randomness', text: `${called}()` };
  if (node.type === 'TaggedTemplateExpression' && nameOf(nodeAt(node, 'tag')) === 'sql')
    return { kind: 'SQL', text: 'sql`…`' };
  const text = literalText(node);
  return text !== null && sqlText.test(text) ? { kind: 'SQL', text: text.trim().slice(0, 40) } : null;
}

/** Where the packages of this repository keep what they export. */
const ownPackages: [RegExp, string][] = [
  [/^@wheelhouse\/core\/contract\/(paths|permissions)$/, 'core/contract/$1.ts'],
  [/^@wheelhouse\/core\/([\w/-]+)$/, 'core/$1/index.ts'],
  [/^@wheelhouse\/sdk$/, 'sdk/client/index.ts'],
  [/^@wheelhouse\/server\/([\w/-]+)$/, 'server/$1.ts'],
  [/^@wheelhouse\/testing\/([\w/-]+)$/, 'testing/$1/index.ts'],
  [/^@wheelhouse\/web\/(.+)$/, 'web/$1'],
];

function resolve(specifier: string, from: string): { to: string; external: boolean } {
  const bare = specifier.replace(/\?.*$/, '');
  if (bare.startsWith('.')) return { to: posix.join(posix.dirname(from), bare), external: false };
  for (const [pattern, path] of ownPackages)
    if (pattern.test(bare)) return { to: bare.replace(pattern, path), external: false };
  if (bare.startsWith('node:')) return { to: bare, external: true };
  const parts = bare.split('/');
  return { to: parts.slice(0, bare.startsWith('@') ? 2 : 1).join('/'), external: true };
}

const isTestCall = (node: Node | null): boolean => {
  if (node?.type === 'ExpressionStatement') return isTestCall(nodeAt(node, 'expression'));
  if (node?.type !== 'CallExpression') return false;
  const callee = nodeAt(node, 'callee');
  const name = nameOf(callee) ?? nameOf(callee && nodeAt(callee, 'object'));
  return name === 'describe' || name === 'it' || isTestCall(callee);
};

/** A function that holds tests is a list of them, which may be long; each test in it is a function of its own. */
function isSuite(node: Node): boolean {
  const statements = nodeAt(node, 'body')?.body;
  return Array.isArray(statements) && statements.some((statement) => isNode(statement) && isTestCall(statement));
}

/** Reads imports, the size of functions and other marks from TypeScript or JavaScript. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error) throw new Error(`${path}: ${error.message}`);
  const lineStarts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  const lineAt = (offset: number) => lineStarts.findLastIndex((start) => start <= offset) + 1;
  const file: SourceFile = {
    path,
    isTest: /\.test\.tsx?$/.test(path),
    lines: text.replace(/\n$/, '').split('\n').length,
    imports: [],
    functions: [],
    marks: [],
  };
  const add = (source: Node | null, kind: { typeOnly: boolean; lazy: boolean }) => {
    const specifier = source && literalText(source);
    if (specifier) file.imports.push({ ...resolve(specifier, path), ...kind });
  };
  const tree = program as unknown as Node;
  for (const { start, end } of findTransactionWaits(tree)) {
    const waited = text.slice(start, end).replace(/\s+/g, ' ').slice(0, 60);
    file.marks.push({ kind: 'wait in a transaction', line: lineAt(start), text: waited });
  }
  visit(tree, (node) => {
    const source = nodeAt(node, 'source');
    const typeOnly = node.importKind === 'type' || node.exportKind === 'type';
    if (/^(?:Import|ExportNamed|ExportAll)Declaration$/.test(node.type)) add(source, { typeOnly, lazy: false });
    if (node.type === 'ImportExpression') add(source, { typeOnly: false, lazy: true });
    if (node.type === 'TSImportType') add(source ?? nodeAt(node, 'argument'), { typeOnly: true, lazy: true });
    if (/Function/.test(node.type) && nodeAt(node, 'body') && !isSuite(node)) {
      file.functions.push({ line: lineAt(node.start), lines: lineAt(node.end) - lineAt(node.start) + 1 });
    }
    const mark = markOf(node);
    if (mark) file.marks.push({ ...mark, line: lineAt(node.start) });
  });
  return file;
}
