import type { Json, JsonObject, ModelDefinition } from '@wheelhouse/core/records';
import { flavorConformance } from '../conformance/flavor.ts';
import { versionOf } from './predict-world.ts';

const define = (definition: object) => definition as ModelDefinition;
const answersJson = {
  type: 'json_schema',
  json_schema: { name: 'a', schema: { type: 'object', required: ['label'] } },
};

flavorConformance('base', {
  definition: define({ flavor: 'base', baseModel: 'sim/echo', parameters: { temperature: 0 } }),
  input: {},
  text: null,
  messages: [{ role: 'user', content: 'hello' }],
  output: 'hello',
});

const house = versionOf(define({ flavor: 'prompt', baseModel: 'sim/echo', template: 'House of {{who}}.' }));
flavorConformance('prompt', {
  definition: define({
    flavor: 'prompt',
    baseModel: 'sim/echo',
    messages: [
      { role: 'system', content: '{{>house@1}} {{>end}}' },
      { examples: [{ input: { q: '1+1' }, output: '2' }], user: '{{q}}' },
      { placeholder: 'history' },
      { role: 'user', content: 'Q: {{question}}' },
    ],
    partials: { end: 'Bye.' },
    parameters: { temperature: 0, max_tokens: 5 },
  }),
  models: { 'house@1': house },
  input: { who: 'Ada', question: 'why?', history: [] },
  text: 'question',
  output: 'Q: why?',
});
flavorConformance('prompt that answers JSON', {
  definition: define({
    flavor: 'prompt',
    baseModel: 'sim/echo',
    template: '{{q}}',
    parameters: { response_format: answersJson },
  }),
  input: { q: 'x' },
  text: 'q',
  world: { answer: () => '{"label":"bug"}' },
  output: { label: 'bug' },
});

const triage = versionOf(define({ flavor: 'prompt', baseModel: 'sim/echo', template: 'Triage {{text}}' }));
flavorConformance('chain', {
  definition: define({
    flavor: 'chain',
    steps: [
      { id: 'triage', do: 'prompt', model: 'triage@1', input: { text: { $from: '/input/question' } } },
      {
        id: 'again',
        do: 'retry',
        times: 2,
        steps: [
          { id: 'look', do: 'tool', call: { url: 'https://api.example.com/?q={{input.question}}', method: 'GET' } },
        ],
      },
      {
        id: 'answer',
        do: 'prompt',
        model: 'sim/echo',
        messages: [{ role: 'user', content: '{{steps.triage}}, {{steps.again}}' }],
      },
    ],
  }),
  models: { 'triage@1': triage },
  input: { question: 'it' },
  text: 'question',
  world: { http: () => ({ body: 'found' }) },
  output: 'Triage it, found',
});
flavorConformance('chain with an output', {
  definition: define({
    flavor: 'chain',
    steps: [
      {
        id: 'each',
        do: 'map',
        over: '/input/items',
        steps: [{ id: 'one', do: 'prompt', model: 'triage@1', input: { text: '{{item}}' } }],
      },
      { id: 'count', do: 'code', source: 'export const main = (list) => list.length', input: { $from: '/steps/each' } },
    ],
    output: { all: { $from: '/steps/each' }, count: { $from: '/steps/count' } },
  }),
  models: { 'triage@1': triage },
  input: { items: ['a', 'b'] },
  text: null,
  world: { code: (_source, list) => (list as Json[]).length },
  output: { all: ['Triage a', 'Triage b'], count: 2 },
});

flavorConformance('endpoint', {
  definition: define({
    flavor: 'endpoint',
    url: 'https://api.example.com/v1/{{input.kind}}',
    headers: { 'x-kind': 'of {{input.kind}}' },
    body: { question: { $from: '/input/question' }, said: 'They said: {{input.question}}' },
    output: { $from: '/body/answer' },
  }),
  input: { kind: 'faq', question: 'why?' },
  text: 'question',
  world: { http: () => ({ headers: { 'content-type': 'application/json' }, body: '{"answer":{"n":1}}' }) },
  output: { n: 1 },
});
flavorConformance('endpoint that streams', {
  definition: define({
    flavor: 'endpoint',
    url: 'https://api.example.com/',
    stream: { format: 'sse', text: '/delta' },
  }),
  input: { q: 'why?' },
  text: 'q',
  world: { http: () => ({ body: 'data: {"delta":"Be"}\n\ndata: {"delta":"cause."}\n\ndata: [DONE]\n\n' }) },
  output: 'Because.',
});

