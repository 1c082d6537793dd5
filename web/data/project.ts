const name = 'wheelhouse_project';
const aYear = 365 * 24 * 3600;

/** The project that this browser asked for last; the server passes over one that is not there. */
function chosenProject(): string | null {
  const found = document.cookie.split('; ').find((part) => part.startsWith(`${name}=`));
  return found === undefined ? null : decodeURIComponent(found.slice(name.length + 1));
}

function choose(id: string): void {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in browsers that are still used.
  document.cookie = `${name}=${encodeURIComponent(id)}; Path=/; Max-Age=${aYear}; SameSite=Lax${secure}`;
}

/** Loads all anew, so that nothing of the one project stands beside the other. */
export function openProject(id: string): void {
  choose(id);
  location.assign('/');
}

/** The address of what is shown, for somebody who may look at another project. */
export function linkIn(project: string, url: string): string {
  const link = new URL(url);
  link.searchParams.set('project', project);
  return link.href;
}

/** Takes `?project=` out of the address before the first request, and loads anew when another tab chose differently. */
export function followProject(): void {
  const url = new URL(location.href);
  const asked = url.searchParams.get('project');
  if (asked !== null) {
    choose(asked);
    url.searchParams.delete('project');
    history.replaceState(history.state, '', url);
  }
  const shown = chosenProject();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && chosenProject() !== shown) location.reload();
  });
}
