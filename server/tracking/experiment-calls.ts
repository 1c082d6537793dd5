import { nanosToMs, type TrackedTag, WheelhouseError } from '@wheelhouse/core/records';
import type { MlflowCalls, TrackingDeps } from './deps.ts';
import { checkLength, checkName, objectsOf, textOf, textOr, textsOf } from './fields.ts';
import { limitOf, offsetIn, pageOf, placeOf, stageOf } from './pages.ts';
import { parseExperimentFilter, parseExperimentOrder } from './parse-search.ts';
import { experimentBody } from './wire.ts';

const nameLimit = 500;
const tagLimit = 20_000;
const locationLimit = 2_048;

const missing = (message: string) => new WheelhouseError('not_found', message);

function tagOf(body: Parameters<typeof textOf>[0]): TrackedTag {
  const key = textOf(body, 'key');
  checkName(key, 'key');
  return { key, value: checkLength(textOr(body, 'value') ?? '', tagLimit, 'value') };
}

/** `/api/2.0/mlflow/experiments/…` */
export function experimentCalls({ store, clock }: TrackingDeps): MlflowCalls {
  const nowMs = () => Math.trunc(nanosToMs(clock.now()));
  return {
    async 'POST /experiments/create'(by, body) {
      const name = checkLength(textOf(body, 'name'), nameLimit, 'name');
      const location = textOr(body, 'artifact_location') ?? '';
      checkLength(location, locationLimit, 'artifact_location');
      const tags = objectsOf(body, 'tags').map(tagOf);
      const artifactLocation = location === '' ? null : location;
      return { experiment_id: (await store.createExperiment(by, { name, tags, artifactLocation }, nowMs())).id };
    },
    async 'GET /experiments/get'(by, body) {
      const id = textOf(body, 'experiment_id');
      const found = await store.experiment(by.project, id);
      if (!found) throw missing(`No Experiment with id=${id} exists`);
      return { experiment: experimentBody(found) };
    },
    async 'GET /experiments/get-by-name'(by, body) {
      const name = textOf(body, 'experiment_name');
      const found = await store.experimentNamed(by.project, name);
      if (!found) throw missing(`Could not find experiment with name '${name}'`);
      return { experiment: experimentBody(found) };
    },
    async 'POST /experiments/search'(by, body) {
      const limit = limitOf(body);
      const offset = offsetIn(placeOf(textOr(body, 'page_token')));
      const found = await store.experiments(by.project, {
        stage: stageOf(body, 'view_type'),
        conditions: parseExperimentFilter(textOr(body, 'filter') ?? ''),
        order: parseExperimentOrder(textsOf(body, 'order_by')),
        ...{ limit: limit + 1, offset },
      });
      const { items, token } = pageOf(found, { limit, offset });
      return { ...(items.length > 0 && { experiments: items.map(experimentBody) }), ...token };
    },
    async 'POST /experiments/update'(by, body) {
      const name = textOr(body, 'new_name');
      const id = textOf(body, 'experiment_id');
      if (name !== null && name !== '')
        await store.renameExperiment(by, id, checkLength(name, nameLimit, 'name'), nowMs());
      return {};
    },
    async 'POST /experiments/delete'(by, body) {
      await store.stageExperiment(by, textOf(body, 'experiment_id'), 'deleted', nowMs());
      return {};
    },
    async 'POST /experiments/restore'(by, body) {
      await store.stageExperiment(by, textOf(body, 'experiment_id'), 'active', nowMs());
      return {};
    },
    async 'POST /experiments/set-experiment-tag'(by, body) {
      await store.tagExperiment(by, textOf(body, 'experiment_id'), tagOf(body));
      return {};
    },
    async 'POST /experiments/delete-experiment-tag'(by, body) {
      const [id, key] = [textOf(body, 'experiment_id'), textOf(body, 'key')];
      if (!(await store.untagExperiment(by, id, key)))
        throw missing(`No tag with name: ${key} in experiment with id ${id}`);
      return {};
    },
  };
}
