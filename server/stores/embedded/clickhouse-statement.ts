import { baseSettings, type Slot } from './clickhouse-pool.ts';

/** What one request of ClickHouse's HTTP interface asks for. */
export type Statement = {
  /** The text from the URL. */
  query: string;
  body: Buffer;
  database: string;
  /** Format of the answer where the text names none. */
  format: string;
  /** Values of `{name:Type}` placeholders, escaped as in TSV. */
  params: Map<string, string>;
  settings: Map<string, string>;
};

export type Answer = {
  bytes: Uint8Array;
  rowsRead: number;
  bytesRead: number;
  rowsWritten: number;
  bytesWritten: number;
};

/** What the engine's binding takes as raw bytes, whole and unparsed. */
const rawFormats = [
  'JSONEachRow',
  'JSONCompactEachRow',
  'CSV',
  'CSVWithNames',
  'TabSeparated',
  'TabSeparatedWithNames',
] as const;
const rawInsert = /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?([\w.`]+)\s*(?:\(([\w\s,`]+)\)\s*)?FORMAT\s+(\w+)\s*;?\s*$/i;
const settingName = /^\w+$/;

/** The engine's code and message, where it refused; also made here for what is wrong with a request. */
export class StatementError extends Error {
  readonly code: number;
  override readonly name = 'StatementError';

  constructor(code: number, message: string, type: string) {
    super(`Code: ${code}. DB::Exception: ${message}. (${type})`);
    this.code = code;
  }
}

function literal(text: string): string {
  return `'${text.replace(/[\\']/g, (char) => `\\${char}`)}'`;
}

function columnNames(list: string | undefined): { columns?: string[] } {
  if (list === undefined) return {};
  return { columns: list.split(',').map((name) => name.trim().replaceAll('`', '')) };
}

async function useDatabase(slot: Slot, database: string): Promise<void> {
  if (slot.database === database) return;
  await slot.session.queryAsync(`USE \`${database.replace(/[\\`]/g, (char) => `\\${char}`)}\``);
  slot.database = database;
}

/** The insert whose rows are the body, null when the statement is another. */
function parseRawInsert(statement: Statement) {
  const match = rawInsert.exec(statement.query);
  const format = rawFormats.find((name) => name === match?.[3]);
  if (!match?.[1] || !format) return null;
  return { table: match[1].replaceAll('`', ''), format, ...columnNames(match[2]) };
}

/** Whether the statement writes rows from its body; those have a session of their own. */
export const isRawInsert = (statement: Statement): boolean => parseRawInsert(statement) !== null;

/** Runs one statement on a session and leaves the session as it was. */
export async function runStatement(slot: Slot, statement: Statement): Promise<Answer> {
  const { session } = slot;
  await useDatabase(slot, statement.database);
  const settings = [...statement.settings].filter(([name, value]) => baseSettings[name] !== value);
  for (const [name] of settings)
    if (!settingName.test(name)) throw new StatementError(115, `Unknown setting '${name}'`, 'UNKNOWN_SETTING');

  const insert = parseRawInsert(statement);
  if (insert) {
    if (statement.body.length === 0)
      return { bytes: new Uint8Array(), rowsRead: 0, bytesRead: 0, rowsWritten: 0, bytesWritten: 0 };
    const done = await session.insert({ ...insert, values: statement.body, settings: Object.fromEntries(settings) });
    return {
      bytes: new Uint8Array(),
      rowsRead: 0,
      bytesRead: 0,
      rowsWritten: done.rowsWritten,
      bytesWritten: done.bytesWritten,
    };
  }

  // The binding's own parameters run one at a time in the whole process; those of SET belong to the session.
  const sets = [
    ...settings.map(([name, value]) => `${name}=${literal(value)}`),
    ...[...statement.params].map(([name, value]) => `param_${name}=${literal(value)}`),
  ];
  const text = [statement.query, statement.body.toString()].filter((part) => part.trim() !== '').join('\n');
  if (text === '') throw new StatementError(62, 'Syntax error: empty query', 'SYNTAX_ERROR');
  try {
    const prefix = sets.length > 0 ? `SET ${sets.join(', ')};\n` : '';
    const result = await session.queryAsync(prefix + text, { format: statement.format });
    return {
      bytes: result.bytes(),
      rowsRead: result.rowsRead,
      bytesRead: result.bytesRead,
      rowsWritten: 0,
      bytesWritten: 0,
    };
  } finally {
    for (const [name] of settings) await session.queryAsync(`SET ${name}=DEFAULT`).catch(() => {});
  }
}
