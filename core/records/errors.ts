/** `type` is the OpenAI error type that clients switch on. */
type ErrorRow = {
  status: number;
  type:
    | 'invalid_request_error'
    | 'rate_limit_error'
    | 'insufficient_quota'
    | 'authentication_error'
    | 'permission_error'
    | 'not_found_error'
    | 'api_error'
    | 'conflict_error';
  /** Whether the same request may succeed later. */
  retryable: boolean;
  /** What to do about it. */
  hint: string;
};

/** Every error that a user can meet. `docs/errors.md` explains each; a test keeps the two equal. */
export const errorTable = {
  invalid_json: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'Send a JSON object as the request body.',
  },
  invalid_request: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'Correct the named field and send the request again.',
  },
  filter_invalid: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'docs/guides/query.md has the filter language on one page.',
  },
  sql_refused: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'Send one SELECT over traces, spans, scores and calls; narrow it, for example by start, where it takes too long.',
  },
  invalid_protobuf: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'Send an ExportTraceServiceRequest, as protobuf with Content-Type application/x-protobuf or as JSON with application/json.',
  },
  body_too_large: {
    status: 413,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'Send less in one request, or raise limits.bodyBytes in wheelhouse.config.',
  },
  unsupported_media_type: {
    status: 415,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'Set Content-Type to one that this path accepts.',
  },
  signature_mismatch: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    hint: "Send the model's variables as an object in `variables`; GET /api/v1/models/{name} shows its signature.",
  },
  schema_mismatch: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'GET /api/v1/datasets/{name} shows the schema of its rows; change the row, or the schema.',
  },
  model_not_found: {
    status: 404,
    type: 'not_found_error',
    retryable: false,
    hint: 'GET /v1/models lists what can be called.',
  },
  not_found: { status: 404, type: 'not_found_error', retryable: false, hint: 'Check the path and the id.' },
  method_not_allowed: {
    status: 405,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'GET /api/v1/openapi.json lists the methods of each path.',
  },
  conflict: { status: 409, type: 'conflict_error', retryable: false, hint: 'Read the current state, then decide.' },
  dataset_empty: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'Add examples to the dataset first: open a trace and press a, or POST /api/v1/datasets/{name}/examples.',
  },
  unauthorized: {
    status: 401,
    type: 'authentication_error',
    retryable: false,
    hint: 'Send a key as `Authorization: Bearer …`, or sign in at /sign-in.',
  },
  forbidden_host: {
    status: 403,
    type: 'permission_error',
    retryable: false,
    hint: 'Use http://127.0.0.1 or http://localhost, or list the host name under server.hosts in wheelhouse.config.',
  },
  forbidden_origin: {
    status: 403,
    type: 'permission_error',
    retryable: false,
    hint: 'A web page of another origin may not call this server; list the origin under server.origins in wheelhouse.config to allow it.',
  },
  forbidden: {
    status: 403,
    type: 'permission_error',
    retryable: false,
    hint: 'Ask an admin of the project for a role, or a key, that allows this.',
  },
  alias_protected: {
    status: 403,
    type: 'permission_error',
    retryable: false,
    hint: 'Ask for the move: POST /api/v1/models/{name}/aliases/{alias}/requests; GET /api/v1/alias-rules says who decides.',
  },
  gate_not_held: {
    status: 409,
    type: 'conflict_error',
    retryable: false,
    hint: 'Evaluate both versions on a dataset, with enough rows to settle it; GET /api/v1/alias-rules lists the gates.',
  },
  rate_limited: {
    status: 429,
    type: 'rate_limit_error',
    retryable: true,
    hint: 'Wait as long as Retry-After says, or have the limit raised.',
  },
  throttled: {
    status: 429,
    type: 'rate_limit_error',
    retryable: true,
    hint: 'This end user may call less often for now, for the reasons that the page Abuse shows; wait as long as Retry-After says.',
  },
  challenge_required: {
    status: 403,
    type: 'permission_error',
    retryable: false,
    hint: 'Have this end user prove who is there, then POST /api/v1/abuse/users/{user}/passed with the challenge of the header x-wheelhouse-challenge.',
  },
  user_blocked: {
    status: 403,
    type: 'permission_error',
    retryable: false,
    hint: 'This end user is blocked, for the reasons that the page Abuse shows; somebody may undo it there.',
  },
  budget_exceeded: {
    status: 429,
    type: 'insufficient_quota',
    retryable: false,
    hint: 'Have the budget raised, or wait for its next period.',
  },
  unsupported_by_model: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'Leave the named member out, or call a model that can do it.',
  },
  code_failed: {
    status: 422,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'The code of the named step failed; try it with the input that its span shows, then publish a version that works.',
  },
  upstream_refused: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'The provider refused the request for the reason given; correct it and send it again.',
  },
  context_length_exceeded: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'Send less, ask for fewer tokens, or call a model with a longer context.',
  },
  content_policy_violation: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    hint: "The provider's content policy refused this; change what is asked, or give the route another target.",
  },
  upstream_rate_limited: {
    status: 429,
    type: 'rate_limit_error',
    retryable: true,
    hint: 'Wait as long as Retry-After says, or give the route another target.',
  },
  upstream_failed: {
    status: 502,
    type: 'api_error',
    retryable: true,
    hint: 'The provider answered with an error of its own; try again, or give the route another target.',
  },
  upstream_credentials_exhausted: {
    status: 502,
    type: 'api_error',
    retryable: false,
    hint: 'The provider refused every key there is for it; set a valid one under Settings, Gateway.',
  },
  upstream_key_missing: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    hint: 'Set the key of this provider in the environment, or store one: wheelhouse provider key add.',
  },
  upstream_unreachable: {
    status: 502,
    type: 'api_error',
    retryable: true,
    hint: 'Check that the provider is up and that its base URL is right.',
  },
  upstream_timeout: {
    status: 504,
    type: 'api_error',
    retryable: true,
    hint: 'Try again, or raise gateway.timeouts in wheelhouse.config.',
  },
  upstream_cut: {
    status: 502,
    type: 'api_error',
    retryable: true,
    hint: 'The provider closed the connection before its answer was complete; try again.',
  },
  answer_unreadable: {
    status: 502,
    type: 'api_error',
    retryable: true,
    hint: 'The model did not answer in the form that it was asked for; say the form more simply, or ask a model that keeps to it.',
  },
  store_unavailable: {
    status: 503,
    type: 'api_error',
    retryable: true,
    hint: 'The database is starting or away; the request can be sent again unchanged.',
  },
  content_damaged: {
    status: 500,
    type: 'api_error',
    retryable: false,
    hint: 'Restore the data directory from a backup; the span without its content is in the list of its trace.',
  },
  internal: {
    status: 500,
    type: 'api_error',
    retryable: true,
    hint: "This is a fault of Wheelhouse; the server's log has the details under the request id.",
  },
  config_invalid: {
    status: 500,
    type: 'api_error',
    retryable: false,
    hint: 'Correct wheelhouse.config or the environment variable that is named.',
  },
  bind_refused: {
    status: 500,
    type: 'api_error',
    retryable: false,
    hint: 'Set WHEELHOUSE_ADMIN_KEY (24 characters or more) to listen on anything but loopback.',
  },
  data_dir_locked: {
    status: 500,
    type: 'api_error',
    retryable: false,
    hint: 'Stop the other server, or give this one its own directory with --dir.',
  },
  port_in_use: { status: 500, type: 'api_error', retryable: false, hint: 'Give another port with --port.' },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

export type ErrorOptions = {
  /** Replaces the table's hint where this case has a better one. */
  hint?: string;
  /** The request field at fault. */
  param?: string;
  /** After which the same request may be let through. */
  retryAfterMs?: number;
  cause?: unknown;
};

/** The only error class: a code from the table, a sentence for this case, and a hint that says what to do. */
export class WheelhouseError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly param: string | null;
  readonly retryAfterMs: number | null;
  override readonly name = 'WheelhouseError';

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? errorTable[code].hint;
    this.param = options.param ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable;
  }

  /** The body that OpenAI clients understand, with our hint beside. */
  toBody(): { error: { message: string; type: string; param: string | null; code: string; hint: string } } {
    return {
      error: {
        message: this.message,
        type: errorTable[this.code].type,
        param: this.param,
        code: this.code,
        hint: this.hint,
      },
    };
  }
}
