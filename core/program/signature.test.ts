import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { typeName } from './field-type.ts';
import {
  chainOfThought,
  type InputOfModule,
  majority,
  type OutputOfModule,
  predict,
  react,
  selfConsistency,
  signature,
  withNearestDemos,
} from './index.ts';
import { equalSignatures, schemasOf, withField, withInstructions } from './signature.ts';

const said = (of: ReturnType<typeof signature>) =>
  [of.inputs, of.outputs].map((fields) => fields.map(({ name, type }) => `${name}: ${typeName(type)}`));

describe('a signature', () => {
  it('is read from a text, with the types of DSPy', () => {
    const read = signature(
      `question, context: list[str] -> answer: Literal['yes', "it's"], sure: float, n: int | None, by: dict[str, list[int]]`,
    );
    expect(said(read)).toEqual([
      ['question: str', 'context: list[str]'],
      [`answer: Literal['yes', "it's"]`, 'sure: float', 'n: Union[int, NoneType]', 'by: dict[str, list[int]]'],
    ]);
    expect(read.instructions).toBe(
      'Given the fields `question`, `context`, produce the fields `answer`, `sure`, `n`, `by`.',
    );
    expect(read.outputs[0]).toMatchObject({ description: `\${answer}`, prefix: 'Answer:' });
  });

  it('is read from schemas, which describe and check its fields', () => {
    const read = signature({
      instructions: 'Judge.',
      input: { review: z.string().describe('what a customer wrote') },
      output: { stars: z.number().int().min(1), tags: z.array(z.enum(['a', 'b'])), at: z.object({ city: z.string() }) },
    });
    expect(said(read)).toEqual([['review: str'], ['stars: int', "tags: list[Literal['a', 'b']]", 'at: object']]);
    expect(read.inputs[0]?.description).toBe('what a customer wrote');
    expect(schemasOf(read).output).toMatchObject({ required: ['stars', 'tags', 'at'] });
  });

  it('is read from JSON Schemas', () => {
    const read = signature({ input: { a: { type: 'string' } }, output: { b: { type: ['integer', 'null'] } } });
    expect(said(read)).toEqual([['a: str'], ['b: Union[int, NoneType]']]);
    expect(schemasOf(read).output.required).toEqual([]);
  });

  it.each([
    ['question', '`->` is missing'],
    ['question -> ', "a field's name is missing"],
    ['a -> b: flaot', '`flaot` is not a type'],
    ['a -> b: list[str', '`]` is missing'],
    ['a -> b: Literal[yes]', 'a text in quotes'],
    ['a -> a', 'two fields `a`'],
    ['a -> b c', '`c` is left over'],
    ['a -> completed', 'a field `completed`'],
  ])('refuses %j, and says where', (text, problem) => {
    expect(() => signature(text as string)).toThrow(problem);
  });

  it('is edited without being changed', () => {
    const one = signature('a -> b');
    const two = withField(withInstructions(one, 'Do it.'), 'b', { description: 'the b' });
    expect([one.instructions, one.outputs[0]?.description]).toEqual([
      'Given the fields `a`, produce the fields `b`.',
      `\${b}`,
    ]);
    expect([two.instructions, two.outputs[0]?.description]).toEqual(['Do it.', 'the b']);
    expect([equalSignatures(one, signature('a -> b')), equalSignatures(one, two)]).toEqual([true, false]);
    expect(() => withField(one, 'c', { description: '' })).toThrow('no field `c`');
  });

  it('reads any text in time, or refuses it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab:,->[] \'"|_3Literal'.split('')) }), (text) => {
        try {
          expect(signature(text as string).outputs.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_request' });
        }
      }),
    );
  });
});

describe('the types of a signature', () => {
  it('are inferred from its text', () => {
    const module = predict(
      `question, context: list[str] -> answer: Literal['yes', 'no'], sure: float, note: Optional[str], n: Literal[1, 2] | None, by: dict[str, list[int]], ok: bool`,
    );
    expectTypeOf<InputOfModule<typeof module>>().toEqualTypeOf<{ question: string; context: string[] }>();
    expectTypeOf<OutputOfModule<typeof module>>().toEqualTypeOf<{
      answer: 'yes' | 'no';
      sure: number;
      note: string | null;
      n: 1 | 2 | null;
      by: { [key: string]: number[] };
      ok: boolean;
    }>();
  });

  it('are inferred from schemas', () => {
    const module = predict({ input: { day: z.string() }, output: { n: z.number(), tag: z.enum(['a', 'b']) } });
    expectTypeOf<InputOfModule<typeof module>>().toEqualTypeOf<{ day: string }>();
    expectTypeOf<OutputOfModule<typeof module>>().toEqualTypeOf<{ n: number; tag: 'a' | 'b' }>();
  });

  it('make misuse an error of the compiler', () => {
    const of = () => {
      // @ts-expect-error there is no such type
      predict('question -> answer: flaot');
      // @ts-expect-error nothing comes out
      predict('question');
      // @ts-expect-error a bracket is open
      predict('question -> answer: list[str');
      // @ts-expect-error a field stands twice
      predict('question, question -> answer');
      // @ts-expect-error a name with a space
      predict('my question -> answer');
      // @ts-expect-error a field stands on both sides
      predict('question -> answer, question');
      // @ts-expect-error the adapter's own mark
      predict('question -> completed');
      // @ts-expect-error the module's own output
      chainOfThought('question -> reasoning, answer');
      // @ts-expect-error the module's own output, by schemas
      react({ input: { q: z.string() }, output: { trajectory: z.string() } }, { tools: [] });
      // @ts-expect-error there is no such output to vote on
      selfConsistency(predict('question -> answer'), { field: 'label' });
      // @ts-expect-error there is no such output to vote on
      majority([{ answer: 'a' }], { field: 'label' });
      // @ts-expect-error there is no such input
      withNearestDemos(predict('question -> answer'), { examples: [], inputs: ['query'] });
      // Where names are not known, none is refused.
      chainOfThought('question -> answer' as string);
      majority([] as unknown[], { field: 'label' });
    };
    expectTypeOf(of).toBeFunction();
    type Out = OutputOfModule<ReturnType<typeof typed>>;
    const typed = () => predict('question -> answer: int');
    // @ts-expect-error it is a number
    const wrong: Out['answer'] = 'three';
    expect(wrong).toBe('three');
  });
});
