import type { HttpAsk, OnText } from '../../../ports/index.ts';
import { isJsonObject, type Json, WheelhouseError } from '../../../records/index.ts';
import { memo } from '../../memo.ts';
import { parseTemplate } from '../../template/parse-template.ts';
import { renderTemplate, textOfValue } from '../../template/render-template.ts';
import { fillMapping, type Scope } from '../mapping.ts';
import type { HttpCall } from './definition.ts';

const templatesOf = memo((call: HttpCall) => ({
  url: parseTemplate(call.url, 'definition.url'),
  headers: Object.entries(call.headers).map(
    ([name, text]) => [name.toLowerCase(), parseTemplate(text, `definition.headers.${name}`)] as const,
  ),
}));

const mismatch = (message: string, param: string) => new WheelhouseError('signature_mismatch', message, { param });

function encode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw mismatch('A value that goes into the URL is not valid Unicode.', 'variables');
  }
}

function urlOf(call: HttpCall, scope: Scope): string {
  const url = renderTemplate(templatesOf(call).url, scope, { write: encode });
  // URL parsers resolve dot segments, encoded or not: a value could climb out of the path that the author wrote.
  const [path = ''] = url.split(/[?#]/, 1);
  if (/(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(path))
    throw mismatch('A value that goes into the path of the URL is `.` or `..`.', 'variables');
  return url;
}

function headersOf(call: HttpCall, scope: Scope): Record<string, string> {
  const headers: [string, string][] = [];
  for (const [name, template] of templatesOf(call).headers) {
    const value = renderTemplate(template, scope);
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
      throw mismatch(`The value of the header \`${name}\` has characters that no header takes.`, 'variables');
    headers.push([name, value.trim()]);
  }
  return Object.fromEntries(headers);
}

const form = (value: Json): string =>
  Object.entries(isJsonObject(value) ? value : {})
    .map(([name, member]) => `${encode(name)}=${encode(textOfValue(member))}`)
    .join('&');

function bodyText(value: Json, type: string): string {
  if (type.startsWith('application/x-www-form-urlencoded')) return typeof value === 'string' ? value : form(value);
  return typeof value === 'string' && !/json/i.test(type) ? value : JSON.stringify(value);
}

/** The request that a call makes of these values: in the URL percent-encoded, in the body as JSON values. */
export function composeAsk(call: HttpCall, scope: Scope, onText: OnText | null): HttpAsk {
  const headers = headersOf(call, scope);
  const bare = call.body === undefined && (call.method === 'GET' || call.method === 'DELETE');
  const type = headers['content-type'] ?? 'application/json';
  const body = bare
    ? null
    : bodyText(call.body === undefined ? (scope.input ?? null) : fillMapping(call.body, scope), type);
  return {
    method: call.method,
    url: urlOf(call, scope),
    provider: call.provider ?? null,
    headers: body === null ? headers : { 'content-type': type, ...headers },
    body,
    timeoutMs: call.timeoutMs,
    onText,
  };
}
