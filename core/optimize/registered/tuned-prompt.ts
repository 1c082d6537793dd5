import { flavorOf, parseTemplate } from '../../model/index.ts';
import type { SchemaChecker } from '../../ports/index.ts';
import {
  type Adapter,
  type ChatMessage,
  type Demo,
  defineModule,
  fieldOf,
  type Module,
  predict,
  type Signature,
  type Tunables,
  typeOfSchema,
} from '../../program/index.ts';
import { isJsonObject, type Json, type JsonObject, type ModelVersion, WheelhouseError } from '../../records/index.ts';

/** A definition of flavor `prompt`, as far as it is tuned. */
type PromptDefinition = { flavor: 'prompt'; baseModel: string; parameters: JsonObject } & {
  template?: string;
  messages?: JsonObject[];
};

/** The caller's own message, where the prompt does not end with one. */
const messageField = 'message';
const answerField = 'answer';

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
/** Text as a template that says it, whatever braces are in it, and whatever follows. */
const verbatim = (text: string): string => text.replace(/\{\{|\{$/g, (braces) => `{{=<% %>=}}${braces}<%={{ }}=%>`);
const variable = (name: string): string => `{{${name}}}`;
/** What a model may write for a variable. */
const written = /\{\{\{\s*([^{}]+?)\s*\}\}\}|\{\{\s*([^{}]+?)\s*\}\}/g;

/** The system message: what it says, with its variables as `{{name}}`, and their names. */
type Instructions = { source: string; text: string; variables: string[] };

function instructionsOf(source: string, refuse: (what: string) => WheelhouseError): Instructions {
  const { pieces } = parseTemplate(source, 'messages');
  const variables = new Set<string>();
  const texts = pieces.map((piece) => {
    if (piece.kind === 'text') return piece.text;
    if (piece.kind !== 'value')
      throw refuse('its system message has sections or partials, which instructions that are written anew would lose');
    variables.add(piece.name);
    return variable(piece.name);
  });
  const said = pieces.flatMap((piece) => (piece.kind === 'text' ? [...piece.text.matchAll(written)] : []));
  if (said.some(([, a, b]) => variables.has(a ?? b ?? '')))
    throw refuse('its system message says the name of a variable in braces, as text');
  return { source, text: texts.join(''), variables: [...variables] };
}

/** Instructions as a template. Variables stay variables; those that a model lost stand at the end. */
function templateOf({ source, text, variables }: Instructions, said: string): string {
  if (said === text) return source;
  const kept = new Set<string>();
  let made = '';
  let at = 0;
  for (const { 0: whole, 1: a, 2: b, index } of said.matchAll(written)) {
    const name = a ?? b ?? '';
    if (!variables.includes(name)) continue;
    kept.add(name);
    made += verbatim(said.slice(at, index)) + variable(name);
    at = index + whole.length;
  }
  made += verbatim(said.slice(at));
  const lost = variables.filter((name) => !kept.has(name)).map((name) => `${name}: ${variable(name)}`);
  return [...(made === '' ? [] : [made]), ...lost].join('\n\n');
}

type Layout = {
  systemRole: Json;
  instructions: Instructions;
  demos: Demo[];
  /** Between the instructions and the examples. */
  middle: JsonObject[];
  /** The template of the question, with which the prompt ends; null: the caller asks it. */
  question: string | null;
};

function layoutOf({ template, messages = [] }: PromptDefinition, name: string): Layout {
  const refuse = (what: string) =>
    new WheelhouseError('invalid_request', `The prompt \`${name}\` cannot be optimized: ${what}.`, {
      param: 'program',
      hint: 'Write what it does as a program: docs/guides/programs.md',
    });
  const parts = template === undefined ? [...messages] : [{ role: 'user', content: template }];
  if (parts.some((part) => 'placeholder' in part || 'include' in part))
    throw refuse('messages of others stand in it, by a placeholder or an include');
  const isSystem = ({ role }: JsonObject) => role === 'system' || role === 'developer';
  const system = parts[0] && isSystem(parts[0]) ? parts.shift() : undefined;
  const source = system?.content ?? '';
  if (typeof source !== 'string') throw refuse('its system message is more than text');
  const instructions = instructionsOf(source, refuse);
  const last = parts.at(-1);
  const question = last?.role === 'user' && typeof last.content === 'string' ? last.content : null;
  if (question !== null) parts.pop();
  const shown = parts.at(-1);
  const isShown = shown?.user === (question ?? variable(messageField)) && Array.isArray(shown.examples);
  const examples = isShown ? (parts.pop()?.examples as { input: JsonObject; output: Json }[]) : [];
  return {
    ...{ systemRole: system?.role ?? 'system', instructions, middle: parts, question },
    demos: examples.map(({ input, output }) => ({ values: { ...input, [answerField]: textOf(output) } })),
  };
}

/** The same prompt with other instructions and examples. */
function tunedDefinition(definition: PromptDefinition, layout: Layout, tunables: Tunables): PromptDefinition {
  const { template: _, ...rest } = definition;
  const { instructions = layout.instructions.text, demos = layout.demos, parameters, model } = tunables;
  const { systemRole, middle, question } = layout;
  const examples = demos.map(({ values: { [answerField]: output = null, ...input } }) => ({ input, output }));
  const user = question ?? variable(messageField);
  const system = templateOf(layout.instructions, instructions);
  return {
    ...{ ...rest, baseModel: model ?? rest.baseModel, parameters: parameters ?? rest.parameters },
    messages: [
      ...(system === '' ? [] : [{ role: systemRole, content: system }]),
      ...middle,
      ...(examples.length === 0 ? [] : [{ examples, user }]),
      ...(question === null ? [] : [{ role: 'user', content: question }]),
    ],
  };
}

function messagesOf(
  definition: PromptDefinition,
  { isWhole, checker }: { isWhole: boolean; checker: SchemaChecker },
  input: JsonObject,
): ChatMessage[] {
  const flavor = flavorOf(definition);
  if (flavor.runs !== 'direct') throw new WheelhouseError('internal', 'A prompt is one call.');
  const { messages } = flavor.request(definition, input, { checker, find: () => null });
  const own = isWhole ? [] : [{ role: 'user', content: textOf(input[messageField]) }];
  return [...messages, ...own] as ChatMessage[];
}

export type PromptProgram = {
  program: Module<JsonObject, JsonObject>;
  model: string;
  /** The prompt as a candidate has it. */
  publish(tunables: Tunables): PromptDefinition;
};

/**
 * A registered prompt as a program of one predictor: its system message are the instructions, its few-shot block the
 * demonstrations, its variables the inputs. Variables of the system message stay in
 * it, whatever instructions are written. It asks exactly what the prompt that is made of a candidate asks.
 * @throws WheelhouseError `invalid_request` for a prompt in which these cannot be told apart
 */
export function promptProgram(
  version: Pick<ModelVersion, 'definition' | 'signature'>,
  { name, checker }: { name: string; checker: SchemaChecker },
): PromptProgram {
  const definition = version.definition as PromptDefinition;
  const layout = layoutOf(definition, name);
  const { properties } = version.signature.input;
  const inputs = Object.entries(isJsonObject(properties) ? properties : {}).map(([input, schema]) =>
    fieldOf(input, typeOfSchema(schema)),
  );
  const isWhole = layout.question !== null;
  if (!isWhole) inputs.push(fieldOf(messageField, { kind: 'text' }));
  const { demos } = layout;
  const instructions = layout.instructions.text;
  const signature: Signature = { instructions, inputs, outputs: [fieldOf(answerField, { kind: 'text' })] };
  const adapter: Adapter = {
    name: 'prompt',
    format: ({ signature: { instructions: said }, demos: shown, input }) =>
      messagesOf(
        tunedDefinition(definition, layout, { instructions: said, demos: shown }),
        { isWhole, checker },
        input,
      ),
    parse: (_, text) => ({ [answerField]: text }),
    ask: async (task, send) => ({ [answerField]: await send(adapter.format(task), { adapter: adapter.name }) }),
  };
  const inner = predict(signature);
  return {
    program: defineModule({
      signature,
      defaults: { demos, parameters: definition.parameters },
      // The model that writes instructions is asked in the ordinary form.
      forward: (input: JsonObject, scope) => inner.forward(input, { ...scope, world: { ...scope.world, adapter } }),
    }),
    model: definition.baseModel,
    publish: (tunables) => tunedDefinition(definition, layout, tunables),
  };
}
