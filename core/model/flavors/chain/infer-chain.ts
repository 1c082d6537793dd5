import { canonicalJson, isJsonObject, type Json, type JsonSchema, type Signature } from '../../../records/index.ts';
import type { FlavorContext } from '../../flavor.ts';
import { pointerPath } from '../../pointer.ts';
import { outputOf } from '../../signature.ts';
import { type Reading, readMapping } from '../mapping.ts';
import { inputRead } from '../read-scope.ts';
import { chainReadings, listsIn } from './check-chain.ts';
import type { ChainDefinition, Step } from './definition.ts';

type Known = ReadonlyMap<string, JsonSchema>;

const anything: JsonSchema = {};

/** One schema where all are the same; else nothing is said. */
function shared(schemas: readonly JsonSchema[]): JsonSchema {
  const [first = anything] = schemas;
  return schemas.every((one) => canonicalJson(one) === canonicalJson(first)) ? first : anything;
}

function lastOf(steps: readonly Step[], context: FlavorContext): JsonSchema {
  const last = steps.at(-1);
  return last === undefined ? anything : outputOfStep(last, context);
}

function outputOfStep(step: Step, context: FlavorContext): JsonSchema {
  switch (step.do) {
    case 'prompt':
      return context.find(step.model)?.signature.output ?? outputOf(step.parameters);
    case 'tool':
      return step.call.stream && step.call.output === undefined ? { type: 'string' } : anything;
    case 'code':
      return anything;
    case 'branch':
      return step.otherwise === undefined ? anything : shared(listsIn(step).map(({ steps }) => lastOf(steps, context)));
    case 'map':
      return { type: 'array', items: lastOf(step.steps, context) };
    case 'parallel': {
      const names = Object.keys(step.branches);
      const members = Object.entries(step.branches).map(([name, steps]) => [name, lastOf(steps, context)]);
      return { type: 'object', properties: Object.fromEntries(members), required: names };
    }
    case 'retry':
      return lastOf(step.steps, context);
  }
}

function mappedSchema(json: Json, outputs: Known): JsonSchema {
  const mapping = readMapping(json, 'definition.output');
  switch (mapping.kind) {
    case 'text':
      return { type: 'string' };
    case 'from': {
      const [root, id, ...rest] = mapping.path;
      return root === 'steps' && id !== undefined && rest.length === 0 ? (outputs.get(id) ?? anything) : anything;
    }
    case 'object': {
      const members = Object.entries(json as Record<string, Json>);
      return {
        type: 'object',
        properties: Object.fromEntries(members.map(([name, inner]) => [name, mappedSchema(inner, outputs)])),
      };
    }
    case 'list':
      return { type: 'array' };
    case 'value':
      return typeof mapping.value === 'string' ? { type: 'string' } : anything;
  }
}

/** What models say of the members of the input that are handed on to them. */
type Passed = { known: Map<string, JsonSchema>; readings: Reading[]; optional: Set<string> };

const isOpen = ({ additionalProperties }: JsonSchema) => additionalProperties !== false;

/** A step without a mapping hands the whole input on: the chain takes what its model takes. */
function passWhole(input: JsonSchema, properties: JsonSchema, passed: Passed): void {
  const required = Array.isArray(input.required) ? input.required : [];
  for (const [name, schema] of Object.entries(properties)) {
    note(passed.known, name, schema);
    passed.readings.push({ path: ['input', name], whole: true });
    if (!required.includes(name)) passed.optional.add(name);
  }
  if (isOpen(input)) passed.readings.push({ path: ['input'], whole: true });
}

function passMembers(mapped: JsonSchema, properties: JsonSchema, { known }: Passed): void {
  for (const [name, value] of Object.entries(mapped)) {
    if (!isJsonObject(value) || typeof value.$from !== 'string' || !Object.hasOwn(properties, name)) continue;
    const [root, member, ...rest] = pointerPath(value.$from);
    if (root === 'input' && member !== undefined && rest.length === 0) note(known, member, properties[name]);
  }
}

function passOn(steps: readonly Step[], context: FlavorContext, passed: Passed): void {
  for (const step of steps) {
    for (const list of listsIn(step)) passOn(list.steps, context, passed);
    if (step.do !== 'prompt') continue;
    const whole = step.input === undefined && step.messages === undefined;
    const input = context.find(step.model)?.signature.input;
    const properties = input && isJsonObject(input.properties) ? input.properties : null;
    if (input && properties && whole) passWhole(input, properties, passed);
    else if (whole) passed.readings.push({ path: ['input'], whole: true });
    else if (properties && isJsonObject(step.input)) passMembers(step.input, properties, passed);
  }
}

function note(into: Map<string, JsonSchema>, name: string, schema: Json | undefined): void {
  if (isJsonObject(schema) && !into.has(name)) into.set(name, schema);
}

/** What a chain needs is what its steps read; what it gives is what its last step, or its `output`, does. */
export function inferChain(definition: ChainDefinition, context: FlavorContext): Signature {
  const { steps, output } = definition;
  const passed: Passed = { known: new Map(), readings: [], optional: new Set() };
  passOn(steps, context, passed);
  const readings = chainReadings(definition).filter(({ handsOn }) => !handsOn);
  for (const { reading } of readings) passed.optional.delete(reading.path[1] ?? '');
  const outputs = new Map(steps.map((step) => [step.id, outputOfStep(step, context)]));
  return {
    input: inputRead([...passed.readings, ...readings.map(({ reading }) => reading)], {
      known: Object.fromEntries(passed.known),
      optional: passed.optional,
    }),
    output: output === undefined ? lastOf(steps, context) : mappedSchema(output, outputs),
  };
}
