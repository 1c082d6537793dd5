export { callApi } from './call-api.ts';
export { readingsOfCall } from './check-call.ts';
export { type EndpointDefinition, endpointDefinition, type HttpCall, httpCall, mapping } from './definition.ts';
export { endpointFlavor } from './endpoint-flavor.ts';
