import { describe, expect, it } from 'vitest';
import { withOwnPrompt, withVariables } from './own-members.ts';

const body = '{"model":"bot@1","messages":[],"seed":12345678901234567890}';
const header = (value: string) => ({ 'x-wheelhouse-variables': value });
const variablesOf = (text: string) => JSON.parse(text).variables as unknown;

describe('variables in a header', () => {
  it('stand in the request, which keeps its other bytes', () => {
    expect(withVariables(body, {})).toBe(body);
    expect(withVariables(body, header('{"a":1}'))).toContain('"seed":12345678901234567890');
    expect(variablesOf(withVariables(body, header('{"a":"100%"}')))).toEqual({ a: '100%' });
    expect(variablesOf(withVariables(body, header(encodeURIComponent('{"a":"ü%41"}'))))).toEqual({ a: 'ü%41' });
  });

  it('give way to those of the body', () => {
    const own = '{"model":"bot@1","messages":[],"variables":{"a":2}}';
    expect(variablesOf(withVariables(own, header('{"a":1,"b":1}')))).toEqual({ a: 2, b: 1 });
  });

  it.each(['[]', '7', '{', '%7B', '%ZZ', '{"a":"ü"}'])('are refused as %s', (value) => {
    expect(() => withVariables(body, header(value))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'x-wheelhouse-variables' }),
    );
  });
});

describe('the stored prompt of OpenAI’s responses', () => {
  const isRegistered = (name: string) => name === 'greet';
  const asked = (prompt: object, more: object = {}) =>
    JSON.parse(withOwnPrompt(JSON.stringify({ ...more, prompt }), isRegistered)) as object;

  it('is the registered model of that name, whatever the request calls', () => {
    expect(asked({ id: 'greet' }, { model: 'gpt-4o', input: 'x' })).toEqual({
      model: 'greet',
      variables: {},
      input: 'x',
    });
    expect(asked({ id: 'greet', version: '3', variables: { a: 'b' } })).toEqual({
      model: 'greet@3',
      variables: { a: 'b' },
    });
    expect(asked({ id: 'greet@staging', variables: { a: { type: 'input_text', text: 'b' } } })).toEqual({
      model: 'greet@staging',
      variables: { a: 'b' },
    });
  });

  it('goes to the vendor when it is nobody’s here, and is no word in a text', () => {
    expect(asked({ id: 'pmpt_1' })).toEqual({ prompt: { id: 'pmpt_1' } });
    const text = '{"model":"m","input":"\\"prompt\\": {"}';
    expect(withOwnPrompt(text, isRegistered)).toBe(text);
  });

  it('takes no pictures as variables', () => {
    expect(() => asked({ id: 'greet', variables: { a: { type: 'input_image', image_url: 'x' } } })).toThrow(
      expect.objectContaining({ code: 'unsupported_by_model', param: 'prompt.variables.a' }),
    );
  });
});
