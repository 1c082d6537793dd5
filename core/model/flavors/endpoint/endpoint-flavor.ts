import type { SteppedFlavor } from '../../flavor.ts';
import { checkReadings, inputRead } from '../read-scope.ts';
import { callApi } from './call-api.ts';
import { readingsOfCall } from './check-call.ts';
import { type EndpointDefinition, endpointDefinition } from './definition.ts';

/** Any HTTP API, with a mapping of the input to its request and of its answer to the output. */
export const endpointFlavor: SteppedFlavor<EndpointDefinition> = {
  name: 'endpoint',
  runs: 'stepped',
  schema: endpointDefinition,
  references: () => [],
  asksOutside: () => true,
  infer: (definition) => ({
    input: inputRead(readingsOfCall(definition, 'definition')),
    output: definition.stream && definition.output === undefined ? { type: 'string' } : {},
  }),
  check(definition, signature) {
    checkReadings(readingsOfCall(definition, 'definition'), { signature, param: 'definition' });
  },
  predict: (definition, { input, messages, parameters }, world, onText) =>
    callApi(definition, { input, messages, parameters }, { world, onText }),
};
