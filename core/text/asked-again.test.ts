import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askedAgain, wordOverlap } from './asked-again.ts';

/** The same question in nearly the same words. */
const again: [string, string][] = [
  ['How do I reset my password?', 'How can I reset the password?'],
  ['How do I reset my password?', 'reset password how'],
  ['Where is my order 1234?', 'where is order 1234 now'],
  ['What is the refund policy for shoes?', 'refund policy shoes?'],
  ['Can I cancel my subscription before the trial ends?', 'cancel subscription before trial end'],
  ['Translate this sentence to German please', 'Please translate the sentence into German'],
  ['My invoice for October is wrong', 'The October invoice is wrong!'],
  ['How long does shipping to Canada take?', 'How long is shipping to Canada'],
  ['Which plans include single sign-on?', 'Which plan includes single sign-on'],
  ['The export button does nothing when I click it', 'export button does nothing when clicked'],
  ['Explain the difference between a list and a tuple', 'difference between list and tuple explain again'],
  ['Wie ändere ich meine Lieferadresse?', 'Wie kann ich die Lieferadresse ändern?'],
  ['¿Cómo cambio mi contraseña?', 'como cambio la contraseña'],
  ['パスワードを変更する方法を教えてください', 'パスワードを変更する方法は'],
  ['Does the API support webhooks for refunds?', 'does api support webhook for refund'],
];
/** The conversation goes on. */
const onwards: [string, string][] = [
  ['How do I reset my password?', 'How do I reset my PIN?'],
  ['Where is my order 1234?', 'Can I return it?'],
  ['What is the refund policy for shoes?', 'And what about jackets, same policy?'],
  ['Can I cancel my subscription before the trial ends?', 'Thanks, please cancel it now'],
  ['Translate this sentence to German please', 'Now make it more formal'],
  ['My invoice for October is wrong', 'The amount should be 40 euros'],
  ['How long does shipping to Canada take?', 'What does express shipping cost?'],
  ['Which plans include single sign-on?', 'How much is the business plan?'],
  ['The export button does nothing when I click it', 'I use Firefox on Linux'],
  ['Explain the difference between a list and a tuple', 'Which one is faster?'],
  ['Wie ändere ich meine Lieferadresse?', 'Und wann kommt das Paket an?'],
  ['¿Cómo cambio mi contraseña?', '¿Y el correo electrónico?'],
  ['パスワードを変更する方法を教えてください', '料金はいくらですか'],
  ['Does the API support webhooks for refunds?', 'Show me an example request in Python'],
  ['Summarize the first chapter', 'Summarize the second chapter'],
];

describe('asking again', () => {
  test('is told from going on, at least nine times in ten each', () => {
    const said = ([before, after]: [string, string]) =>
      askedAgain({ text: before, turns: 1 }, { text: after, turns: 2 });
    expect(again.filter((pair) => said(pair) === null).length).toBeLessThanOrEqual(1);
    expect(onwards.filter((pair) => said(pair) !== null).length).toBeLessThanOrEqual(1);
  });

  test('is a regeneration where the same stands in the place of what was answered, else a rephrasing', () => {
    const text = 'How do I reset my password?';
    expect(askedAgain({ text, turns: 1 }, { text, turns: 1 })).toBe('regenerated');
    expect(askedAgain({ text, turns: 1 }, { text: `${text.toUpperCase()}!`, turns: 1 })).toBe('regenerated');
    expect(askedAgain({ text, turns: 1 }, { text, turns: 2 })).toBe('rephrased');
  });

  test('is not claimed of a few words, which come twice in any conversation', () => {
    expect(askedAgain({ text: 'yes please', turns: 1 }, { text: 'yes please', turns: 1 })).toBeNull();
    expect(askedAgain({ text: 'yes', turns: 2 }, { text: 'Yes!', turns: 3 })).toBeNull();
    expect(askedAgain({ text: 'go on', turns: 3 }, { text: 'go on', turns: 3 })).toBe('regenerated');
  });
});

test('the overlap of words is 1 with itself, 0 with nothing, and the same from both sides for texts of equal words', () => {
  const word = fc.constantFrom('reset', 'password', 'order', 'a', 'the', '見積もり', 'Straße', '42');
  const texts = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      expect(wordOverlap(a, a)).toBeCloseTo(1);
      expect(wordOverlap(a, '')).toBe(0);
      expect(wordOverlap(a, b)).toBeCloseTo(wordOverlap(b, a));
      expect(wordOverlap(a, b)).toBeLessThanOrEqual(1 + 1e-9);
    }),
  );
});
