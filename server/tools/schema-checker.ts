import type { SchemaChecker } from '@wheelhouse/core/ports';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';

/** An ajv holds on to something of all that it compiled; after so many, another one goes on. */
const compiledByOne = 500;

function sentence(errors: ErrorObject[] | null | undefined): string {
  const error = errors?.[0];
  if (!error) return 'it does not fit';
  const place = error.instancePath.slice(1).replaceAll('/', '.');
  if (error.keyword === 'required') {
    const missing = String(error.params.missingProperty);
    return `\`${place === '' ? missing : `${place}.${missing}`}\` is missing`;
  }
  if (error.keyword === 'additionalProperties')
    return `\`${String(error.params.additionalProperty)}\` is not one of them`;
  return `${place === '' ? 'it' : `\`${place}\``} ${error.message ?? 'does not fit'}`;
}

/** JSON Schema 2020-12 by ajv; formats are annotations, as the specification has it. */
export function createSchemaChecker(): SchemaChecker {
  let ajv = fresh();
  let count = 0;
  /** As long as the schema is there: a project of thousands of models compiles each signature once. */
  const compiled = new WeakMap<object, ValidateFunction>();
  return {
    check(schema, value) {
      let validate = compiled.get(schema);
      if (!validate) {
        if (++count % compiledByOne === 0) ajv = fresh();
        validate = ajv.compile(schema);
        compiled.set(schema, validate);
      }
      return validate(value) ? null : sentence(validate.errors);
    },
    checkSchema(schema) {
      try {
        fresh().compile(schema);
        return null;
      } catch (error) {
        return error instanceof Error ? error.message : 'unreadable';
      }
    },
  };
}

function fresh(): Ajv2020 {
  return new Ajv2020({
    strict: false,
    ownProperties: true,
    validateFormats: false,
    allErrors: false,
    addUsedSchema: false,
  });
}
