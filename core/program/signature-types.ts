import type { Json, JsonObject } from '../records/index.ts';

/** What is wrong with a signature's text, for the compiler's message. */
export type SignatureProblem<Message extends string> = { readonly problem: Message };

type Trim<S extends string> = S extends ` ${infer R}` | `\n${infer R}` | `\t${infer R}`
  ? Trim<R>
  : S extends `${infer R} ` | `${infer R}\n` | `${infer R}\t`
    ? Trim<R>
    : S;

type Until<S extends string, Mark extends string> = S extends `${infer Head}${Mark}${string}` ? Head : S;
/** The text before the next mark that can end a type's name. */
type Head<S extends string> = Until<Until<Until<S, ','>, ']'>, '|'>;
type After<S extends string, Start extends string> = S extends `${Start}${infer Rest}` ? Rest : '';

type Names = {
  str: string;
  string: string;
  int: number;
  float: number;
  number: number;
  bool: boolean;
  boolean: boolean;
  None: null;
  list: Json[];
  dict: JsonObject;
  any: Json;
  Any: Json;
};

/** `[type, rest of the text]`, or what is wrong. */
type Read<T, Rest extends string> = [T, Rest];

type LiteralsAt<S extends string, Found = never> =
  Trim<S> extends `'${infer V}'${infer Rest}`
    ? AfterLiteral<Trim<Rest>, Found | V>
    : Trim<S> extends `"${infer V}"${infer Rest}`
      ? AfterLiteral<Trim<Rest>, Found | V>
      : Trim<Head<S>> extends `${infer N extends number}`
        ? AfterLiteral<Trim<After<S, Head<S>>>, Found | N>
        : Trim<Head<S>> extends 'True'
          ? AfterLiteral<Trim<After<S, Head<S>>>, Found | true>
          : Trim<Head<S>> extends 'False'
            ? AfterLiteral<Trim<After<S, Head<S>>>, Found | false>
            : SignatureProblem<'Literal[…] takes texts in quotes, numbers, True and False'>;
type AfterLiteral<S extends string, Found> = S extends `,${infer Rest}`
  ? LiteralsAt<Rest, Found>
  : S extends `]${infer Rest}`
    ? Read<Found, Rest>
    : SignatureProblem<'Literal[ is not closed'>;

type Closed<R, Wrap extends 'list' | 'map' | 'optional'> =
  R extends Read<infer T, infer Rest>
    ? Trim<Rest> extends `]${infer After}`
      ? Read<Wrap extends 'list' ? T[] : Wrap extends 'map' ? { [key: string]: T } : T | null, After>
      : SignatureProblem<'a bracket is not closed'>
    : R;

type OneAt<S extends string> = S extends `list[${infer R}`
  ? Closed<TypeAt<R>, 'list'>
  : S extends `dict[str,${infer R}`
    ? Closed<TypeAt<R>, 'map'>
    : S extends `Optional[${infer R}`
      ? Closed<TypeAt<R>, 'optional'>
      : S extends `Literal[${infer R}`
        ? LiteralsAt<R>
        : Trim<Head<S>> extends infer Word extends keyof Names
          ? Read<Names[Word], After<S, Head<S>>>
          : SignatureProblem<`\`${Trim<Head<S>>}\` is not a type`>;

type TypeAt<S extends string> =
  OneAt<Trim<S>> extends Read<infer T, infer Rest>
    ? Trim<Rest> extends `|${infer More}`
      ? TypeAt<More> extends Read<infer U, infer Last>
        ? Read<T | U, Last>
        : TypeAt<More>
      : Read<T, Rest>
    : OneAt<Trim<S>>;

type Letter = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_';
type IsName<S extends string> = S extends `${infer First}${string}`
  ? Letter extends `${string}${First}${string}`
    ? S extends `${string}${' ' | ':' | '[' | ']' | '-' | '>' | "'" | '"'}${string}`
      ? false
      : true
    : false
  : false;

type AddField<Fields, Name extends string, T, Rest extends string> =
  IsName<Name> extends true
    ? Name extends keyof Fields | 'completed'
      ? SignatureProblem<
          Name extends 'completed' ? 'there cannot be a field `completed`' : `there are two fields \`${Name}\``
        >
      : Trim<Rest> extends ''
        ? Fields & { [K in Name]: T }
        : Trim<Rest> extends `,${infer More}`
          ? FieldsOf<More, Fields & { [K in Name]: T }>
          : SignatureProblem<`\`${Trim<Rest>}\` after the field \`${Name}\``>
    : SignatureProblem<`\`${Name}\` is not a field's name`>;

type FieldsOf<S extends string, Fields = unknown> =
  Until<S, ','> extends `${infer Name}:${string}`
    ? TypeAt<After<S, `${Name}:`>> extends Read<infer T, infer Rest>
      ? AddField<Fields, Trim<Name>, T, Rest>
      : TypeAt<After<S, `${Name}:`>>
    : AddField<Fields, Trim<Until<S, ','>>, string, After<S, Until<S, ','>>>;

type Flat<T> = { [K in keyof T]: T[K] };

/** Input and output of a signature's text: `{ input, output }`, or what is wrong with it. */
export type ParsedSignature<S extends string> = string extends S
  ? { input: JsonObject; output: JsonObject }
  : S extends `${infer Inputs}->${infer Outputs}`
    ? [FieldsOf<Inputs>, FieldsOf<Outputs>] extends [infer I, infer O]
      ? I extends SignatureProblem<string>
        ? I
        : O extends SignatureProblem<string>
          ? O
          : keyof I & keyof O extends never
            ? { input: Flat<I>; output: Flat<O> }
            : SignatureProblem<`there are two fields \`${keyof I & keyof O & string}\``>
      : never
    : SignatureProblem<'there is no `->` between inputs and outputs'>;
