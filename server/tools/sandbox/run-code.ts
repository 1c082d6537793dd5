import {
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSWASMModule,
  Scope,
} from 'quickjs-emscripten-core';

export type CodeLimits = { ms: number; bytes: number };

/** Deeper, and the stack of the interpreter itself would give way. */
const stackBytes = 256 * 1024;

/**
 * Runs before the code of others. Time and chance would make the same input give another answer, so asking for them is
 * an error; dates that are written out are fine.
 */
const prelude = `
(() => {
  const none = (what) => () => { throw new Error(what + ' is not there: the same input has to give the same answer'); };
  const Real = Date;
  const Fixed = function Date(...given) {
    if (given.length === 0 || new.target === undefined) return none('The current time')();
    return Reflect.construct(Real, given, new.target);
  };
  Fixed.prototype = Real.prototype;
  Fixed.prototype.constructor = Fixed;
  Fixed.parse = Real.parse;
  Fixed.UTC = Real.UTC;
  Fixed.now = none('The current time');
  globalThis.Date = Fixed;
  Math.random = none('Math.random');
  const nothing = () => {};
  globalThis.console = { log: nothing, info: nothing, warn: nothing, error: nothing, debug: nothing };
})();
`;

/** What the code did wrong, for its author. */
export class CodeFailure extends Error {}

function describe(
  context: QuickJSContext,
  error: QuickJSHandle,
  late: boolean,
  { ms, bytes }: CodeLimits,
): CodeFailure {
  const told: unknown = context.dump(error);
  const { name, message, stack } = (typeof told === 'object' && told !== null ? told : {}) as Record<string, unknown>;
  if (late && message === 'interrupted') return new CodeFailure(`it took longer than ${ms / 1000} s`);
  if (message === 'out of memory') return new CodeFailure(`it took more than ${bytes / 1024 / 1024} MB of memory`);
  if (typeof message !== 'string') return new CodeFailure(`it threw ${JSON.stringify(told)}`);
  const place = typeof stack === 'string' ? /code\.js:\d+(?::\d+)?/.exec(stack)?.[0] : undefined;
  return new CodeFailure(`${String(name)}: ${message}${place === undefined ? '' : ` at ${place}`}`);
}

type Run = { runtime: QuickJSRuntime; context: QuickJSContext; scope: Scope; limits: CodeLimits; isLate(): boolean };

function unwrap(
  { context, scope, limits, isLate }: Run,
  result: ReturnType<QuickJSContext['evalCode']>,
): QuickJSHandle {
  if (result.error) throw describe(context, scope.manage(result.error), isLate(), limits);
  return scope.manage(result.value);
}

/** The value that a promise comes to; nothing here can wait for anything outside. */
function settled(run: Run, handle: QuickJSHandle): QuickJSHandle {
  const { runtime, context, scope, limits, isLate } = run;
  const jobs = runtime.executePendingJobs();
  if (jobs.error) throw describe(context, scope.manage(jobs.error), isLate(), limits);
  const state = context.getPromiseState(handle);
  if (state.type === 'fulfilled') return state.notAPromise ? handle : settled(run, scope.manage(state.value));
  if (state.type === 'rejected') throw describe(context, scope.manage(state.error), isLate(), limits);
  throw new CodeFailure('it waits for something that never comes');
}

/** A module may take a moment, where it awaits at its top. */
function loadModule(run: Run, source: string): QuickJSHandle {
  const { context } = run;
  const loaded = settled(run, unwrap(run, context.evalCode(source, 'code.js', { type: 'module' })));
  const main = run.scope.manage(context.getProp(loaded, 'main'));
  if (context.typeof(main) !== 'function') throw new CodeFailure('it exports no function `main`');
  return main;
}

function callMain(run: Run, source: string, input: string): string {
  const { context, scope } = run;
  unwrap(run, context.evalCode(prelude, 'prelude.js'));
  const json = scope.manage(context.getProp(context.global, 'JSON'));
  const parse = scope.manage(context.getProp(json, 'parse'));
  const stringify = scope.manage(context.getProp(json, 'stringify'));
  const main = loadModule(run, source);
  const given = unwrap(run, context.callFunction(parse, json, scope.manage(context.newString(input))));
  const output = settled(run, unwrap(run, context.callFunction(main, context.undefined, given)));
  const text = unwrap(run, context.callFunction(stringify, json, output));
  if (context.typeof(text) !== 'string') throw new CodeFailure('`main` gave nothing that is JSON');
  return context.getString(text);
}

/**
 * What `main` of a module gives for an input; both as JSON. Each run has an interpreter of its own, which ends with it.
 * @throws CodeFailure
 */
export function runCode(
  quickjs: QuickJSWASMModule,
  { source, input, limits }: { source: string; input: string; limits: CodeLimits },
): string {
  const deadline = Date.now() + limits.ms;
  const isLate = () => Date.now() > deadline;
  return Scope.withScope((scope) => {
    const runtime = scope.manage(quickjs.newRuntime());
    runtime.setMemoryLimit(limits.bytes);
    runtime.setMaxStackSize(stackBytes);
    runtime.setInterruptHandler(isLate);
    const context = scope.manage(runtime.newContext());
    return callMain({ runtime, context, scope, limits, isLate }, source, input);
  });
}
