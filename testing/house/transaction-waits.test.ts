import { describe, expect, it } from 'vitest';
import { parseSource } from './parse-source.ts';

const waitsIn = (text: string) =>
  parseSource('server/stores/postgres/a.ts', text)
    .marks.filter(({ kind }) => kind === 'wait in a transaction')
    .map((mark) => mark.text);
const inside = (statements: string) => waitsIn(`inTransaction(db, async (tx) => { ${statements} });`);

const fine = [
  "await tx.insertInto('a').values({ id }).execute();",
  'const row = await sql`select 1`.execute(tx); return row.rows.map(toVersion);',
  'if (!(await lock(tx, id))) return; await change({ a: 1 }, tx);',
  'await close(tx, model, await draft(tx, name));',
  "const query = tx.selectFrom('a'); const rows = await query.execute();",
  'const add = async (row) => { await tx.insertInto(row).execute(); }; for (const row of rows) await add(row);',
  'await Promise.all(rows.map((row) => change(tx, row)));',
  'const changes = rows.map((row) => change(tx, row)); await Promise.all([...changes, lock(tx)]);',
  'await (isOwn ? tx.deleteFrom(a).execute() : tx.updateTable(a).execute());',
  'for await (const row of tx.selectFrom(a).stream()) rows.push(row);',
  'return { db: 1, row: await lock(tx) };',
];

const caught: [string, string][] = [
  ['await delay(10);', 'delay(10)'],
  ['await sql`select 1`.execute(other);', 'sql`select 1`.execute(other)'],
  ['await Promise.all([lock(tx), checker.compile(schema)]);', 'Promise.all([lock(tx), checker.compile(schema)])'],
  ['await Promise.all(ids.map((id) => readSpan(id)));', 'Promise.all(ids.map((id) => readSpan(id)))'],
  ['const row = await lock(tx); await row.save();', 'row.save()'],
  ['await (isNew ? lock(tx) : store.create(id));', '(isNew ? lock(tx) : store.create(id))'],
  ['for await (const chunk of body) use(chunk);', 'body'],
  ['const add = async () => { await tx.execute(); await log.flush(); };', 'log.flush()'],
  ["return db.selectFrom('a').execute();", 'db'],
  ['return readModels(deps.db, project);', 'db'],
  ['await change(tx, { db });', 'db'],
  ['return fetch(url);', 'fetch'],
  ['setTimeout(() => lock(tx), 10);', 'setTimeout'],
];

describe('a transaction in the sources', () => {
  it.each(fine)('may: %s', (statements) => {
    expect(inside(statements)).toEqual([]);
  });

  it.each(caught)('may not: %s', (statements, text) => {
    expect(inside(statements)).toEqual([text]);
  });

  it('may not be only an expression that leaves it', () => {
    expect(waitsIn('inTransaction(db, (tx) => freeze(tx, name));')).toEqual([]);
    expect(waitsIn('inTransaction(db, (tx) => freeze(name));')).toEqual(['freeze(name)']);
  });

  it('may not use the handle on which it was begun, whatever its name', () => {
    expect(waitsIn('inTransaction(records, async (tx) => list(records));')).toEqual(['list(records)', 'records']);
  });

  it('is found in a function that takes one, and in an async one that may be given one', () => {
    expect(waitsIn('async function lock(tx: Tx) { await tx.execute(); await pause(); }')).toEqual(['pause()']);
    expect(waitsIn('const read = async (on: Db) => { await on.execute(); await pause(); };')).toEqual(['pause()']);
    expect(waitsIn('function createStore(db: Db) { return { list: async () => { await pause(); } }; }')).toEqual([]);
  });

  it('is not confused with the function that begins it', () => {
    const create = 'async function create(db: Db) { await inTransaction(db, async (tx) => { await lock(tx); }); }';
    expect(waitsIn(create)).toEqual([]);
  });
});
