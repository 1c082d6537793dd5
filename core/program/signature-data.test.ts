import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatAdapter } from './adapters/chat.ts';
import type { FieldType } from './field-type.ts';
import { chainOfThought, compose, predict, selfConsistency } from './index.ts';
import { type ProgramData, programOfData, signatureOfData } from './program-data.ts';
import { fieldOf, type Signature, signature } from './signature.ts';
import { signatureData } from './signature-data.ts';

const messagesOf = (of: Signature) => chatAdapter.format({ signature: of, demos: [], input: {} });
const asData = (of: Signature) => ({ module: 'predict', signature: signatureData(of) }) as unknown as ProgramData;

const plain = fc.constantFrom<FieldType>(
  { kind: 'text' },
  { kind: 'integer' },
  { kind: 'number' },
  { kind: 'boolean' },
);
const type = fc.oneof(
  plain,
  fc
    .uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 })
    .map((values): FieldType => ({ kind: 'choice', values })),
  plain.map((of): FieldType => ({ kind: 'list', of })),
  plain.map((of): FieldType => ({ kind: 'map', of })),
  plain.map((of): FieldType => ({ kind: 'union', of: [of, { kind: 'null' }] })),
  plain.map((of): FieldType => ({ kind: 'object', name: 'Thing', members: [{ name: 'a', type: of, required: true }] })),
);

describe('a signature as data', () => {
  it('is the same signature to a model, or is refused', () => {
    let said = 0;
    fc.assert(
      fc.property(fc.string(), type, type, (instructions, input, output) => {
        const of = {
          instructions,
          inputs: [fieldOf('a', input)],
          outputs: [fieldOf('b', output, { description: 'B.' })],
        };
        if (signatureData(of) === null) return;
        said++;
        const made = signatureOfData(asData(of));
        expect(made).toEqual(of);
        expect(messagesOf(made)).toEqual(messagesOf(of));
      }),
    );
    expect(said).toBeGreaterThan(80);
  });

  it('is refused where code checks a field', () => {
    const check = {
      version: 1,
      vendor: 'x',
      validate: (value: unknown) => ({ value }),
      jsonSchema: { input: () => ({ type: 'string' }) },
    } as const;
    const of = signature({ input: { a: { type: 'string' } }, output: { b: { '~standard': check } } } as never);
    expect(signatureData(of as Signature)).toBeNull();
    expect(predict(of as never).data).toBeNull();
  });
});

describe('a module as data', () => {
  it('is what it was made as', () => {
    const data: ProgramData = {
      ...{ module: 'self-consistency', samples: 3, certainty: 1, temperature: 0.5 },
      program: {
        module: 'chain-of-thought',
        signature: { instructions: 'I.', inputs: [{ name: 'a', type: 'str' }], outputs: [{ name: 'b', type: 'int' }] },
      },
    };
    const made = selfConsistency(chainOfThought(signature('a -> b: int', { instructions: 'I.' })), {
      samples: 3,
      certainty: 1,
      temperature: 0.5,
    });
    expect(made.data).toEqual(data);
    expect(programOfData(data).data).toEqual(data);
  });

  it('is none where it holds code', () => {
    const code = compose({ one: predict('a -> b') }, (input: { a: string }, { one }) => one(input));
    expect([code.data, selfConsistency(code).data]).toEqual([null, null]);
  });
});
