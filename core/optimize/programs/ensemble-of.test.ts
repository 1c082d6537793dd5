import { ruleTask } from '@wheelhouse/testing/fakes';
import { expect, it } from 'vitest';
import { type ProgramData, programOfData, runProgram, withCandidate } from '../../program/index.ts';
import { compile } from '../compile.ts';
import { randomSearch } from '../few-shot/random-search.ts';
import { ensembleOf } from './ensemble-of.ts';

it('is data where what it votes over is, so that a server answers as it does here', async () => {
  const { program, train, validation, heldOut, metric, deps } = ruleTask({ seed: 1, rules: 4 });
  const options = { train, validation, heldOut, metric, seed: 1, budget: { calls: 900 } };
  const { best } = await compile(program, { ...options, optimizer: ensembleOf(randomSearch({ candidates: 2 })) }, deps);
  const data = JSON.parse(JSON.stringify(best.program.data)) as ProgramData;
  expect(data).toMatchObject({ module: 'ensemble', programs: [{ module: 'predict' }, {}, {}] });
  const again = withCandidate(programOfData(data), JSON.parse(JSON.stringify(best.candidate)));
  for (const { input } of heldOut.slice(0, 5)) {
    const [here, there] = [
      await runProgram(best.program, input, deps.world),
      await runProgram(again, input, deps.world),
    ];
    expect(there).toEqual(here);
  }
});
