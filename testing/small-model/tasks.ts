import type { Metric } from '@wheelhouse/core/optimize';
import { type AnyModule, compose, predict, signature } from '@wheelhouse/core/program';
import type { JsonObject } from '@wheelhouse/core/records';
import { uniformFrom } from '@wheelhouse/core/stats';

export type TaskRow = { input: { message: string }; expected: Record<string, string | number> };

/** A predictor of a task as both sides make it, by its place in the program; empty: it is the program. */
type StepData = { path: string; signature: string; instructions: string; parameters: JsonObject };

export type Task = {
  name: 'classification' | 'extraction' | 'two steps';
  about: string;
  steps: StepData[];
  program: AnyModule;
  /** The fields that all have to be right. */
  judgedBy: string[];
  /** What optimizers may draw from, and what is held out; no message stands in both. */
  rows: { pool: TaskRow[]; heldOut: TaskRow[] };
};

export const poolSize = 120;
export const heldOutSize = 500;

const normal = (value: unknown) =>
  String(value ?? '')
    .trim()
    .toLowerCase()
    .replace(/[.!]+$/, '');

type Draw = { one<T>(of: readonly T[]): T; upTo(most: number): number };

function drawing(seed: number): Draw {
  const uniform = uniformFrom(seed);
  const upTo = (most: number) => Math.floor(uniform() * most);
  return { upTo, one: <T>(of: readonly T[]) => of[upTo(of.length)] as T };
}

/** Rows by turns of the kinds, each message once. */
function rowsOf<Kind>(seed: number, kinds: readonly Kind[], make: (kind: Kind, draw: Draw) => TaskRow): Task['rows'] {
  const draw = drawing(seed);
  const rows = new Map<string, TaskRow>();
  while (rows.size < poolSize + heldOutSize) {
    const row = make(kinds[rows.size % kinds.length] as Kind, draw);
    rows.set(row.input.message, row);
  }
  const all = [...rows.values()];
  return { pool: all.slice(0, poolSize), heldOut: all.slice(poolSize) };
}

const listed = (text: string) => text.split(', ');
const people = listed(
  'Ada, Boris, Chen, Dana, Emil, Farah, Goran, Hana, Ivo, Jana, Kofi, Lena, Marek, Noor, Olga, Pavel',
);
/** Cities by the capital of their country. */
const capitals: Record<string, string> = {
  Lisbon: 'Porto, Braga, Coimbra, Faro',
  Oslo: 'Bergen, Trondheim, Stavanger, Lillehammer',
  Vienna: 'Salzburg, Graz, Innsbruck, Linz',
  Dublin: 'Cork, Galway, Limerick, Waterford',
  Rome: 'Turin, Naples, Bologna, Palermo',
  Madrid: 'Malaga, Seville, Bilbao, Granada',
  Berlin: 'Hamburg, Munich, Dresden, Cologne',
  Paris: 'Lyon, Marseille, Bordeaux, Nantes',
  Tokyo: 'Osaka, Kyoto, Nagoya, Sapporo',
  Warsaw: 'Krakow, Gdansk, Poznan, Lodz',
};
const cities = Object.values(capitals).flatMap(listed);

const goods = listed(
  'forks, saucepans, plates, kettles, rakes, flower pots, spades, watering cans, staplers, ring binders, envelopes, desk lamps, bath mats, towels, soap dishes, sponges',
);

/** An order with a number and a name beside those that count. */
function order(shape: number, draw: Draw, city = draw.one(cities)): TaskRow {
  const [customer, item] = [draw.one(people), draw.one(goods)];
  const other = draw.one(people.filter((name) => name !== customer));
  const [quantity, day] = [2 + draw.upTo(60), 1 + draw.upTo(28)];
  const message = [
    `${customer} wants ${quantity} ${item} sent to ${city} by May ${day}.`,
    `${other} called. The order is for ${customer}: ${quantity} ${item}, ${city} office.`,
    `From ${city}, ${customer} asks for ${quantity} ${item}; ${day} are in stock.`,
    `May ${day}: put ${quantity} ${item} aside for ${customer}, who comes from ${city}.`,
    `${other} says that ${customer} in ${city} needs ${quantity} more ${item}.`,
  ][shape] as string;
  return { input: { message }, expected: { customer, quantity } };
}

/** Where an order goes; the capital of that country does not stand in it. */
function destination(capital: string, draw: Draw): TaskRow {
  const city = draw.one(listed(capitals[capital] as string));
  const { input } = order(draw.upTo(5), draw, city);
  return { input, expected: { city, capital } };
}

