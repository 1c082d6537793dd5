import { parseFilter } from '@wheelhouse/core/query';
import { type Filter, WheelhouseError } from '@wheelhouse/core/records';

/** As the contract says of `q`; streams and exports check it here. */
const longest = 4000;

/** The filter that a request's `q` says; `filter_invalid` with the place and what was probably meant. */
export function readFilter(q: string): Filter {
  if (q.length > longest)
    throw new WheelhouseError('filter_invalid', `The filter has ${q.length} characters; ${longest} fit.`, {
      param: 'q',
      hint: 'Say it with fewer conditions, for example with * in a value.',
    });
  const parsed = parseFilter(q);
  if (parsed.ok) return parsed.filter;
  const { message, hint, from } = parsed.problem;
  throw new WheelhouseError('filter_invalid', `${message.replace(/\.$/, '')} (at character ${from + 1} of q).`, {
    param: 'q',
    hint,
  });
}
