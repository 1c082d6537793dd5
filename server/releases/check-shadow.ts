import type { ParsedBody } from '@wheelhouse/core/contract';
import { asksOutside, type FindVersion } from '@wheelhouse/core/model';
import { type ModelVersion, WheelhouseError } from '@wheelhouse/core/records';

type NewRelease = ParsedBody<'startRelease'>;

const invalid = (param: string, message: string) => new WheelhouseError('invalid_request', message, { param });

/** What a release that answers nobody cannot have. */
export function checkShadow({ shadow, steps, promotesItself, examples }: NewRelease): void {
  if (shadow === null) return;
  if (steps !== undefined)
    throw invalid('steps', 'A release that only listens answers nobody, so no share of it grows.');
  if (promotesItself)
    throw invalid('promotesItself', 'A release that only listens is followed by a canary, not promoted.');
  if (examples !== null)
    throw invalid(
      'examples',
      'A release that only listens fails no caller; its answers are kept beside those that went out.',
    );
}

/** What is asked beside would be done twice. */
export function checkOutside({ shadow, model, candidate }: NewRelease, version: ModelVersion, find: FindVersion): void {
  if (shadow === null || shadow.outside) return;
  const outside = asksOutside(version.definition, find).map(
    (ref) => `\`${ref === '' ? `${model}@${candidate}` : ref}\``,
  );
  if (outside.length > 0)
    throw new WheelhouseError('invalid_request', `${outside.join(', ')} may act: it calls an API or code.`, {
      ...{
        param: 'shadow',
        hint: 'Set `shadow.outside` (--outside) if doing it twice does no harm, or start a canary.',
      },
    });
}
