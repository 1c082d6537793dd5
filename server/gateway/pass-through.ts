import type { IncomingHttpHeaders } from 'node:http';
import type { Dialect, Provider } from '@wheelhouse/core/ports';
import { type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import { type RouteSettings, type Target, targetOf } from '@wheelhouse/core/route';
import { guessInputTokens, mostOutputTokens } from './estimate-tokens.ts';
import { whoOf } from './read-body.ts';
import { RawPass } from './tap.ts';
import type { Task } from './task.ts';

/** Of the connection, of the caller's own access, or of proxies before us. */
const notPassedOn =
  /^(?:host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|content-length|accept-encoding|authorization|cookie|x-api-key|api-key|x-goog-api-key|x-amz-.*|x-forwarded-.*|x-real-ip|forwarded|via|x-wheelhouse-.*|traceparent|tracestate|baggage|origin|referer|sec-.*)$/;

export function passedOn(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = { 'accept-encoding': 'identity' };
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'string' && !notPassedOn.test(name)) kept[name] = value;
  }
  return kept;
}

/** `/providers/openai/v1/files` is `/files` of openai: clients put the version into the path that they are given. */
const passed = /^\/providers\/([a-z0-9][a-z0-9_-]*)(?:\/v\d+[a-z]*\d*)?(\/.*)$/;

export type PassedPath = { provider: string; path: string; query: string };

/** null when the path names no provider. */
export function readPassedPath(url: string): PassedPath | null {
  const at = url.indexOf('?');
  const path = at === -1 ? url : url.slice(0, at);
  const [, provider, rest] = passed.exec(path) ?? [];
  if (provider === undefined || rest === undefined) return null;
  return { provider, path: rest, query: at === -1 ? '' : withoutKey(url.slice(at)) };
}

/** Gemini's clients put a key into the query; ours takes its place. */
function withoutKey(query: string): string {
  const kept = query
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !/^(?:key|access_token)=/.test(pair));
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

export type KnownPath = { dialect: Dialect; model: string; stream: boolean };

/** Whether a path is one where this provider answers conversations, which is then treated as one. */
export function knownPath({ path }: PassedPath, provider: Provider, body: JsonObject | null): KnownPath | null {
  if (body === null) return null;
  const [, named] = /\/models?\/([^/:]+)(?::|\/)/.exec(path) ?? [];
  const model = typeof body.model === 'string' ? body.model : named === undefined ? null : decodeURIComponent(named);
  if (model === null) return null;
  for (const { dialect, path: at } of provider.endpoints)
    for (const stream of [body.stream === true, body.stream !== true])
      if (at(model, { stream }).split('?', 1)[0] === path) {
        const inBody = at(model, { stream: true }) === at(model, { stream: false });
        return { dialect, model, stream: inBody ? body.stream === true : stream };
      }
  return null;
}

/** A call of one provider's model and no other, whatever routes there are. */
export function soleTarget(provider: string, vendorModel: string, settings: RouteSettings): Target {
  const targets = [targetOf(provider, vendorModel)];
  const ref = `${provider}/${vendorModel}`;
  return {
    ref,
    route: { name: null, targets, settings },
    provider,
    vendorModel,
    version: null,
    name: null,
    alias: null,
  };
}

/** What else a provider can do: its bytes pass as they are, governed and recorded as any call. */
export function passThroughTask(given: {
  method: string;
  at: PassedPath;
  headers: Record<string, string>;
  body: Buffer;
  json: JsonObject | null;
  settings: RouteSettings;
}): Task {
  const { method, at, headers, body, json } = given;
  if (!['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method))
    throw new WheelhouseError('method_not_allowed', `A provider takes no ${method} through this server.`);
  const model = json !== null && typeof json.model === 'string' ? json.model : at.path.slice(1);
  // Sent once: what it does is not known here.
  const retries = { ...given.settings.retries, attempts: 1 };
  const target = soleTarget(at.provider, model, { ...given.settings, retries, hedgeAfterMs: null });
  const shown: JsonObject = json ?? { method, path: at.path };
  const size = json === null ? 0 : guessInputTokens(body.toString('utf8'));
  return {
    operation: 'pass_through',
    target,
    streamed: false,
    tokens: { input: size, output: json === null ? 0 : mostOutputTokens(json) },
    ...whoOf(json ?? {}),
    asked: { dialect: null, body: shown, text: JSON.stringify(shown), input: null },
    compose: () => ({
      method,
      path: at.path + at.query,
      headers,
      body: body.length === 0 ? null : body,
      dialect: null,
      streamed: false,
      passes: true,
      tap: () => new RawPass(),
    }),
  };
}
