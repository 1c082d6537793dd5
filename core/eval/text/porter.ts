const irregular = new Map(
  Object.entries({
    sky: 'sky skies',
    die: 'dying',
    lie: 'lying',
    tie: 'tying',
    news: 'news',
    inning: 'innings inning',
    outing: 'outings outing',
    canning: 'cannings canning',
    howe: 'howe',
    proceed: 'proceed',
    exceed: 'exceed',
    succeed: 'succeed',
  }).flatMap(([stem, forms]) => forms.split(' ').map((form) => [form, stem] as const)),
);

/** `c` or `v` for each letter; y is a vowel after a consonant. */
function shapeOf(word: string): string {
  let shape = '';
  for (let at = 0; at < word.length; at++) {
    const letter = word[at] as string;
    const isVowel = letter === 'y' ? shape.at(-1) === 'c' : 'aeiou'.includes(letter);
    shape += isVowel ? 'v' : 'c';
  }
  return shape;
}

/** Porter's m: how often a consonant follows a vowel. */
const measure = (stem: string) => shapeOf(stem).split('vc').length - 1;
const isLong = (stem: string) => measure(stem) > 0;
const isLonger = (stem: string) => measure(stem) > 1;

/** Porter's *o: consonant, vowel, consonant other than w, x and y; or a word of vowel and consonant. */
function endsShort(word: string): boolean {
  const shape = shapeOf(word);
  return (shape.endsWith('cvc') && !/[wxy]$/.test(word)) || shape === 'vc';
}

type Rule = readonly [suffix: string, replacement: string];

/** The first rule whose suffix fits decides, also when the stem before it is too short. */
function replaceFirst(word: string, rules: readonly Rule[], allows: (stem: string, suffix: string) => boolean): string {
  for (const [suffix, replacement] of rules) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, word.length - suffix.length);
    return allows(stem, suffix) ? stem + replacement : word;
  }
  return word;
}

const always = () => true;
const rules = (text: string): Rule[] =>
  text.split(' ').map((rule) => {
    const [suffix = '', replacement = ''] = rule.split('>');
    return [suffix, replacement];
  });

const plurals = rules('sses>ss ies>i ss>ss s>');
const step2Rules = rules(
  'ational>ate tional>tion enci>ence anci>ance izer>ize bli>ble alli>al entli>ent eli>e ousli>ous ization>ize ation>ate ' +
    'ator>ate alism>al iveness>ive fulness>ful ousness>ous aliti>al iviti>ive biliti>ble fulli>ful logi>log',
);
const step3Rules = rules('icate>ic ative> alize>al iciti>ic ical>ic ful> ness>');
const step4Rules = rules(
  'al> ance> ence> er> ic> able> ible> ant> ement> ment> ent> ion> ou> ism> ate> iti> ous> ive> ize>',
);

function withoutPlural(word: string): string {
  return word.length === 4 && word.endsWith('ies') ? word.slice(0, -1) : replaceFirst(word, plurals, always);
}

function withoutPast(word: string): string {
  if (word.endsWith('ied')) return word.slice(0, word.length === 4 ? -1 : -2);
  if (word.endsWith('eed')) return isLong(word.slice(0, -3)) ? word.slice(0, -1) : word;
  const suffix = ['ed', 'ing'].find((one) => word.endsWith(one) && shapeOf(word.slice(0, -one.length)).includes('v'));
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  const last = stem.at(-1) ?? '';
  if (stem.length > 1 && stem.at(-2) === last && shapeOf(stem).endsWith('c'))
    return 'lsz'.includes(last) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

const withIForY = (word: string): string =>
  word.length > 2 && word.endsWith('y') && shapeOf(word).at(-2) === 'c' ? `${word.slice(0, -1)}i` : word;

function step2(word: string): string {
  if (word.endsWith('alli') && isLong(word.slice(0, -4))) return step2(word.slice(0, -2));
  // For `logi` the l counts as part of the stem.
  return replaceFirst(word, step2Rules, (stem, suffix) => isLong(suffix === 'logi' ? `${stem}l` : stem));
}

const step4 = (word: string): string =>
  replaceFirst(word, step4Rules, (stem, suffix) => isLonger(stem) && (suffix !== 'ion' || /[st]$/.test(stem)));

function withoutE(word: string): string {
  if (!word.endsWith('e')) return word;
  const stem = word.slice(0, -1);
  return isLonger(stem) || (measure(stem) === 1 && !endsShort(stem)) ? stem : word;
}

const withoutSecondL = (word: string): string =>
  word.endsWith('ll') && isLonger(word.slice(0, -1)) ? word.slice(0, -1) : word;

/**
 * The stem of an English word in lower case: M. Porter, Program 14 (1980) 130–137, with the extensions that NLTK's
 * `PorterStemmer` has by default.
 */
export function porterStem(word: string): string {
  const known = irregular.get(word);
  if (known !== undefined) return known;
  if (word.length <= 2) return word;
  const stem = withIForY(withoutPast(withoutPlural(word)));
  return withoutSecondL(withoutE(step4(replaceFirst(step2(stem), step3Rules, isLong))));
}
