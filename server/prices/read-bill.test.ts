import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv } from './parse-csv.ts';
import { readBill } from './read-bill.ts';

const openAiPage = (results: object[]) => ({
  object: 'page',
  data: [{ object: 'bucket', start_time: 1_762_560_000, end_time: 1_762_646_400, results }],
  has_more: false,
});
const openAiResult = (value: number | string, line_item: string | null, currency = 'usd') => ({
  ...{ object: 'organization.costs.result', project_id: null, line_item },
  amount: { value, currency },
});
const anthropicPage = (results: object[]) => ({
  data: [{ starting_at: '2025-11-08T00:00:00Z', ending_at: '2025-11-09T00:00:00Z', results }],
  has_more: false,
});

describe('a bill', () => {
  it('is read from OpenAI costs, with lines that name a model and what of it', () => {
    const page = openAiPage([
      openAiResult(0.15, 'gpt-4o-mini-2024-07-18, input'),
      openAiResult('0.8958740000000000', 'gpt-4o-mini-2024-07-18, output'),
      openAiResult(1.5e-7, 'web search tool calls'),
    ]);
    expect(readBill(JSON.stringify([page, openAiPage([])]))).toEqual({
      ...{ format: 'OpenAI costs (JSON)', provider: 'openai', notes: [] },
      lines: [
        { day: '2025-11-08', model: 'gpt-4o-mini-2024-07-18', nanoUsd: 150_000_000n },
        { day: '2025-11-08', model: 'gpt-4o-mini-2024-07-18', nanoUsd: 895_874_000n },
        { day: '2025-11-08', model: 'web search tool calls', nanoUsd: 150n },
      ],
    });
  });

  it('is read from the CSV of the OpenAI dashboard, whose days without costs are empty', () => {
    const csv = [
      'start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id',
      '1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,0.56177125,usd,"gpt-5-mini-2025-08-07, input",',
      '1759968000,1760054400,2025-10-09T00:00:00+00:00,2025-10-10T00:00:00+00:00,,,,',
    ].join('\r\n');
    expect(readBill(`\uFEFF${csv}\r\n`)).toEqual({
      ...{ format: 'OpenAI costs (CSV)', provider: 'openai', notes: [] },
      lines: [{ day: '2025-10-05', model: 'gpt-5-mini-2025-08-07', nanoUsd: 561_771_250n }],
    });
  });

  it('is read from the cost report of Anthropic, whose amounts are cents', () => {
    const page = anthropicPage([
      { currency: 'USD', amount: '123.45', model: 'claude-sonnet-4-5-20250929', token_type: 'output_tokens' },
      { currency: 'USD', amount: '1', model: null, description: 'Web Search Usage', cost_type: 'web_search' },
    ]);
    expect(readBill(JSON.stringify(page))).toEqual({
      ...{ format: 'Anthropic cost report (JSON)', provider: 'anthropic', notes: [] },
      lines: [
        { day: '2025-11-08', model: 'claude-sonnet-4-5-20250929', nanoUsd: 1_234_500_000n },
        { day: '2025-11-08', model: 'Web Search Usage', nanoUsd: 10_000_000n },
      ],
    });
  });

  it('is read from the CSV of the Anthropic console', () => {
    const csv = 'usage_date_utc,model,workspace,token_type,cost_usd\n2025-11-08,claude-haiku-4-5,Default,output,0.02\n';
    expect(readBill(csv)).toMatchObject({
      ...{ format: 'Anthropic cost (CSV)', provider: 'anthropic' },
      lines: [{ day: '2025-11-08', model: 'claude-haiku-4-5', nanoUsd: 20_000_000n }],
    });
  });

  it.each([
    ['commas', 'date,model,usd\n2026-01-02,gpt-9,1.000000001\n2026-01-03,,-0.5\n'],
    ['semicolons and spaces', 'Date; Model; USD\n2026-01-02;gpt-9; $1.000000001\n2026-01-03;; -0.5'],
    [
      'tabs, other columns and times',
      'usd\tx\tmodel\tday\n1.000000001\ty\tgpt-9\t2026-01-02T23:59:59Z\n-0.5\t\t\t2026-01-03',
    ],
  ])('is read from a CSV of day, model and dollars: %s', (_, csv) => {
    expect(readBill(csv)).toEqual({
      ...{ format: 'CSV', provider: null, notes: [] },
      lines: [
        { day: '2026-01-02', model: 'gpt-9', nanoUsd: 1_000_000_001n },
        { day: '2026-01-03', model: null, nanoUsd: -500_000_000n },
      ],
    });
  });

  it('says what it left out', () => {
    const page = openAiPage([
      openAiResult(1, 'gpt-9, input'),
      openAiResult(1, null, 'eur'),
      openAiResult('free', null),
    ]);
    expect(readBill(JSON.stringify(page)).notes).toEqual([
      '1 line in eur: left out',
      '1 line without a readable day or amount: left out',
    ]);
  });

  it.each([
    ['a usage export', 'start_time,model,input_tokens,output_tokens\n1759622400,gpt-9,1,2', /holds no money/],
    ['a usage report', JSON.stringify(anthropicPage([{ uncached_input_tokens: 5 }])), /holds no money/],
    ['another CSV', 'name,age\nada,36', /no column of days: its columns are name, age/],
    ['a CSV without money', 'date,model\n2026-01-01,gpt-9', /no column of dollars/],
    ['another JSON', '{"data":[{"results":[]}]}', /no bill that is known/],
    ['half a JSON', '{"data":[', /looks like JSON and is not/],
    ['an empty page', JSON.stringify(openAiPage([])), /no line with an amount/],
    ['nothing', '   ', /no column of days: its columns are missing/],
  ])('refuses %s with what to do', (_, content, message) => {
    expect(() => readBill(content)).toThrowError(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringMatching(message) }),
    );
  });
});

it('a CSV is read back as it was written, whatever its cells hold', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\t', '\n', ' ', 'ü') });
  const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 });
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(table, (rows) => {
      const csv = [['x', 'y', 'z'], ...rows].map((row) => row.map(quote).join(',')).join('\n');
      const kept = rows.filter((row) => row.some((value) => value !== ''));
      expect(parseCsv(csv)).toEqual([['x', 'y', 'z'], ...kept]);
    }),
  );
});
