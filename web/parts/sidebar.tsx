import { Link, useRouterState } from '@tanstack/react-router';
import { LogOut, Moon, PanelLeft, Search, Sun } from 'lucide-react';
import { useMe } from '../data/access-queries.ts';
import { useLiveState } from '../data/data-context.tsx';
import { toggleSidebar, toggleTheme, usePreference, useShownTheme } from '../data/preferences.ts';
import { openProject } from '../data/project.ts';
import { Keys } from './kbd.tsx';
import { destinations } from './navigation.ts';

function Logo() {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" className="flex-none">
      <path
        d="M2 12 6 4l3 5 2-3 3 6"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}

const words = { connecting: 'connecting', live: 'live', lost: 'no answer, retrying' };

function LiveDot({ closed }: { closed: boolean }) {
  const state = useLiveState();
  const port = location.port || (location.protocol === 'https:' ? '443' : '80');
  return (
    <span className="flex min-w-0 items-center gap-2" title={`Live feed: ${words[state]}`}>
      <span className="live-dot" data-state={state} aria-hidden="true" />
      <span className={closed ? 'sr-only' : 'truncate max-md:sr-only'}>
        :{port} {words[state]}
      </span>
    </span>
  );
}

function ThemeButton() {
  const theme = useShownTheme();
  const Icon = theme === 'dark' ? Sun : Moon;
  return (
    <button
      type="button"
      className="btn btn-quiet btn-icon"
      aria-label={theme === 'dark' ? 'Use the light theme' : 'Use the dark theme'}
      title="Theme (t)"
      onClick={toggleTheme}
    >
      <Icon size={14} strokeWidth={1.75} />
    </button>
  );
}

const here = 'bg-surface !text-text font-medium shadow-[inset_2px_0_0_var(--ink)]';

function Places({ closed }: { closed: boolean }) {
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const isBelow = (places: readonly string[] = []) => places.some((one) => `${pathname}/`.startsWith(`${one}/`));
  return destinations.map(({ to, label, keys, icon: Icon, holds }) => (
    <li key={to}>
      <Link
        to={to}
        aria-label={label}
        title={`${label} (${keys})`}
        className={`flex h-8 items-center gap-2 rounded-2 px-2 text-text-2 hover:bg-surface max-md:w-8 max-md:justify-center ${isBelow(holds) ? here : ''}`}
        activeProps={{ className: here }}
      >
        <Icon size={15} strokeWidth={1.75} aria-hidden="true" className="flex-none" />
        {!closed && <span className="max-md:hidden">{label}</span>}
      </Link>
    </li>
  ));
}

/** Which project is looked at, where there are several. */
function ProjectSwitcher({ closed }: { closed: boolean }) {
  const me = useMe();
  if (me === undefined || me.projects.length < 2) return null;
  return (
    <select
      aria-label="Project"
      title={`Project ${me.project.name}`}
      className={`field max-md:order-2 max-md:mt-1 max-md:basis-full md:mt-1 ${closed ? 'md:hidden' : ''}`}
      value={me.project.id}
      onChange={(event) => openProject(event.target.value)}
    >
      {me.projects.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** Who is signed in; nothing on a laptop, where nobody is. */
function Who({ closed }: { closed: boolean }) {
  const me = useMe();
  if (me === undefined || me.session === null || closed) return null;
  return (
    <div className="flex items-center gap-1 px-2 pb-1 text-xs text-text-2 max-md:hidden md:mt-auto">
      <Link
        to="/settings"
        className="min-w-0 flex-1 truncate hover:underline"
        title={`${me.actor}, ${me.role} of ${me.project.name}`}
      >
        {me.person?.name ?? 'admin key'}
      </Link>
      <form method="post" action="/sign-out">
        <button type="submit" className="btn btn-quiet btn-icon" aria-label="Sign out" title="Sign out">
          <LogOut size={14} strokeWidth={1.75} />
        </button>
      </form>
    </div>
  );
}

/** On the left; on narrow screens a bar on top. */
export function Sidebar({ onSearch }: { onSearch: () => void }) {
  const closed = usePreference('sidebar') === 'closed';
  const me = useMe();
  return (
    <nav
      aria-label="Main"
      className={`flex flex-none border-line bg-sunken p-2 max-md:w-full max-md:flex-wrap max-md:items-center max-md:border-b md:flex-col md:border-r ${closed ? 'md:w-[49px]' : 'md:w-[188px]'}`}
    >
      <div className="flex h-9 items-center gap-2 px-2 font-semibold max-md:px-1">
        <Logo />
        {!closed && <span className="max-md:hidden">Wheelhouse</span>}
        {!closed && me?.actor === 'local' && (
          <span className="ml-auto text-xs font-normal text-text-3 max-md:hidden">local</span>
        )}
      </div>
      <ProjectSwitcher closed={closed} />
      <button
        type="button"
        aria-label="Jump to a page, model, dataset or action"
        className={`btn max-md:order-1 max-md:ml-auto max-md:w-8 max-md:px-0 md:my-2 md:justify-start md:font-normal ${closed ? 'md:px-[7px]' : ''}`}
        onClick={onSearch}
      >
        <Search size={13} strokeWidth={1.75} aria-hidden="true" />
        {!closed && (
          <>
            <span className="max-md:hidden">Jump to…</span>
            <span className="ml-auto max-md:hidden">
              <Keys keys="$mod+k" />
            </span>
          </>
        )}
      </button>
      <ul className="flex max-md:gap-0.5 md:flex-col">
        <Places closed={closed} />
      </ul>
      <Who closed={closed} />
      <div
        className={`flex items-center gap-1 text-xs text-text-2 md:px-2 ${me?.session && !closed ? '' : 'md:mt-auto'} ${closed ? 'md:flex-col md:gap-2' : 'md:justify-between'}`}
      >
        <LiveDot closed={closed} />
        <span className={`flex ${closed ? 'md:flex-col' : ''}`}>
          <ThemeButton />
          <button
            type="button"
            className="btn btn-quiet btn-icon max-md:hidden"
            aria-label={closed ? 'Open the sidebar' : 'Collapse the sidebar'}
            aria-expanded={!closed}
            title="Sidebar ([)"
            onClick={toggleSidebar}
          >
            <PanelLeft size={14} strokeWidth={1.75} />
          </button>
        </span>
      </div>
    </nav>
  );
}
