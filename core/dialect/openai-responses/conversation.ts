import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import { objectsOf, textOf } from '../openai-chat/answer.ts';

/** What one kept response was asked and what it answered, as lists of items. */
export type ConversationTurn = { input: readonly Json[]; output: readonly Json[] };

/** The input of a request as a list of items that all have ids, as it is kept and listed. @param id of its response */
export function responseInput({ input }: JsonObject, id: string): Json[] {
  const named = (place: number): string => `msg_${id.replace(/^resp_/, '')}_in${place}`;
  if (typeof input === 'string') {
    const content = [{ type: 'input_text', text: input }];
    return [{ id: named(0), type: 'message', status: 'completed', role: 'user', content }];
  }
  return (Array.isArray(input) ? input : []).map((item, place) =>
    isJsonObject(item) ? { id: named(place), ...item } : item,
  );
}

const ownItem = /^(?:msg|rs|fc)_(.+)_\d+$/;

/** Ids of the responses whose items a request names instead of repeating them; items of ours carry their response's. */
export function responsesNamed(body: JsonObject): string[] {
  const found = objectsOf(body.input).flatMap((item) => {
    const id = item.type === 'item_reference' ? ownItem.exec(textOf(item.id) ?? '')?.[1] : undefined;
    return id === undefined ? [] : [`resp_${id}`];
  });
  return [...new Set(found)];
}

/**
 * A request that leans on kept responses as one that says everything itself, which any model can be asked.
 * @param kept what comes `before`, oldest first, and the turns whose items are `named`
 * @throws WheelhouseError `not_found` for an item that is in none of them
 */
export function withConversation(
  body: JsonObject,
  kept: { before: readonly ConversationTurn[]; named: readonly ConversationTurn[] },
): JsonObject {
  const { previous_response_id: _, ...rest } = body;
  const known = new Map<string, Json>();
  for (const { input, output } of [...kept.before, ...kept.named])
    for (const item of objectsOf([...input, ...output])) if (typeof item.id === 'string') known.set(item.id, item);
  const own = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : objectsOf(body.input);
  const said = own.map((item, place) => {
    if (item.type !== 'item_reference') return item;
    const found = known.get(textOf(item.id) ?? '');
    if (found === undefined)
      throw new WheelhouseError('not_found', `There is no item \`${String(item.id)}\` in a kept response.`, {
        param: `input[${place}]`,
        hint: 'Send the item itself, or have the response kept (`store`) that it came from.',
      });
    return found;
  });
  const before = kept.before.flatMap(({ input, output }) => [...input, ...output]);
  return { ...rest, input: [...before, ...said] };
}
