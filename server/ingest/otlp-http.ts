import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Actor, WheelhouseError } from '@wheelhouse/core/records';
import { encodingOf, type Refused, sendOtlpError, sendStored, unknownFault } from './otlp-answer.ts';
import type { OtlpSignal } from './otlp-values.ts';
import { createRoom, readExport, requestsAtOnce } from './read-export.ts';
import { createExportTaker, type ExportTakerDeps, sources } from './take-export.ts';

export type OtlpHandlerDeps = ExportTakerDeps & {
  /** Most bytes of a request, before and after decompression. */
  bodyLimit: number;
};

type Context = {
  by: Actor;
  /** Its end says which signal it is; traces when it says none. */
  path: string;
};

export type OtlpHandler = {
  handle(req: IncomingMessage, res: ServerResponse, context: Context): Promise<void>;
  /** Answers in the protocol what is refused before an export is looked at, such as a missing key. */
  refuse(req: IncomingMessage, res: ServerResponse, error: WheelhouseError): void;
};

const signalOf = (path: string): OtlpSignal => {
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last === 'logs' || last === 'metrics' ? last : 'traces';
};

/**
 * OTLP/HTTP 1.10, protobuf or JSON: `/v1/traces`, `/v1/logs`, `/v1/metrics`. 200 only when what is kept is stored and
 * synced, with a partial success that names what is not; 503 when the exporter should send again, any other refusal
 * final. Answers have the request's content type. Nothing is dropped that the ledger does not name.
 */
export function createOtlpHandler(deps: OtlpHandlerDeps): OtlpHandler {
  const { ledger } = deps;
  const takers = createExportTaker(deps);
  const room = createRoom(requestsAtOnce * deps.bodyLimit);

  async function take(req: IncomingMessage, signal: OtlpSignal, context: Context): Promise<Refused> {
    const encoding = encodingOf(req);
    let body: Buffer | null = null;
    try {
      if (encoding === null)
        throw new WheelhouseError(
          'unsupported_media_type',
          `${signal.replace(/^./, (first) => first.toUpperCase())} come as application/x-protobuf or application/json.`,
        );
      body = await readExport(req, { limit: deps.bodyLimit, room });
      const given = { body, encoding, project: context.by.project, path: context.path };
      return await takers[signal](given);
    } catch (error) {
      // What the sink refuses it books itself.
      const whole = error instanceof WheelhouseError && (body === null || wholeRequest.has(error.code));
      if (!whole) throw error;
      // How many spans it held is unknown, and none would hide it.
      const { project } = context.by;
      const item = { project, source: sources[signal], reason: error.code, sample: error.message };
      const contentType = req.headers['content-type'] ?? '';
      ledger.reject(body === null ? item : { ...item, letter: { path: context.path, contentType, body } });
      throw error;
    } finally {
      room.leave(body?.length ?? 0);
    }
  }

  async function handle(req: IncomingMessage, res: ServerResponse, context: Context): Promise<void> {
    const signal = signalOf(context.path);
    try {
      if (req.method !== 'POST')
        throw new WheelhouseError('method_not_allowed', `${req.method} is not a method of this path; POST is.`);
      sendStored(req, res, { signal, refused: await take(req, signal, context) });
    } catch (error) {
      const fault = unknownFault(error);
      if (fault.code === 'internal') deps.log.error({ err: error }, 'an export was not taken');
      // What is still on its way is read and dropped, so that the answer is seen.
      req.resume();
      sendOtlpError(req, res, fault);
    }
  }

  return { handle, refuse: sendOtlpError };
}

/** Refusals of a request that was read, as it stands. */
const wholeRequest = new Set<string>([
  'unsupported_media_type',
  'body_too_large',
  'invalid_protobuf',
  'invalid_json',
  'invalid_request',
]);
