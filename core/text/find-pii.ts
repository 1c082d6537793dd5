export const piiKinds = ['email', 'phone', 'card', 'iban', 'us_ssn', 'ip'] as const;
export type PiiKind = (typeof piiKinds)[number];

/** Where something personal stands: UTF-16 places, `end` behind it. */
export type PiiFinding = { kind: PiiKind; start: number; end: number };

type Finder = (text: string) => Iterable<Omit<PiiFinding, 'kind'>>;

/** Places of a pattern whose text passes a check; the text before a place may speak against it. */
const byPattern = (pattern: RegExp, isOne: (found: string, before: string) => boolean = () => true): Finder =>
  function* (text) {
    for (const { 0: found, index } of text.matchAll(pattern))
      if (isOne(found, text.slice(Math.max(0, index - 24), index))) yield { start: index, end: index + found.length };
  };

const digitsOf = (text: string) => text.replace(/\D/g, '');

/** The check digit of payment cards (ISO/IEC 7812-1). */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** First digits and lengths of the networks that are in use. */
const cardNumber =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17})$/;

function isCard(found: string): boolean {
  const digits = digitsOf(found);
  return cardNumber.test(digits) && passesLuhn(digits);
}

/** Length of an account number by country (SWIFT's IBAN registry). */
const ibanLengths: Record<string, number> = {
  ...{ AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BR: 29, BY: 28, CH: 21, CR: 22, CY: 28 },
  ...{ CZ: 24, DE: 22, DK: 18, DO: 28, EE: 20, EG: 29, ES: 24, FI: 18, FO: 18, FR: 27, GB: 22, GE: 22, GI: 23, GL: 18 },
  ...{ GR: 27, GT: 28, HR: 21, HU: 28, IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30, KW: 30, KZ: 20, LB: 28, LC: 32 },
  ...{ LI: 21, LT: 20, LU: 20, LV: 21, LY: 25, MC: 27, MD: 24, ME: 22, MK: 19, MR: 27, MT: 31, MU: 30, NL: 18, NO: 15 },
  ...{ PK: 24, PL: 28, PS: 29, PT: 25, QA: 29, RO: 24, RS: 22, SA: 24, SC: 31, SE: 24, SI: 19, SK: 24, SM: 27, ST: 25 },
  ...{ SV: 28, TL: 23, TN: 24, TR: 26, UA: 29, VA: 22, VG: 24, XK: 20 },
};

/** ISO 13616: the rest of the division by 97 is 1, letters counted from 10. */
export function passesMod97(iban: string): boolean {
  let rest = 0;
  for (const character of `${iban.slice(4)}${iban.slice(0, 4)}`) {
    const value = Number.parseInt(character, 36);
    if (Number.isNaN(value)) return false;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

const findIbans: Finder = function* (text) {
  for (const { 0: head, index } of text.matchAll(/(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}/g)) {
    const length = ibanLengths[head.slice(0, 2).toUpperCase()];
    if (length === undefined) continue;
    // Groups may be parted by single blanks.
    let at = index;
    let iban = '';
    while (iban.length < length && /[A-Za-z0-9 ]/.test(text[at] ?? '') && !(text[at] === ' ' && text[at + 1] === ' '))
      iban += (text[at++] ?? '').trim();
    const isWhole = iban.length === length && !/[A-Za-z0-9]/.test(text[at] ?? '');
    if (isWhole && passesMod97(iban.toUpperCase())) yield { start: index, end: at };
  }
};

const isPhone = (found: string) => {
  const digits = digitsOf(found).length;
  return digits >= 9 && digits <= 15;
};

/** Addresses of the machine itself, and what is no address but a number of a version. */
const isIpV4 = (found: string, before: string) =>
  found.split('.').every((part) => Number(part) <= 255) &&
  !/^(?:0|127|255)\./.test(found) &&
  !/(?:\bv|version|release|section|build|§)\s*$/i.test(before);

function isIpV6(found: string): boolean {
  const halves = found.split('::');
  if (halves.length > 2 || found === '::' || found === '::1') return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const isHex = groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group));
  return isHex && (halves.length === 2 ? groups.length <= 7 && groups.length >= 2 : groups.length === 8);
}

const finders: [PiiKind, Finder][] = [
  [
    'email',
    byPattern(
      /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}-])/gu,
    ),
  ],
  ['iban', findIbans],
  ['card', byPattern(/(?<![\d.,-])\d(?:[ -]?\d){11,18}(?![\d-]|[.,]\d)/g, isCard)],
  ['us_ssn', byPattern(/(?<![\d-])(?!000|666|9)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])/g)],
  // With the code of a country; as it is written in North America; with the 0 of a national number.
  ['phone', byPattern(/(?<!\d|\+|\d )(?:\+|\b00)[1-9]\d{0,2}(?:[ ().\-/]{0,3}\d){6,13}(?![\d-])/g, isPhone)],
  [
    'phone',
    byPattern(/(?<![\d.+-]|\d )(?:1[-. ])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-. ])[2-9]\d{2}[-. ]\d{4}(?![\d-]|[.,]\d)/g),
  ],
  [
    'phone',
    byPattern(
      /(?<![\d.,+-]|\d )(?:\(0[1-9]\d{0,4}\)|0[1-9]\d{1,4})[ /-]{1,3}\d{2,4}(?:[ -]?\d{2,4}){1,3}(?![\d-]|[.,]\d)/g,
      isPhone,
    ),
  ],
  ['phone', byPattern(/(?<![\d.,+-]|\d )0[1-9](?:[ .]\d\d){4}(?![\d-]|[ .,]\d)/g)],
  ['ip', byPattern(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d]|\.\d)/g, isIpV4)],
  ['ip', byPattern(/(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi, isIpV6)],
];

/**
 * Personal data that has a form of its own, first to last, none within another: e-mail addresses, phone numbers, payment
 * cards (Luhn), bank accounts (IBAN, mod 97), US social security numbers, IP addresses. Names, places and dates have no
 * such form, and are not found.
 */
export function findPii(text: string, kinds: readonly PiiKind[] = piiKinds): PiiFinding[] {
  const found = finders.flatMap(([kind, find]) =>
    kinds.includes(kind) ? [...find(text)].map((place) => ({ kind, ...place })) : [],
  );
  // Of two that overlap the one that a checksum or its form speaks for, which is the one listed first.
  const taken = new Uint8Array(found.length === 0 ? 0 : text.length);
  const kept = found.filter(({ start, end }) => {
    if (taken.subarray(start, end).includes(1)) return false;
    taken.fill(1, start, end);
    return true;
  });
  return kept.sort((a, b) => a.start - b.start);
}
