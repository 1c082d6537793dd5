import type { Finish, SaidPart } from './behaviour.ts';

export type Body = Record<string, unknown>;

/** The members of a request that an answer depends on, of all dialects together. */
export type Asked = Body & {
  model?: string;
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  input?: unknown;
  encoding_format?: string;
  requests?: unknown[];
  texts?: unknown[];
  tools?: unknown;
};

/** 11 tokens in, of which 3 from a cache; 7 out, of which 2 reasoning. Each dialect counts them in its own way. */
export const tokens = { input: 11, cached: 3, output: 7, reasoning: 2 };

export type Told = {
  parts: SaidPart[];
  finish: Finish;
  /** Which call it is, from 1; ids are made of it. */
  number: number;
  model: string;
  body: Asked;
  usage: 'none' | 'last' | 'withFinish';
};

/** One event as bytes; `content`: what the caller would show. */
export type Sent = { text: string | Buffer; content: boolean };

/** How a vendor of a dialect answers. */
export type Speech = {
  contentType: string;
  whole(told: Told): Body;
  /** Made as they are read. */
  events(told: Told): Generator<Sent>;
  error(status: number, message: string): Body;
  /** A failure inside of a stream that began well. */
  errorEvent(message: string): Sent;
};

export const joined = (part: SaidPart): string => [...part.pieces].join('');

export const event = (data: unknown, options: { name?: string; content?: boolean } = {}): Sent => ({
  text: `${options.name ? `event: ${options.name}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`,
  content: options.content ?? false,
});

/** Names of statuses as vendors have them. */
export const statusWords: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  502: 'api_error',
  503: 'overloaded_error',
  529: 'overloaded_error',
};
