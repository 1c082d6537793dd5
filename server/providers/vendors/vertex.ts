import { openAiLike } from '../vendor.ts';
import { geminiEndpoint } from './gemini.ts';

/** Gemini on Google Cloud: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference */
export const vertex = openAiLike({
  name: 'vertex',
  title: 'Google Vertex AI',
  baseUrl: ({ project, location }) => {
    const host = location === 'global' ? 'aiplatform.googleapis.com' : `${location}-aiplatform.googleapis.com`;
    return `https://${host}/v1/projects/${project}/locations/${location}`;
  },
  settings: [
    {
      name: 'project',
      variables: ['GOOGLE_CLOUD_PROJECT', 'GCLOUD_PROJECT'],
      fallback: null,
      description: 'The Google Cloud project that pays',
    },
    {
      name: 'location',
      variables: ['GOOGLE_CLOUD_LOCATION'],
      fallback: 'global',
      description: 'Where the models run',
    },
  ],
  auth: { type: 'google' },
  identity: 'google',
  keyVariables: ['GOOGLE_APPLICATION_CREDENTIALS'],
  keyForm: 'the JSON text of a service account or of application default credentials, a path to it, or an access token',
  endpoints: [geminiEndpoint('/publishers/google/models')],
});
