import { openAiLike } from '../vendor.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export const bedrock = openAiLike({
  name: 'bedrock',
  title: 'AWS Bedrock',
  baseUrl: ({ region }) => `https://bedrock-runtime.${region}.amazonaws.com`,
  settings: [
    {
      name: 'region',
      variables: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
      fallback: 'us-east-1',
      description: 'The AWS region',
    },
  ],
  auth: { type: 'aws', service: 'bedrock' },
  identity: 'aws',
  keyVariables: ['AWS_BEARER_TOKEN_BEDROCK', 'AWS_ACCESS_KEY_ID'],
  keyForm: 'a Bedrock API key, or ACCESS_KEY_ID:SECRET_ACCESS_KEY[:SESSION_TOKEN]',
  endpoints: [
    {
      dialect: 'bedrock-converse',
      path: (model, { stream }) => `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`,
      capabilities: { refuses: [], needsMaxTokens: null },
    },
  ],
  embeddings: { dialect: 'bedrock', path: (model) => `/model/${encodeURIComponent(model)}/invoke` },
});
