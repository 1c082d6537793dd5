import { WheelhouseError } from '../../../records/index.ts';
import { parseTemplate } from '../../template/parse-template.ts';
import { type Reading, readingsOf, readMapping, templateReadings } from '../mapping.ts';
import type { HttpCall } from './definition.ts';

/** Headers that belong to the connection or to tracing, and not to who writes a definition. */
const ours = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'traceparent',
  'tracestate',
]);

/** What stands before the first tag decides where a call goes, so that no value can send it, and its keys, elsewhere. */
function checkAddress({ url, provider }: HttpCall, param: string): void {
  const fixed = url.slice(0, url.includes('{{') ? url.indexOf('{{') : url.length);
  const whole = fixed === url;
  const wrong = (message: string, hint: string) => new WheelhouseError('invalid_request', message, { param, hint });
  if (provider !== undefined) {
    if (!fixed.startsWith('/') || fixed.startsWith('//') || fixed.startsWith('/\\'))
      throw wrong('With `provider`, `url` is a path at that provider.', 'Write it as /v1/rerank.');
  } else if (
    !/^https?:\/\/[^/?#\\\s]+(?:[/?#]|$)/i.test(fixed) ||
    (!whole && !/^https?:\/\/[^/?#\\\s]+[/?#]/i.test(fixed))
  )
    throw wrong(
      '`url` starts with http:// or https:// and a host without variables.',
      'Write the host out, for example https://api.example.com/v1/{{input.kind}}.',
    );
}

/** Every place that a call reads. @throws WheelhouseError `invalid_request` that names what cannot be called */
export function readingsOfCall(call: HttpCall, param: string): Reading[] {
  checkAddress(call, `${param}.url`);
  const found = templateReadings(parseTemplate(call.url, `${param}.url`));
  for (const [name, text] of Object.entries(call.headers)) {
    if (ours.has(name.toLowerCase()))
      throw new WheelhouseError('invalid_request', `The header \`${name}\` is not for a definition to set.`, {
        param: `${param}.headers.${name}`,
      });
    found.push(...templateReadings(parseTemplate(text, `${param}.headers.${name}`)));
  }
  if (call.body !== undefined) found.push(...readingsOf(readMapping(call.body, `${param}.body`)));
  else if (call.method !== 'GET' && call.method !== 'DELETE') found.push({ path: ['input'], whole: true });
  if (call.output !== undefined) checkOutput(readingsOf(readMapping(call.output, `${param}.output`)), param);
  if (call.stream && !/^(?:\/.*)?$/s.test(call.stream.text))
    throw new WheelhouseError('invalid_request', '`stream.text` takes a JSON Pointer, for example /delta/text.', {
      param: `${param}.stream.text`,
    });
  return found;
}

function checkOutput(readings: Reading[], param: string): void {
  for (const { path } of readings)
    if (path[0] !== undefined && !['status', 'headers', 'body'].includes(path[0]))
      throw new WheelhouseError('invalid_request', `The answer of a call has no \`${path[0]}\`.`, {
        param: `${param}.output`,
        hint: 'It has `status`, `headers` and `body`.',
      });
}
