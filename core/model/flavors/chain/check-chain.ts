import type { Signature } from '../../../records/index.ts';
import { WheelhouseError } from '../../../records/index.ts';
import type { FlavorContext } from '../../flavor.ts';
import { pointerPath } from '../../pointer.ts';
import { readingsOfCall } from '../endpoint/index.ts';
import { type Reading, readingsOf, readMapping } from '../mapping.ts';
import { checkReadings } from '../read-scope.ts';
import { pointersOf } from './condition.ts';
import type { ChainDefinition, Step } from './definition.ts';

/** Steps that stand in a step, list by list. */
export function listsIn(step: Step): { steps: Step[]; at: string }[] {
  switch (step.do) {
    case 'branch':
      return [
        ...step.cases.map(({ steps }, i) => ({ steps, at: `cases[${i}].steps` })),
        ...(step.otherwise === undefined ? [] : [{ steps: step.otherwise, at: 'otherwise' }]),
      ];
    case 'map':
    case 'retry':
      return [{ steps: step.steps, at: 'steps' }];
    case 'parallel':
      return Object.entries(step.branches).map(([name, steps]) => ({ steps, at: `branches.${name}` }));
    default:
      return [];
  }
}

/** Every model that a step calls. */
export const modelsOf = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) =>
    step.do === 'prompt' ? [step.model] : listsIn(step).flatMap((list) => modelsOf(list.steps)),
  );

/** Whether any step calls an API; code of steps has no network. */
export const callsTools = (steps: readonly Step[]): boolean =>
  steps.some((step) => step.do === 'tool' || listsIn(step).some((list) => callsTools(list.steps)));

const at = (pointer: string): Reading => ({ path: pointerPath(pointer), whole: true });
const wholeInput: Reading = { path: ['input'], whole: true };

/** What a step itself reads, without the steps in it. */
function readBy(step: Step, param: string): Reading[] {
  const mapped = (name: 'input' | 'messages'): Reading[] => {
    const json = (step as { input?: unknown; messages?: unknown })[name];
    return json === undefined ? [] : readingsOf(readMapping(json as never, `${param}.${name}`));
  };
  switch (step.do) {
    case 'prompt':
      return step.input === undefined && step.messages === undefined
        ? [wholeInput]
        : [...mapped('input'), ...mapped('messages')];
    case 'tool': {
      const call = readingsOfCall(step.call, `${param}.call`);
      // Inside the call, `/input` is what the step itself was given.
      return [
        ...(step.input === undefined ? [] : mapped('input')),
        ...call.filter(notOwnInput(step.input !== undefined)),
      ];
    }
    case 'code':
      return step.input === undefined ? [wholeInput] : mapped('input');
    case 'branch':
      return step.cases.flatMap(({ when }) => pointersOf(when)).map(at);
    case 'map':
      return [at(step.over)];
    default:
      return [];
  }
}

const notOwnInput = (own: boolean) => (reading: Reading) => !own || reading.path[0] !== 'input';

export type StepReading = {
  reading: Reading;
  param: string;
  /** Ids of the steps that have run there. */
  visible: string[];
  inMap: boolean;
  /** Whether it is the whole input, handed on to a model. */
  handsOn: boolean;
};

/** Everything that the steps read, with what stands there when they do. */
function stepReadings(
  steps: readonly Step[],
  place: { param: string; visible: string[]; inMap: boolean },
): StepReading[] {
  const visible = [...place.visible];
  return steps.flatMap((step, i) => {
    const param = `${place.param}[${i}]`;
    const seen = { param, visible: [...visible], inMap: place.inMap };
    const own = readBy(step, param).map((reading) => ({
      reading,
      ...seen,
      handsOn: reading === wholeInput && step.do === 'prompt',
    }));
    const inMap = place.inMap || step.do === 'map';
    const inner = listsIn(step).flatMap((list) =>
      stepReadings(list.steps, { param: `${param}.${list.at}`, visible: seen.visible, inMap }),
    );
    visible.push(step.id);
    return [...own, ...inner];
  });
}

/** Of a whole definition, its output included. */
export function chainReadings({ steps, output }: ChainDefinition): StepReading[] {
  const found = stepReadings(steps, { param: 'definition.steps', visible: [], inMap: false });
  if (output === undefined) return found;
  const visible = steps.map(({ id }) => id);
  const param = 'definition.output';
  return [
    ...found,
    ...readingsOf(readMapping(output, param)).map((reading) => ({
      reading,
      param,
      visible,
      inMap: false,
      handsOn: false,
    })),
  ];
}

function checkIds(steps: readonly Step[], param: string, seen: Set<string>): void {
  for (const [i, step] of steps.entries()) {
    if (seen.has(step.id))
      throw new WheelhouseError('invalid_request', `Two steps are called \`${step.id}\`.`, {
        param: `${param}[${i}].id`,
        hint: 'Give each step of a chain an id of its own, inside of other steps too.',
      });
    seen.add(step.id);
    for (const list of listsIn(step)) checkIds(list.steps, `${param}[${i}].${list.at}`, seen);
  }
}

function checkStepReading({ reading, param, visible }: StepReading): void {
  const [root, id] = reading.path;
  if (root !== 'steps' || id === undefined || visible.includes(id)) return;
  throw new WheelhouseError('invalid_request', `\`/steps/${id}\` is read where no such step has run.`, {
    param,
    hint:
      visible.length === 0
        ? 'No step has run before it.'
        : `Steps that have run there: ${visible.join(', ')}. What is inside another step is seen only inside of it.`,
  });
}

/** @throws WheelhouseError `invalid_request` */
export function checkChain(definition: ChainDefinition, signature: Signature, _context: FlavorContext): void {
  checkIds(definition.steps, 'definition.steps', new Set());
  for (const found of chainReadings(definition)) {
    const { reading, param, inMap } = found;
    checkReadings([reading], { signature, param, more: inMap ? ['steps', 'item', 'index'] : ['steps'] });
    checkStepReading(found);
  }
}
