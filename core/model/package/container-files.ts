import type { JsonObject } from '../../records/index.ts';
import { printYaml } from '../version-file/yaml.ts';
import type { PackagedVersion } from './model-package.ts';

const port = 8080;
/** Of the user `node` in Node's own images. */
const userId = 1000;

/** An image of the folder that answers as the version in it, and as no other. */
export const dockerfile = (wheelhouse: string): string => `# Serves the model in this folder, and nothing else:
#   docker build --tag <name>:<version> .
#   docker run --publish ${port}:${port} --env OPENAI_API_KEY --env WHEELHOUSE_ADMIN_KEY <name>:<version>
FROM node:22-slim
RUN npm install --global wheelhouse@${wheelhouse} && npm cache clean --force
WORKDIR /work
COPY --chown=node:node . /model
USER node
EXPOSE ${port}
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \\
  CMD ["node", "-e", "fetch('http://127.0.0.1:${port}/ping').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["wheelhouse", "serve", "--model", "/model", "--host", "0.0.0.0", "--port", "${port}"]
`;

/** A label of DNS. */
const labelOf = (name: string): string => {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/^-+|-+$/g, '');
  return /^[a-z]/.test(plain) ? plain : `model-${plain}`.replace(/-+$/, '');
};

const probe = (path: string, more: JsonObject = {}): JsonObject => ({ httpGet: { path, port: 'http' }, ...more });

function deployment({ number, hash }: PackagedVersion, name: string, labels: JsonObject): JsonObject {
  const container: JsonObject = {
    name: 'model',
    image: `${name}:${number}`,
    ports: [{ name: 'http', containerPort: port }],
    envFrom: [{ secretRef: { name: `${name}-keys` } }],
    startupProbe: probe('/ping', { periodSeconds: 2, failureThreshold: 30 }),
    readinessProbe: probe('/ping', { periodSeconds: 5 }),
    livenessProbe: probe('/health', { periodSeconds: 10, failureThreshold: 3 }),
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels, annotations: { 'wheelhouse/hash': hash } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { 'app.kubernetes.io/name': name } },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 30,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: userId,
            runAsGroup: userId,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [container],
          volumes: [{ name: 'tmp', emptyDir: {} }],
        },
      },
    },
  };
}

/** A deployment of the image of {@link dockerfile}, and a service before it. Its keys stay in a secret of the cluster. */
export function kubernetesManifests(model: PackagedVersion): string {
  const name = labelOf(model.name);
  const labels: JsonObject = {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/version': String(model.number),
    'app.kubernetes.io/managed-by': 'wheelhouse',
  };
  const service: JsonObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels },
    spec: {
      type: 'ClusterIP',
      selector: { 'app.kubernetes.io/name': name },
      ports: [{ name: 'http', port: 80, targetPort: 'http' }],
    },
  };
  return `# ${model.name}@${model.number}. The image is the one that the Dockerfile beside it makes; name it as your registry has it.
# Keys are made once, and stay out of this file:
#   kubectl create secret generic ${name}-keys \\
#     --from-literal=OPENAI_API_KEY=… --from-literal=WHEELHOUSE_ADMIN_KEY="$(openssl rand -hex 24)"
${printYaml(deployment(model, name, labels))}---
${printYaml(service)}`;
}
