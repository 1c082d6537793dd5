import { WheelhouseError } from '@wheelhouse/core/records';

/** Names come from ids of our own; what else they hold would be a fault, and must not reach a file system. */
export function checkBlobName(name: string): string {
  const parts = name.split('/');
  if (parts.every((part) => /^[\w.-]{1,128}$/.test(part) && !/^\.+$/.test(part)) && parts.length <= 8) return name;
  throw new WheelhouseError('internal', `\`${name.slice(0, 200)}\` cannot be the name of a blob.`);
}
