import type { CancelSignal } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject, type JsonSchema, WheelhouseError } from '../../records/index.ts';
import { header } from '../adapters/sections.ts';
import { typeOfSchema } from '../field-type.ts';
import { compose, type Module, type ProgramWorld, sandboxOf, thresholdOf } from '../module.ts';
import { readJson } from '../read-value.ts';
import {
  asSignature,
  type Field,
  fieldOf,
  type InputOf,
  insertField,
  type OutputOf,
  type Signature,
  type SignatureLike,
  type Valid,
} from '../signature.ts';
import { signatureData } from '../signature-data.ts';
import { reasoned } from './chain-of-thought.ts';
import { isTooLong, predictor } from './predict.ts';

/** What a program may do besides asking models. */
type ToolForm = {
  name: string;
  description: string;
  /** JSON Schema of an object: the arguments by name. */
  parameters: JsonSchema;
};
/** Code of one's own. */
export type Tool = ToolForm & { run(args: JsonObject, options: { signal: CancelSignal }): Json | Promise<Json> };
/**
 * A tool that a server has as well: JavaScript for the world's sandbox (`export const main = (args) => …`), or a model by the
 * name that callers use, whose input are the arguments.
 */
export type ToolData = ToolForm & ({ code: string } | { model: string });

export type ToolStep = { thought: string; tool: string; args: JsonObject; observation: string };

/** What it gives beside the outputs of the signature: the steps that were taken. */
export const trajectoryField: Field = fieldOf('trajectory', {
  kind: 'list',
  of: {
    kind: 'object',
    name: 'step',
    members: [
      { name: 'thought', type: { kind: 'text' }, required: true },
      { name: 'tool', type: { kind: 'text' }, required: true },
      { name: 'args', type: { kind: 'map', of: { kind: 'any', schema: {} } }, required: true },
      { name: 'observation', type: { kind: 'text' }, required: true },
    ],
  },
});

const finish = 'finish';
const names = (fields: Signature['inputs']) => fields.map(({ name }) => `\`${name}\``).join(', ');

function instructionsOf({ instructions, inputs, outputs }: Signature, tools: readonly ToolForm[]): string {
  const done = `Marks the task as complete. That is, signals that all information for producing the outputs, i.e. ${names(outputs)}, are now available to be extracted.`;
  const all = [...tools, { name: finish, description: done, parameters: { type: 'object', properties: {} } }];
  const told = all.map(({ name, description, parameters }, i) => {
    const about =
      description === '' ? '.' : `, whose description is <desc>${description.replaceAll('\n', '  ')}</desc>.`;
    return `(${i + 1}) ${name}${about} It takes arguments ${JSON.stringify(parameters.properties ?? {})}.`;
  });
  return [
    `${instructions}\n`,
    `You are an Agent. In each episode, you will be given the fields ${names(inputs)} as input. And you can see your past trajectory so far.`,
    `Your goal is to use one or more of the supplied tools to collect any necessary information for producing ${names(outputs)}.\n`,
    'To do this, you will interleave next_thought, next_tool_name, and next_tool_args in each turn, and also when finishing the task.',
    'After each tool call, you receive a resulting observation, which gets appended to your trajectory.\n',
    'When writing next_thought, you may reason about the current situation and plan for future steps.',
    'When selecting the next_tool_name and its next_tool_args, the tool must be one of:\n',
    ...told,
    'When providing `next_tool_args`, the value inside the field must be in JSON format',
  ].join('\n');
}

/** Steps as they are shown to the model, numbered from `first`. */
const trajectoryText = (steps: readonly ToolStep[], first: number): string =>
  steps
    .flatMap(({ thought, tool, args, observation }, i) => {
      const shown = { thought, tool_name: tool, tool_args: JSON.stringify(args), observation };
      return Object.entries(shown).map(([name, value]) => `${header(`${name}_${first + i}`)}\n${value}`);
    })
    .join('\n\n');

async function runTool(tool: Tool | ToolData, args: JsonObject, world: ProgramWorld) {
  const { runner, signal } = world;
  if ('run' in tool) return tool.run(args, { signal });
  if ('model' in tool) {
    const outcome = await runner.run(tool.model, { messages: [], variables: args }, { signal, asker: tool.name });
    if (!outcome.ok) throw new WheelhouseError(outcome.code ?? 'upstream_failed', outcome.error);
    return outcome.text;
  }
  return sandboxOf(world, 'A tool that is code').run(tool.code, args, signal);
}

async function observe(
  tool: Tool | ToolData | undefined,
  name: string,
  args: JsonObject,
  world: ProgramWorld,
): Promise<string> {
  if (name === finish) return 'Completed.';
  const failed = (why: string) => `Execution error in ${name}: ${why}`;
  if (tool === undefined) return failed('there is no such tool');
  const read = readJson(args, typeOfSchema(tool.parameters));
  if (!read.ok) return failed(read.problem);
  const unknown = Object.keys(args).find(
    (arg) => isJsonObject(tool.parameters.properties) && !Object.hasOwn(tool.parameters.properties, arg),
  );
  if (unknown !== undefined) return failed(`it takes no argument \`${unknown}\``);
  try {
    const observed = await runTool(tool, isJsonObject(read.value) ? read.value : {}, world);
    return typeof observed === 'string' ? observed : (JSON.stringify(observed) ?? 'null');
  } catch (error) {
    if (world.signal.aborted) throw error;
    return failed(error instanceof Error ? error.message : String(error));
  }
}

