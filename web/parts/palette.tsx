import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CommandEmpty, CommandGroup, CommandInput, CommandItem, CommandList, CommandRoot } from 'cmdk';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useMe } from '../data/access-queries.ts';
import { useData } from '../data/data-context.tsx';
import { evaluationsQuery } from '../data/evaluation-queries.ts';
import { optimizationsQuery } from '../data/optimization-queries.ts';
import { openProject } from '../data/project.ts';
import { datasetsQuery, modelsQuery, serverQuery } from '../data/queries.ts';
import { readShortLink } from '../data/short-link.ts';
import { Keys } from './kbd.tsx';
import { destinations, morePlaces } from './navigation.ts';
import { useShortcutGroups } from './shortcuts.tsx';
import { useToast } from './toast.tsx';

const recent = 8;

type ItemProps = { value: string; children: ReactNode; keys?: string; onSelect: () => void };

function Item({ value, children, keys, onSelect }: ItemProps) {
  return (
    <CommandItem
      value={value}
      onSelect={onSelect}
      className="flex min-h-8 cursor-pointer items-center gap-2 rounded-2 px-2 text-base text-text aria-selected:bg-accent-bg"
    >
      {children}
      {keys && (
        <span className="ml-auto">
          <Keys keys={keys} />
        </span>
      )}
    </CommandItem>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <CommandGroup
      heading={heading}
      className="mb-1 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-text-3"
    >
      {children}
    </CommandGroup>
  );
}

/** What the server holds, to jump to. */
function Records({ run }: { run: (action: () => unknown) => () => void }) {
  const { client } = useData();
  const navigate = useNavigate();
  const models = useQuery(modelsQuery(client)).data ?? [];
  const datasets = useQuery(datasetsQuery(client)).data ?? [];
  const evaluations = useInfiniteQuery(evaluationsQuery(client)).data?.pages[0]?.data.slice(0, recent) ?? [];
  const optimizations = useInfiniteQuery(optimizationsQuery(client)).data?.pages[0]?.data.slice(0, recent) ?? [];
  return (
    <>
      {models.length > 0 && (
        <Group heading="Models">
          {models.map(({ name }) => (
            <Item
              key={name}
              value={`model ${name}`}
              onSelect={run(() => navigate({ to: '/models/$name', params: { name } }))}
            >
              {name}
            </Item>
          ))}
        </Group>
      )}
      {datasets.length > 0 && (
        <Group heading="Datasets">
          {datasets.map(({ name }) => (
            <Item
              key={name}
              value={`dataset ${name}`}
              onSelect={run(() => navigate({ to: '/datasets/$name', params: { name } }))}
            >
              {name}
            </Item>
          ))}
        </Group>
      )}
      {evaluations.length > 0 && (
        <Group heading="Recent evaluations">
          {evaluations.map((one) => (
            <Item
              key={one.id}
              value={`evaluation ${one.name} ${one.dataset} ${one.runs.map(({ label }) => label).join(' ')} ${one.id}`}
              onSelect={run(() => navigate({ to: '/experiments/$evaluationId', params: { evaluationId: one.id } }))}
            >
              {one.dataset} v{one.datasetVersion} {one.runs.map(({ label }) => label).join(' vs ')}
            </Item>
          ))}
        </Group>
      )}
      {optimizations.length > 0 && (
        <Group heading="Recent optimizations">
          {optimizations.map(({ id, name, program, optimizer }) => (
            <Item
              key={id}
              value={`optimization ${name} ${program} ${id}`}
              onSelect={run(() =>
                navigate({ to: '/experiments/optimizations/$optimizationId', params: { optimizationId: id } }),
              )}
            >
              {name} <span className="text-text-3">by {optimizer.name}</span>
            </Item>
          ))}
        </Group>
      )}
    </>
  );
}

