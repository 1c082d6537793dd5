import { isJsonObject, type Json, type JsonObject } from '../../records/index.ts';
import { printYaml } from '../version-file/yaml.ts';
import { mlflowSignature } from './mlflow-signature.ts';
import type { PackagedVersion, PackageFile } from './model-package.ts';

/** The release whose layout is written, and by which it was read back. */
const mlflowVersion = '3.17.2';
const pythonVersion = '3.11';

/** `2026-11-21 10:30:00.000000`, as MLflow writes times. */
const mlflowTime = (iso: string) => {
  const [date = '', time = ''] = iso.replace(/Z$/, '').split('T');
  const [seconds = '', fraction = ''] = time.split('.');
  return `${date} ${seconds}.${fraction.padEnd(6, '0').slice(0, 6)}`;
};

const uuidOf = (hash: string) => hash.replace(/[^0-9a-f]/g, '').slice(0, 32);

const isRow = (example: Json): example is JsonObject => isJsonObject(example) && Object.keys(example).length > 0;

function savedExample({ example }: PackagedVersion): JsonObject {
  const serving = { serving_input_path: 'serving_input_example.json' };
  if (example === null) return {};
  const artifact = { artifact_path: 'input_example.json' };
  if (!isRow(example)) return { saved_input_example_info: { ...artifact, ...serving, type: 'json_object' } };
  return { saved_input_example_info: { ...artifact, pandas_orient: 'split', ...serving, type: 'dataframe' } };
}

/** The file `MLmodel`, which `mlflow.pyfunc.load_model` begins with. */
export function mlModelFile(model: PackagedVersion): string {
  const { name, number, hash, definition, signature, createdAt } = model;
  return printYaml({
    flavors: {
      python_function: {
        code: 'code',
        env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
        loader_module: 'wheelhouse_model',
        python_version: pythonVersion,
      },
      wheelhouse: { flavor: definition.flavor, hash, name, number },
    },
    is_signature_from_type_hint: false,
    mlflow_version: mlflowVersion,
    model_uuid: uuidOf(hash),
    ...savedExample(model),
    signature: mlflowSignature(signature),
    type_hint_from_example: false,
    utc_time_created: mlflowTime(createdAt),
  });
}

/** What MLflow sets up before it loads the folder: nothing but itself. */
export const environmentFiles = (): PackageFile[] => [
  { path: 'requirements.txt', text: `mlflow==${mlflowVersion}\n` },
  {
    path: 'python_env.yaml',
    text: printYaml({ python: pythonVersion, build_dependencies: ['pip'], dependencies: ['-r requirements.txt'] }),
  },
  {
    path: 'conda.yaml',
    text: printYaml({
      channels: ['conda-forge'],
      dependencies: [`python=${pythonVersion}`, 'pip', { pip: [`mlflow==${mlflowVersion}`] }],
      name: 'mlflow-env',
    }),
  },
];

const jsonFile = (path: string, json: Json): PackageFile => ({ path, text: `${JSON.stringify(json)}\n` });

/** The example as MLflow keeps one, and as a body for `/invocations`. */
export function exampleFiles({ example }: PackagedVersion): PackageFile[] {
  if (example === null) return [];
  const split = isRow(example) ? { columns: Object.keys(example), data: [Object.values(example)] } : null;
  return [
    jsonFile('input_example.json', split ?? [example]),
    jsonFile('serving_input_example.json', split === null ? { inputs: [example] } : { dataframe_split: split }),
  ];
}