/** Who, does, what, and when, by language; every combination is a sentence. */
const sentences: Record<string, string[]> = {
  English: [
    'My sister, The neighbour, Our teacher, The old man',
    'buys, sells, needs, finds',
    'a red bicycle, two tickets, the small house, some flowers',
    'today, every morning, in the city, with her friends',
  ],
  German: [
    'Meine Schwester, Der Nachbar, Unsere Lehrerin, Der alte Mann',
    'kauft, verkauft, braucht, findet',
    'ein rotes Fahrrad, zwei Karten, das kleine Haus, ein paar Blumen',
    'heute, jeden Morgen, in der Stadt, mit Freunden',
  ],
  French: [
    'Ma sœur, Le voisin, Notre professeur, Le vieil homme',
    'achète, vend, cherche, trouve',
    'un vélo rouge, deux billets, la petite maison, des fleurs',
    'ce matin, tous les jours, en ville, avec des amis',
  ],
  Spanish: [
    'Mi hermana, El vecino, Nuestra profesora, El viejo',
    'compra, vende, necesita, encuentra',
    'una bicicleta roja, dos entradas, la casa pequeña, unas flores',
    'hoy, cada mañana, en la ciudad, con sus amigos',
  ],
  Italian: [
    'Mia sorella, Il vicino, La nostra maestra, Il vecchio',
    'compra, vende, cerca, trova',
    'una bicicletta rossa, due biglietti, la piccola casa, dei fiori',
    'oggi, ogni mattina, in città, con gli amici',
  ],
  Dutch: [
    'Mijn zus, De buurman, Onze lerares, De oude man',
    'koopt, verkoopt, zoekt, vindt',
    'een rode fiets, twee kaartjes, het kleine huis, wat bloemen',
    'vandaag, elke ochtend, in de stad, met vrienden',
  ],
};

function sentence(language: string, draw: Draw): TaskRow {
  const words = (sentences[language] as string[]).map((part) => draw.one(listed(part)));
  return { input: { message: `${words.join(' ')}.` }, expected: { language } };
}

const signatures = {
  classify: 'message -> language',
  extract: 'message -> customer, quantity: int',
  read: 'message -> city',
  name: 'city -> capital',
} as const;

const step = (path: string, text: string, instructions: string, parameters: JsonObject): StepData => ({
  ...{ path, signature: text, instructions },
  parameters: { temperature: 0, ...parameters },
});
/** An answer ends with its line, of two fields before it begins with another message. */
const tellsOne = { max_tokens: 6, stop: ['\n'] };
const tellsTwo = { max_tokens: 16, stop: ['\n\n', '\nmessage'] };

/** The three tasks. Their rows are the same every time; which of them a run trains on, its seed says. */
export function makeTasks(): Task[] {
  const classify = step('', signatures.classify, 'Say which language the message is written in.', tellsOne);
  const extract = step('', signatures.extract, 'Say who orders, and how many.', tellsTwo);
  const read = step('read', signatures.read, 'Say which city the message names.', tellsOne);
  const name = step('name', signatures.name, 'Say the capital of the country that the city is in.', tellsOne);
  return [
    {
      name: 'classification',
      about: 'which of six languages a sentence is in',
      judgedBy: ['language'],
      steps: [classify],
      program: predict(signature(signatures.classify, classify), classify),
      rows: rowsOf(1, Object.keys(sentences), sentence),
    },
    {
      name: 'extraction',
      about: 'who orders and how many, both right, where another name and another number stand beside',
      judgedBy: ['customer', 'quantity'],
      steps: [extract],
      program: predict(signature(signatures.extract, extract), extract),
      rows: rowsOf(2, [0, 1, 2, 3, 4], order),
    },
    {
      name: 'two steps',
      about: 'which city an order names, then the capital of its country; both are labelled, the capital counts',
      judgedBy: ['capital'],
      steps: [read, name],
      program: compose(
        {
          read: predict(signature(signatures.read, read), read),
          name: predict(signature(signatures.name, name), name),
        },
        async ({ message }: { message: string }, parts) => parts.name(await parts.read({ message })),
      ),
      rows: rowsOf(3, Object.keys(capitals), destination),
    },
  ];
}

/** 1 where the output has every field that counts as it was expected, but for case and a full stop. */
export const metricOf =
  ({ judgedBy }: Task): Metric<JsonObject, JsonObject> =>
  ({ expected, output }) =>
    judgedBy.every((name) => normal(output[name]) === normal((expected as JsonObject)[name]));
