import type { IncomingMessage, ServerResponse } from 'node:http';
import { type DoorName, exportPath, livePath } from '@wheelhouse/core/contract';
import { attachmentPath, type Caller, WheelhouseError } from '@wheelhouse/core/records';

export type RawContext = { by: Caller; path: string; readBody(): Promise<Buffer> };
export type RawHandler = (req: IncomingMessage, res: ServerResponse, context: RawContext) => Promise<void> | void;

/** Answers, and refuses, in the form that its clients read. */
export type RawDoor = {
  handle: RawHandler;
  refuse(req: IncomingMessage, res: ServerResponse, error: WheelhouseError): void;
};

/** What answers in its own way, beside the routes of the contract. */
export type DoorDeps = {
  /** `/v1/` and `/providers/`: every way to call a model. */
  gateway: RawDoor;
  /** Of the gateway, as Prometheus reads them. */
  metrics: RawHandler;
  otlp: RawDoor;
  /** What answers under a prefix of its own, in its own way. */
  doors: readonly ({
    prefix: string;
    /** What a request takes, where its method does not say it as vendors' do. */
    need?(method: string, path: string): DoorName;
  } & RawDoor)[];
  live: RawHandler;
  /** What users say, from pages of anywhere: it lets in by a public key of its own. */
  feedback(req: IncomingMessage, res: ServerResponse, address: string): Promise<void>;
  /** Asks a model by the API's own form. */
  predict: RawHandler;
  /** Traces as a file. */
  exports: RawHandler;
  /** Rows of datasets as files, in and out. */
  datasetFiles: RawHandler;
  /** Bytes that came with traces. */
  attachments: {
    handle: RawHandler;
    /** Whether a path of it says itself, by a secret, what may be done there. */
    isTicket(path: string): boolean;
    byTicket(req: IncomingMessage, res: ServerResponse, path: string): Promise<void>;
  };
};

type Door = { need: DoorName; handle: RawHandler };

/** `/api/v1/models/{name}/predict`. */
const isPredict = (path: string): boolean => /^\/api\/v1\/models\/[^/]+\/predict$/.test(path);

const isDatasetFile = (path: string): boolean => /^\/api\/v1\/datasets\/[^/]+\/(?:import|export)$/.test(path);

/** OTLP has its own way to refuse. */
const otlpPaths = new Set(['/v1/traces', '/v1/logs', '/v1/metrics']);

export const isGateway = (path: string): boolean => path.startsWith('/v1/') || path.startsWith('/providers/');

/** By what their clients do: greet, write, read, or take back. */
function vendorNeed(method: string, path: string): DoorName {
  if (/^\/api\/public\/v2\/prompts(?:\/|$)/.test(path)) return method === 'GET' ? 'promptRead' : 'promptWrite';
  if (method === 'DELETE') return 'vendorRemove';
  if (method !== 'GET' && method !== 'HEAD') return 'vendorWrite';
  return /\/(?:health|projects|info)$/.test(path) ? 'vendorHello' : 'vendorRead';
}

type Files = (req: IncomingMessage, res: ServerResponse, path: string) => void;

/** @param files the web app; null: it is not there */
export function createDoors(deps: DoorDeps, files: Files | null) {
  const otlp: Door = { need: 'otlp', handle: deps.otlp.handle };
  const attachments: Door = { need: 'attachments', handle: deps.attachments.handle };
  const predict: Door = { need: 'predict', handle: deps.predict };
  const datasetImport: Door = { need: 'datasetImport', handle: deps.datasetFiles };
  const datasetExport: Door = { need: 'datasetExport', handle: deps.datasetFiles };
  const gateway: Door = { need: 'gateway', handle: deps.gateway.handle };
  const reads = new Map<string, Door>([
    ['/metrics', { need: 'metrics', handle: deps.metrics }],
    [exportPath, { need: 'exports', handle: deps.exports }],
    [livePath, { need: 'live', handle: deps.live }],
  ]);
  const pages: Door = {
    need: 'pages',
    handle(req, res, { path }) {
      if (files === null)
        throw new WheelhouseError('not_found', 'The web app is not built.', {
          hint: 'Build it with npm run build, then start again.',
        });
      files(req, res, path);
    },
  };
  const vendorOf = (path: string) => deps.doors.find(({ prefix }) => path.startsWith(`${prefix}/`));

  return {
    /** What answers, and what it takes; null: the API, whose routes say so themselves. */
    of(req: IncomingMessage, path: string): Door | null {
      if (isGateway(path)) return otlpPaths.has(path) ? otlp : gateway;
      if (isPredict(path)) return predict;
      if (isDatasetFile(path)) return path.endsWith('/import') ? datasetImport : datasetExport;
      const vendor = vendorOf(path);
      if (vendor) return { need: (vendor.need ?? vendorNeed)(req.method ?? 'GET', path), handle: vendor.handle };
      const isRead = req.method === 'GET' || req.method === 'HEAD';
      if (isRead && path.startsWith(attachmentPath)) return attachments;
      const read = req.method === 'GET' ? reads.get(path) : undefined;
      return read ?? (path.startsWith('/api/') ? null : pages);
    },
    /** How errors are told at a path; undefined: as everywhere. */
    refusing(path: string): RawDoor['refuse'] | undefined {
      if (isGateway(path)) return otlpPaths.has(path) ? deps.otlp.refuse : deps.gateway.refuse;
      return vendorOf(path)?.refuse;
    },
  };
}