/** Of a conversation that is too long, how often its oldest step is left out before it is given up. */
const cuts = 3;

/**
 * Reasons and acts in turns (Yao et al. 2022): a thought, a tool and its arguments, what came of it; at the end the outputs
 * are read out of all that. A tool's error is an observation. What grows too long for the model loses its oldest steps.
 * `steps` is a threshold that a candidate may set.
 * @throws WheelhouseError `invalid_request` where tools cannot be told apart
 */
export function react<const S extends SignatureLike>(
  of: S & Valid<S, 'reasoning' | 'trajectory'>,
  { tools, steps = 20 }: { tools: readonly (Tool | ToolData)[]; steps?: number },
): Module<InputOf<S>, OutputOf<S> & { reasoning: string; trajectory: ToolStep[] }> {
  const signature = asSignature(of);
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  if (byName.size < tools.length || byName.has(finish))
    throw new WheelhouseError('invalid_request', `Two tools have one name, or one is called \`${finish}\`.`, {
      param: 'tools',
    });
  const trajectory = fieldOf('trajectory', { kind: 'text' });
  const acting: Signature = {
    instructions: instructionsOf(signature, tools),
    inputs: [...signature.inputs, trajectory],
    outputs: [
      fieldOf('next_thought', { kind: 'text' }),
      fieldOf('next_tool_name', { kind: 'choice', values: [...byName.keys(), finish] }),
      fieldOf('next_tool_args', { kind: 'map', of: { kind: 'any', schema: {} } }),
    ],
  };
  type Act = { next_thought: string; next_tool_name: string; next_tool_args: JsonObject };
  const parts = {
    react: predictor<JsonObject, Act>(acting),
    extract: reasoned<JsonObject, OutputOf<S>>(insertField(signature, 'inputs', trajectory, -1)),
  };
  const program = compose(parts, async (input: InputOf<S>, bound, scope) => {
    if (tools.some((tool) => 'code' in tool)) sandboxOf(scope.world, 'A tool that is code');
    const taken: ToolStep[] = [];
    let dropped = 0;
    async function fitting<T>(ask: (values: JsonObject) => Promise<T>): Promise<T> {
      for (let cut = 0; ; cut++)
        try {
          const told = trajectoryText(taken.slice(dropped), dropped);
          return await ask({ ...(input as unknown as JsonObject), trajectory: told });
        } catch (error) {
          if (!isTooLong(error) || cut === cuts || taken.length - dropped < 2) throw error;
          dropped++;
        }
    }
    const most = Math.min(1000, thresholdOf(scope, 'steps', steps));
    while (taken.length < most) {
      try {
        const act = await fitting(bound.react);
        const { next_thought: thought, next_tool_name: tool, next_tool_args: args } = act;
        const observation = await observe(byName.get(tool), tool, args, scope.world);
        taken.push({ thought, tool, args, observation });
        if (tool === finish) break;
      } catch (error) {
        const ends = isTooLong(error) || (error instanceof WheelhouseError && error.code === 'answer_unreadable');
        // It cannot say what to do next: what it knows by now has to do.
        if (ends && taken.length > 0) break;
        throw error;
      }
    }
    return { ...(await fitting(bound.extract)), trajectory: taken };
  });
  const said = tools.some((tool) => 'run' in tool) ? null : signatureData(signature);
  return {
    ...program,
    defaults: { thresholds: { steps } },
    data: said && { module: 'react', signature: said, tools: tools as unknown as Json, steps },
  };
}

/** The part of a client of the Model Context Protocol that is needed; that of `@modelcontextprotocol/sdk` fits. */
export type McpClient = {
  listTools(): Promise<{ tools: readonly { name: string; description?: string | undefined; inputSchema: object }[] }>;
  callTool(call: { name: string; arguments: JsonObject }): Promise<unknown>;
};

function mcpText(result: unknown): string {
  const { content, isError } = isJsonObject(result) ? result : {};
  const parts = Array.isArray(content) ? content : [];
  const text = parts
    .map((part) => (isJsonObject(part) && typeof part.text === 'string' ? part.text : JSON.stringify(part)))
    .join('\n');
  if (isError === true) throw new WheelhouseError('code_failed', text);
  return text === '' ? JSON.stringify(result) : text;
}

/** The tools of an MCP server, by a client that is connected. */
export async function mcpTools(client: McpClient): Promise<Tool[]> {
  const { tools } = await client.listTools();
  return tools.map(({ name, description = '', inputSchema }) => ({
    ...{ name, description, parameters: inputSchema as JsonSchema },
    run: async (args) => mcpText(await client.callTool({ name, arguments: args })),
  }));
}
