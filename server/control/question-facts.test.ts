import { describe, expect, it } from 'vitest';
import { compareWords, questionFacts } from './question-facts.ts';

const factsOf = (text: string) => questionFacts(text)?.facts ?? null;
const compared = (a: string, b: string) => {
  const [one, other] = [questionFacts(a), questionFacts(b)];
  if (one === null || other === null || one.facts !== other.facts) return null;
  return compareWords(one, other);
};

describe('facts of a question', () => {
  it.each([
    ['a number', 'Can I take 200 mg with milk?', 'Can I take 400 mg with milk?'],
    ['a unit', 'Can I take 200 mg with milk?', 'Can I take 200 g with milk?'],
    ['a sign', 'What is the root of -5?', 'What is the root of 5?'],
    ['a number as a word', 'How do I merge two cells?', 'How do I merge three cells?'],
    ['a denial', 'Does this contain nuts?', 'Does this not contain nuts?'],
    ['a shortened denial', 'Why can I log in?', "Why can't I log in?"],
    ['a denial of German', 'Darf ich das essen?', 'Darf ich das nicht essen?'],
    ['a name', 'What is the capital of Austria?', 'What is the capital of Australia?'],
    ['the order of names', 'How do I get from Paris to Rome?', 'How do I get from Rome to Paris?'],
    ['a month', 'What is the weather in may and june?', 'What is the weather in may and july?'],
    ['a day of French', 'Le magasin est-il ouvert lundi ?', 'Le magasin est-il ouvert mardi ?'],
    ['a time', 'Is the pool open today?', 'Is the pool open tomorrow?'],
    ['an opposite', 'How do I enable the alarm?', 'How do I disable the alarm?'],
    ['a side', 'Can I check in before noon?', 'Can I check in after noon?'],
    ['a direction', 'What is a transfer to the bank?', 'What is a transfer from the bank?'],
    ['who and when', 'Who wrote the law?', 'When was the law wrote?'],
    ['the language', 'What is a virus?', 'Was ist ein Virus?'],
  ])('tell %s apart', (_, a, b) => {
    expect(factsOf(a)).not.toBeNull();
    expect(factsOf(b)).not.toBeNull();
    expect(factsOf(a)).not.toBe(factsOf(b));
  });

  it.each([
    ['How do I reset my password?', 'How can I reset my password, please'],
    ["I don't like my phone", 'I do not like my phone'],
    ['How do I merge 2 cells with a macro?', 'How can I merge 2 cells with the macro?'],
    ['Wie kann ich mein Abo kündigen?', 'Wie darf ich mein Abo kündigen?'],
  ])('are the same in %j and %j', (a, b) => {
    expect(factsOf(a)).toBe(factsOf(b));
    expect(compared(a, b)).toBe('same');
  });

  it.each([
    ['other letters', '東京の天気は何ですか'],
    ['a language that is not known', 'Siparişim nerede'],
    ['code', 'What does `a[0]` do?'],
    ['lines', 'What is this?\nAnd that?'],
    ['an address', 'What is on https://example.com?'],
    ['a long text', `What is ${'a '.repeat(200)}?`],
    ['nothing', ' '],
  ])('are not read of %s', (_, text) => {
    expect(factsOf(text)).toBeNull();
  });

  it('are read in time that does not grow with what is hidden in the text', () => {
    for (const text of ['1'.repeat(300), '1.'.repeat(150), 'a.'.repeat(150), '('.repeat(300), `is ${'¿ '.repeat(140)}`])
      questionFacts(text);
  });
});

describe('the words of two questions of the same facts', () => {
  it('are other words where one says what the other does not', () => {
    expect(compared('How do I delete my account?', 'How do I delete my account history?')).toBe('other');
    expect(compared('How do I buy a car?', 'How do I purchase a car?')).toBe('other');
  });

  it('are against each other where they say the same in another order, or the opposite', () => {
    const turned = ['How do I turn a string into a number?', 'How do I turn a number into a string?'] as const;
    expect(compared(...turned)).toBe('against');
    for (const [one, other] of [
      ['How do I fold a map?', 'How do I unfold a map?'],
      ['Wie kann ich die Karte sperren?', 'Wie entsperre ich die Karte?'],
      ['¿Cómo bloqueo mi tarjeta?', '¿Cómo puedo desbloquear mi tarjeta?'],
    ] as const)
      expect(compared(one, other)).toBe('against');
    expect(compared('What are 5 euros in dollars?', 'What are 5 dollars in euros?')).toBe('against');
  });
});
