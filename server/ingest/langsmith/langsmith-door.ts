import { canDecompress } from '../read-export.ts';
import { type DoorAnswer, type DoorDeps, notCovered, pathText, type VendorDoor } from '../vendor-door.ts';
import { createFeedbackRoutes } from './feedback-routes.ts';
import { createRunRoutes } from './run-routes.ts';

const prefix = '/langsmith';
/** What the client gathers before it sends; LangSmith's own limit. */
const batchBytes = 20 * 1024 * 1024;

/**
 * The part of LangSmith's API that its clients, and LangChain through them, trace and give feedback with. Its OpenTelemetry
 * path is the OTLP door. Runs are acknowledged when they are stored and synced.
 */
export function createLangSmithDoor(deps: DoorDeps): VendorDoor {
  const feedback = createFeedbackRoutes(deps);
  const runs = createRunRoutes(deps, feedback);

  function info(): DoorAnswer {
    return {
      status: 200,
      body: {
        version: deps.version,
        batch_ingest_config: {
          use_multipart_endpoint: true,
          size_limit: 100,
          size_limit_bytes: Math.min(batchBytes, deps.bodyLimit),
          scale_up_qsize_trigger: 1000,
          scale_up_nthreads_limit: 16,
          scale_down_nempty_trigger: 4,
        },
        instance_flags: { gzip_body_enabled: true, zstd_compression_enabled: canDecompress('zstd') },
      },
    };
  }

  return {
    prefix,
    async answer(request) {
      const { method, path } = request;
      const asked = `${method} ${path}`;
      if (asked === 'GET /info') return info();
      if (asked === 'POST /runs/multipart') return runs.multipart(request);
      if (asked === 'POST /runs/batch') return runs.batch(request);
      if (asked === 'POST /runs') return runs.one(request, null);
      if (asked === 'POST /feedback') return feedback.create(request);
      if (asked === 'GET /feedback') return feedback.list(request);
      const [, room, id] = /^\/(runs|feedback)\/([^/]+)$/.exec(path) ?? [];
      if (room === 'runs' && id !== undefined && method === 'PATCH') return runs.one(request, pathText(id));
      if (room === 'feedback' && id !== undefined && ['GET', 'PATCH', 'DELETE'].includes(method))
        return feedback.one(request, pathText(id));
      throw notCovered(method, `${prefix}${path.slice(0, 120)}`, 'from-langsmith.md');
    },
    errorBody: (error) => ({ detail: `${error.message} ${error.hint}`, code: error.code }),
  };
}
