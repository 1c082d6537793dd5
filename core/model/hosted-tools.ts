import { isJsonObject, type JsonObject } from '../records/index.ts';

/** Whether a vendor itself would call tools of others for this request: those may do things, not only say them. */
export function asksHostedTools({ tools, mcp_servers: servers }: JsonObject): boolean {
  if (Array.isArray(servers) && servers.length > 0) return true;
  return Array.isArray(tools) && tools.some((tool) => isJsonObject(tool) && tool.type === 'mcp');
}
