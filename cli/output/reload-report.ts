import type { ReloadOutcome } from '@wheelhouse/server/main';
import type { Style } from './style.ts';
import { plain } from './text.ts';

/** What a running server says after its configuration changed, in a line or two. */
export function reloadReport(outcome: ReloadOutcome, style: Style): string {
  if (!outcome.ok) {
    const { message, hint } = outcome.error;
    return `  ${style.red('✕')} ${plain(message)}\n    ${plain(hint)} What was in force before still is.\n`;
  }
  const { changed, needRestart } = outcome;
  const line = changed.length === 0 ? 'configuration unchanged' : `configuration in force: ${changed.join(', ')}`;
  const restart = needRestart.length === 0 ? '' : style.yellow(`   after a restart: ${needRestart.join(', ')}`);
  return `  ${style.green('✓')} ${line}${restart}\n`;
}
