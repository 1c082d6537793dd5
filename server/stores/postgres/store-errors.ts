import { WheelhouseError } from '@wheelhouse/core/records';

/** SQLSTATEs that say "not now": connection, shutdown, too many connections, deadlock, lock and statement time-outs. */
const away = /^(08...|53...|57P0.|40001|40P01|55P03|57014|25P03)$/;
const awayNodeCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN']);
/** The driver gives these no code. */
const awayMessages =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|client was closed|cannot use a pool after calling end/i;
const textWithNul = '22021';
const diskFull = '53100';

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

/** What a caller of a store can act on, made of what the driver threw; anything else is a fault and stays as it is. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof WheelhouseError || !(error instanceof Error)) return error;
  const code = codeOf(error);
  if (code === textWithNul)
    return new WheelhouseError('invalid_request', 'A text holds the character U+0000, which cannot be stored.', {
      cause: error,
    });
  if (code === diskFull)
    return new WheelhouseError('store_unavailable', 'The disk of the record store is full.', {
      hint: 'Free some space there, then send the request again unchanged.',
      cause: error,
    });
  if (away.test(code) || awayNodeCodes.has(code) || awayMessages.test(error.message))
    return new WheelhouseError('store_unavailable', 'The record store did not answer.', { cause: error });
  return error;
}

/** The same store, whose methods reject with {@link toStoreError}'s errors. */
export function withStoreErrors<Store extends object>(store: Store): Store {
  const guarded = Object.entries(store).map(([name, member]) => {
    if (typeof member !== 'function') return [name, member];
    const method = async (...args: unknown[]) => {
      try {
        return await member(...args);
      } catch (error) {
        throw toStoreError(error);
      }
    };
    return [name, method];
  });
  return Object.fromEntries(guarded);
}
