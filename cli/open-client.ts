import { type Client, createClient } from '@wheelhouse/sdk';
import type { Config } from './config.ts';

/** The server and the project that the environment names. */
export const openClient = ({ url, adminKey, project }: Config): Client =>
  createClient({ baseUrl: url, ...(adminKey && { apiKey: adminKey }), ...(project && { project }) });
