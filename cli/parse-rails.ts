import type { RequestBody, ResponseBody } from '@wheelhouse/sdk';
import { UsageError } from './output/exit-codes.ts';

type Rail = NonNullable<RequestBody<'startRelease'>['rails']>[number];
type Plan = Pick<ResponseBody<'planRelease'>, 'rails' | 'without'>;
/** A rail by its name; with another smallest loss that matters, as a part of the whole. */
export type ChosenRail = { name: string; effect?: number };

/** `thumbs=3,latency,errors=1`: names, each with the points that matter where they are not the usual ones. */
export function parseRails(text: string): ChosenRail[] {
  return text.split(',').map((one) => {
    const [, name = '', points] = /^([^=]+?)\s*(?:=\s*(\d+(?:\.\d+)?)(?:\s?pp)?)?$/.exec(one.trim()) ?? [];
    if (name === '' || (points !== undefined && !(Number(points) > 0 && Number(points) <= 50)))
      throw new UsageError(
        `\`${one.trim()}\` is no rail.`,
        'Say thumbs=3,latency,errors=1: names, each with up to 50 points.',
      );
    return { name, ...(points === undefined ? {} : { effect: Number(points) / 100 }) };
  });
}

const ofCalls: ReadonlySet<string> = new Set(['latency', 'cost', 'errors', 'refusals']);

/** The chosen ones of what would be watched; any other name is a score from 0 to 1. */
export function chosenRails(chosen: readonly ChosenRail[], { rails, without }: Plan): Rail[] {
  return chosen.map(({ name, effect }) => {
    const usual = rails.find((rail) => rail.name === name);
    if (usual?.kind === 'cost' && effect !== undefined)
      throw new UsageError('The rail cost takes no points.', 'A fifth of what a call usually costs matters.');
    if (usual) return { ...usual, ...(effect === undefined ? {} : { effect }) };
    if (ofCalls.has(name)) {
      const why = without.find((reason) => reason.startsWith(`${name}:`)) ?? name;
      throw new UsageError(`It cannot be watched: ${why}.`, 'Leave it out, or release when more has come.');
    }
    return { kind: 'quality', name, score: name, effect: effect ?? 0.05 };
  });
}
