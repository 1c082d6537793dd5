// Runs before the first paint, so that a dark page never flashes white; a file of its own, because the page's policy allows no inline script.
(() => {
  const stored = (name) => {
    try {
      return localStorage.getItem(`wheelhouse.${name}`);
    } catch {
      return null;
    }
  };
  const root = document.documentElement.dataset;
  root.themeChoice = stored('theme') ?? 'system';
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  root.theme = root.themeChoice === 'system' ? (dark ? 'dark' : 'light') : root.themeChoice;
  root.density = stored('density') ?? 'compact';
  root.keys = stored('keys') ?? 'on';
  root.sidebar = stored('sidebar') ?? 'open';
})();
