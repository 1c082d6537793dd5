/**
 * The part of `@opentelemetry/api` 1.x that this room speaks, in types of our own: its tracer fits where that package's
 * `Tracer` is asked for, and neither running nor type-checking it needs the package.
 */
export type AttributeValue =
  | string
  | number
  | boolean
  | (string | null | undefined)[]
  | (number | null | undefined)[]
  | (boolean | null | undefined)[];
export type Attributes = Record<string, AttributeValue | undefined>;

/** Milliseconds since 1970 or since the process began, a date, or seconds and nanoseconds. */
export type TimeInput = number | Date | [number, number];

export type SpanContext = { traceId: string; spanId: string; traceFlags: number; isRemote?: boolean };
export type SpanLink = { context: SpanContext; attributes?: Attributes };
/** `code`: 0 unset, 1 ok, 2 error. */
export type SpanStatus = { code: number; message?: string };
export type SpanOptions = {
  /** 0 internal, 1 server, 2 client, 3 producer, 4 consumer. */
  kind?: number;
  attributes?: Attributes;
  links?: SpanLink[];
  startTime?: TimeInput;
  root?: boolean;
};
type Exception =
  | string
  | { code: string | number; message?: string; name?: string; stack?: string }
  | { message: string; code?: string | number; name?: string; stack?: string }
  | { name: string; code?: string | number; message?: string; stack?: string };

export interface Span {
  spanContext(): SpanContext;
  setAttribute(key: string, value: AttributeValue): this;
  setAttributes(attributes: Attributes): this;
  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this;
  addLink(link: SpanLink): this;
  addLinks(links: SpanLink[]): this;
  setStatus(status: SpanStatus): this;
  updateName(name: string): this;
  end(time?: TimeInput): void;
  isRecording(): boolean;
  recordException(exception: Exception, time?: TimeInput): void;
}

export interface Context {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): Context;
  deleteValue(key: symbol): Context;
}

export interface ContextManager {
  active(): Context;
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F>;
  bind<T>(context: Context, target: T): T;
  enable(): this;
  disable(): this;
}

export interface Tracer {
  startSpan(name: string, options?: SpanOptions, context?: Context): Span;
  startActiveSpan<F extends (span: Span) => unknown>(name: string, fn: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(name: string, options: SpanOptions, fn: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    context: Context,
    fn: F,
  ): ReturnType<F>;
}

export interface TracerProvider {
  getTracer(name: string, version?: string): Tracer;
}