const code: JsonObject = { flavor: 'code', runtime: 'node', entry: './bot.ts', hash: 'a'.repeat(64) };
flavorConformance('code', {
  definition: define(code),
  input: { q: 1 },
  text: 'q',
  world: { host: () => ({ n: 2 }) },
  output: { n: 2 },
});
flavorConformance('code that streams', {
  definition: define({ ...code, streams: true }),
  input: { q: 'x' },
  text: 'q',
  world: { host: () => ['One ', 'two ', 'three.'] },
  output: 'One two three.',
});

flavorConformance('program', {
  definition: define({
    flavor: 'program',
    model: 'sim/echo',
    program: {
      module: 'graph',
      signature: 'question -> answer, why',
      nodes: [
        {
          id: 'search',
          program: { module: 'predict', signature: { inputs: [{ name: 'question' }], outputs: [{ name: 'query' }] } },
          input: { question: 'question' },
        },
        {
          id: 'read',
          program: {
            module: 'self-consistency',
            samples: 2,
            program: { module: 'chain-of-thought', signature: 'query -> answer' },
          },
          input: { query: 'search.query' },
        },
      ],
      output: { answer: 'read.answer', why: 'read.reasoning' },
    },
    candidate: { search: { instructions: 'Say what to look for.', parameters: { temperature: 0 } } },
  }),
  input: { question: 'Why?' },
  text: 'question',
  world: {
    answer: ({ messages }) => {
      const asked = JSON.stringify(messages.at(-1));
      return asked.includes('`[[ ## query ## ]]`')
        ? '[[ ## query ## ]]\nwords\n[[ ## completed ## ]]'
        : '[[ ## reasoning ## ]]\nbecause\n[[ ## answer ## ]]\nfine\n[[ ## completed ## ]]';
    },
  },
  output: { answer: 'fine', why: 'because' },
});

flavorConformance('program', {
  definition: define({
    flavor: 'program',
    model: 'sim/echo',
    program: {
      module: 'best-of',
      count: 2,
      threshold: 2,
      reward: { code: 'export const main = ({ output }) => output.answer.length' },
      program: {
        module: 'ensemble',
        programs: [1, 2].map(() => ({
          module: 'react',
          signature: 'question -> answer',
          tools: [
            {
              name: 'look',
              description: 'Looks it up.',
              parameters: { type: 'object', properties: { word: { type: 'string' } } },
              code: 'export const main = ({ word }) => word',
            },
          ],
        })),
      },
    },
  }),
  input: { question: 'Why?' },
  text: 'question',
  world: {
    code: (source, input) => (source.includes('length') ? 1 : (input as { word: string }).word),
    answer: ({ messages }) => {
      const asked = JSON.stringify(messages.at(-1));
      const isDone = asked.includes('observation_0');
      if (asked.includes('`[[ ## next_thought ## ]]`'))
        return `[[ ## next_thought ## ]]\nt\n[[ ## next_tool_name ## ]]\n${isDone ? 'finish' : 'look'}\n[[ ## next_tool_args ## ]]\n${isDone ? '{}' : '{"word": "x"}'}\n[[ ## completed ## ]]`;
      return '[[ ## reasoning ## ]]\nbecause\n[[ ## answer ## ]]\nfine\n[[ ## completed ## ]]';
    },
  },
  output: {
    reasoning: 'because',
    answer: 'fine',
    trajectory: [
      { thought: 't', tool: 'look', args: { word: 'x' }, observation: 'x' },
      { thought: 't', tool: 'finish', args: {}, observation: 'Completed.' },
    ],
  },
});
