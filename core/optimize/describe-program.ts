import { type Signature, typeName } from '../program/index.ts';

const fields = (side: Signature['inputs']) =>
  side.map(({ name, type, description }) => {
    const said = description === `\${${name}}` ? '' : `: ${description}`;
    return `  - ${name} (${typeName(type)})${said}`;
  });

/** What a predictor takes and gives, for a model that reads it. */
export const describePredictor = (path: string, { inputs, outputs }: Signature): string =>
  [`Module \`${path || 'program'}\``, ' takes', ...fields(inputs), ' and gives', ...fields(outputs)].join('\n');

/** All predictors of a program. */
export const describeProgram = (predictors: ReadonlyMap<string, Signature>): string =>
  [...predictors].map(([path, signature]) => describePredictor(path, signature)).join('\n\n');