/** The other projects that one can see. */
function Projects({ run }: { run: (action: () => unknown) => () => void }) {
  const me = useMe();
  const others = me?.projects.filter(({ id }) => id !== me.project.id) ?? [];
  if (others.length === 0) return null;
  return (
    <Group heading="Projects">
      {others.map(({ id, name }) => (
        <Item key={id} value={`project ${name} ${id}`} onSelect={run(() => openProject(id))}>
          {name} {name !== id && <span className="mono text-text-3">{id}</span>}
        </Item>
      ))}
    </Group>
  );
}

/** Keys that make no sense but as keys: moving about, and what opened this. */
const onlyKeys = /^([jkx/.]|Arrow\w+|Enter|Escape|\$mod\+k|g .)$/;

/** What the keys of this page do, each as an entry; made from the same registry. */
function Actions({ run }: { run: (action: () => unknown) => () => void }) {
  const groups = useShortcutGroups();
  return groups.map((group) => (
    <Group key={group.id} heading={group.title}>
      {group.shortcuts
        .filter((one) => !onlyKeys.test(one.keys))
        .map((one) => (
          <Item
            key={one.keys}
            value={`${group.title}: ${one.label}`}
            keys={one.keys}
            onSelect={run(() => one.run(new KeyboardEvent('keydown')))}
          >
            {one.label}
          </Item>
        ))}
    </Group>
  ));
}

function Addresses({ run }: { run: (action: () => unknown) => () => void }) {
  const { client } = useData();
  const toast = useToast();
  const server = useQuery(serverQuery(client)).data;
  const copy = (text: string) => async () => {
    await navigator.clipboard.writeText(text);
    toast(`Copied ${text}`);
  };
  if (!server) return null;
  return (
    <Group heading="Copy">
      <Item value="copy OpenAI base URL" onSelect={run(copy(server.openaiUrl))}>
        the OpenAI base URL <span className="mono ml-auto truncate text-text-3">{server.openaiUrl}</span>
      </Item>
      <Item value="copy OTLP endpoint" onSelect={run(copy(server.otlpUrl))}>
        the OTLP endpoint <span className="mono ml-auto truncate text-text-3">{server.otlpUrl}</span>
      </Item>
    </Group>
  );
}

/** Jump anywhere, do anything; with `only`, what can be done here. Loaded when first asked for. */
export function Palette({ only, onClose }: { only: 'actions' | null; onClose: () => void }) {
  const navigate = useNavigate();
  const ref = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    ref.current?.querySelector('input')?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  // After the dialog is gone, so that what follows may open its own or take the focus.
  const run = (action: () => unknown) => () => {
    onClose();
    setTimeout(action, 0);
  };
  const pasted = text.trim();
  const title = only === null ? 'Jump to' : 'Actions of this page';
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog already.
    <dialog
      ref={ref}
      aria-label={title}
      className="mt-24 w-[calc(100vw-24px)] max-w-[560px] overflow-hidden rounded-3 border border-line bg-raised p-0 shadow-[var(--shadow)]"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <CommandRoot label={title}>
        <CommandInput
          value={text}
          onValueChange={setText}
          placeholder={only === null ? 'A page, model, dataset, evaluation, trace id or action' : 'What to do'}
          className="w-full border-b border-line bg-transparent px-4 py-3 text-lg outline-none"
        />
        <CommandList className="max-h-[min(420px,60vh)] overflow-auto p-2">
          <CommandEmpty className="p-4 text-text-3">Nothing matches. Paste a trace id to open its trace.</CommandEmpty>
          {only === null && readShortLink(pasted) !== null && (
            <Item value={pasted} onSelect={run(() => navigate({ to: '/x/$id', params: { id: pasted } }))}>
              Open <span className="mono">{pasted}</span>
            </Item>
          )}
          {only === null && (
            <>
              <Group heading="Go to">
                {[...destinations, ...morePlaces].map(({ to, label, keys, icon: Icon }) => (
                  <Item key={to} value={`go to ${label}`} keys={keys} onSelect={run(() => navigate({ to }))}>
                    <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
                    {label}
                  </Item>
                ))}
              </Group>
              <Projects run={run} />
              <Records run={run} />
            </>
          )}
          <Actions run={run} />
          {only === null && <Addresses run={run} />}
        </CommandList>
      </CommandRoot>
    </dialog>
  );
}
