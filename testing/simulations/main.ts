import { fork } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Estimate, type GridCell, type Simulation, type SimulationResults, simulate } from './simulation.ts';
import { simulations } from './simulations.ts';

const seed = 20261121;
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const resultsFile = (name: string) => here(`./results/${name}.json`);

type Task = { name: string; cell: string; runs: number };
type Done = { cell: string; found: Record<string, Estimate> };

/** A worker: one cell after the other, as the parent hands them over. */
function work(): Promise<number> {
  setPriority(constants.priority.PRIORITY_LOW);
  process.on('message', async ({ name, cell, runs }: Task) => {
    const simulation = simulations.find((one) => one.name === name);
    const found = simulation?.cells.find((one) => one.id === cell);
    const done = simulation && found && (await simulate(simulation, found, { runs, seed }));
    // A parent that was stopped waits for nothing.
    if (done && process.connected) process.send?.({ cell, found: done } satisfies Done);
  });
  return new Promise((resolve) => process.on('disconnect', () => resolve(0)));
}

async function runCells(
  simulation: Simulation,
  runs: number,
  { processes, only }: { processes: number; only: string },
) {
  const found = new Map<string, Record<string, Estimate>>();
  // What is not asked for again stays as it was.
  if (only !== '') {
    const before = JSON.parse(readFileSync(resultsFile(simulation.name), 'utf8')) as SimulationResults;
    for (const one of before.cells) found.set(one.cell.id, one.found);
  }
  const waiting: GridCell[] = simulation.cells.filter(({ id }) => id.includes(only));
  const lane = () =>
    new Promise<void>((resolve, reject) => {
      const worker = fork(here('./run.mjs'), ['--worker']);
      const next = () => {
        const cell = waiting.shift();
        if (cell) worker.send({ name: simulation.name, cell: cell.id, runs } satisfies Task);
        else worker.disconnect();
      };
      worker.on('message', (done: Done) => {
        found.set(done.cell, done.found);
        process.stdout.write(`  ${done.cell}\n`);
        next();
      });
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`A worker ended with ${code}.`))));
      next();
    });
  await Promise.all(Array.from({ length: Math.min(processes, waiting.length) }, lane));
  return simulation.cells.map((cell) => ({ cell, found: found.get(cell.id) ?? {} }));
}

export async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--worker')) return work();
  const flag = (name: string) => args.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1];
  const named = args.filter((arg) => !arg.startsWith('--'));
  const chosen = simulations.filter(({ name }) => named.length === 0 || named.includes(name));
  if (chosen.length === 0 || named.some((name) => !simulations.some((one) => one.name === name))) {
    process.stderr.write(`Known simulations: ${simulations.map(({ name }) => name).join(' ')}\n`);
    return 2;
  }
  mkdirSync(here('./results'), { recursive: true });
  for (const simulation of chosen) {
    const runs = Number(flag('runs') ?? simulation.runs);
    process.stdout.write(`${simulation.name}: ${simulation.cells.length} cells of ${runs} runs\n`);
    const cells = await runCells(simulation, runs, {
      processes: Number(flag('processes') ?? 2),
      only: flag('only') ?? '',
    });
    const results: SimulationResults = {
      simulation: simulation.name,
      about: simulation.about,
      command: `node testing/simulations/run.mjs ${simulation.name} --runs=${runs}`,
      seed,
      runs,
      versions: { node: process.version },
      cells,
    };
    const lines = cells.map((cell) => `  ${JSON.stringify(cell)}`).join(',\n');
    const { cells: _, ...head } = results;
    const text = `${JSON.stringify(head, null, 1).slice(0, -2)},\n "cells": [\n${lines}\n ]\n}\n`;
    writeFileSync(resultsFile(simulation.name), text);
  }
  return 0;
}
