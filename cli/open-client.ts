import { type Client, createClient } from '@wheelhouse/sdk';
import type { Config } from './config.ts';

/** The server that the environment names. */
export const openClient = (config: Config): Client =>
  createClient({ baseUrl: config.url, ...(config.adminKey ? { apiKey: config.adminKey } : {}) });
