import { type ErrorCode, errorTable, WheelhouseError } from '@wheelhouse/core/records';

/** MLflow's words for what can go wrong (its `databricks.proto`), each with the status that its server answers with. */
const codes: Partial<Record<ErrorCode, [code: string, status: number]>> = {
  invalid_request: ['INVALID_PARAMETER_VALUE', 400],
  invalid_json: ['INVALID_PARAMETER_VALUE', 400],
  not_found: ['RESOURCE_DOES_NOT_EXIST', 404],
  conflict: ['RESOURCE_ALREADY_EXISTS', 400],
  method_not_allowed: ['ENDPOINT_NOT_FOUND', 404],
  unauthorized: ['UNAUTHENTICATED', 401],
  forbidden: ['PERMISSION_DENIED', 403],
  forbidden_host: ['PERMISSION_DENIED', 403],
  forbidden_origin: ['PERMISSION_DENIED', 403],
  rate_limited: ['REQUEST_LIMIT_EXCEEDED', 429],
  store_unavailable: ['TEMPORARILY_UNAVAILABLE', 503],
};

/** Of these the table's hint helps whoever reads MLflow's own message. */
const hinted = new Set<ErrorCode>([
  'unauthorized',
  'forbidden',
  'forbidden_host',
  'forbidden_origin',
  'store_unavailable',
]);

/** Our hint follows the message where it is about the case. */
export function mlflowError(error: WheelhouseError): { status: number; body: object } {
  const known = codes[error.code];
  const [code, status] = known ?? (error.status < 500 ? ['BAD_REQUEST', error.status] : ['INTERNAL_ERROR', 500]);
  const isUsual = error.hint === errorTable[error.code].hint;
  const hint = isUsual && !hinted.has(error.code) ? '' : ` ${error.hint}`;
  return { status, body: { error_code: code, message: `${error.message}${hint}` } };
}

export const wrong = (message: string): WheelhouseError => new WheelhouseError('invalid_request', message);

/** What MLflow's server has and this one has not. */
export const notServed = (method: string, path: string, hint?: string): WheelhouseError =>
  new WheelhouseError('method_not_allowed', `Wheelhouse does not serve ${method} ${path} of MLflow.`, {
    hint: hint ?? 'docs/guides/from-mlflow.md lists what it does.',
  });
