import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export const isRoot = () => process.getuid?.() === 0;

/** Whether this is Debian and may be changed. */
export function canInstall() {
  return isRoot() && existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/** Says what it runs and runs it; false when it failed. */
export function install([command, ...args], { because, env }) {
  process.stderr.write(`  ${because}, so installing one: ${[command, ...args].join(' ')}\n`);
  const { status } = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

/** Installs a package of Debian's; false when that failed. */
export function installFromDebian(name, options) {
  install(['apt-get', 'update'], options);
  return install(['apt-get', 'install', '-y', name], options);
}
