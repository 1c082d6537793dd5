import { parentPort } from 'node:worker_threads';
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core';
import { CodeFailure, type CodeLimits, runCode } from './run-code.ts';

/** `input` and `output` are JSON. */
export type ToWorker = { source: string; input: string; limits: CodeLimits };
export type FromWorker = { ready: true } | { output: string } | { failure: string };

const quickjs = await newQuickJSWASMModuleFromVariant(import('@jitl/quickjs-wasmfile-release-sync'));

parentPort?.on('message', (task: ToWorker) => {
  let answer: FromWorker;
  try {
    answer = { output: runCode(quickjs, task) };
  } catch (error) {
    if (!(error instanceof CodeFailure)) throw error;
    answer = { failure: error.message };
  }
  parentPort?.postMessage(answer);
});
parentPort?.postMessage({ ready: true } satisfies FromWorker);
