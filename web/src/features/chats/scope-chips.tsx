import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Bot, Check, ChevronDown, CircleAlert, Cpu, Database } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { agentsQuery, modelsQuery, sourcesQuery } from '@/api/resources';
import type { Model, Source } from '@/api/types';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { Input, Menu, MenuChoice, MenuItem, MenuSeparator, Popover } from '@/ui';
import { messages } from './messages';

/** What a question is asked of and with; the thread on the server holds it. */
export interface Scope {
  source_ids: string[];
  agent_id: string | null;
  /** null: the workspace's default. */
  model_id: string | null;
}

interface ScopeChipsProps {
  scope: Scope;
  onChange: (change: Partial<Scope>) => void;
}

interface TriggerProps extends Omit<React.ComponentProps<'button'>, 'children' | 'value'> {
  /** What a command of the composer calls it. */
  'data-chip': string;
  icon: ReactNode;
  name: string;
  value: string;
  warning?: boolean;
}

function Trigger({ icon, name, value, warning, ...rest }: TriggerProps) {
  return (
    <button
      type="button"
      {...rest}
      title={name}
      aria-label={`${name}: ${value}`}
      className={cx(
        'inline-flex h-7 max-w-48 items-center gap-1.5 rounded-md px-2 text-xs hover:bg-sunken pointer-coarse:h-control',
        warning ? 'text-warning' : 'text-muted hover:text-fg',
      )}
    >
      {icon}
      <span className="truncate">{value}</span>
      <ChevronDown aria-hidden className="size-3 shrink-0 text-subtle" />
    </button>
  );
}

function SourceOption({
  source,
  on,
  onToggle,
}: {
  source: Source;
  on: boolean;
  onToggle: () => void;
}) {
  const t = useT(messages);
  return (
    <button
      type="button"
      role="menuitemcheckbox"
      aria-checked={on}
      onClick={onToggle}
      className="flex min-h-8 w-full items-center gap-2 rounded-sm px-2 py-1 text-left text-sm hover:bg-sunken"
    >
      <span className="flex size-4 items-center justify-center text-accent">
        {on && <Check aria-hidden className="size-4" />}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate">{source.name}</span>
        {source.status === 'error' && (
          <span className="block truncate text-xs text-warning">
            {source.last_error ?? t('sourceError')}
          </span>
        )}
      </span>
    </button>
  );
}

function SourceChip({ scope, onChange }: ScopeChipsProps) {
  const t = useT(messages);
  const [search, setSearch] = useState('');
  const sources = useQuery(sourcesQuery).data?.data ?? [];
  const chosen = sources.filter(({ id }) => scope.source_ids.includes(id));
  const broken = chosen.some(({ status }) => status === 'error');
  const found = sources.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()));
  const toggle = (id: string) => {
    const on = scope.source_ids.includes(id);
    const rest = scope.source_ids.filter((other) => other !== id);
    onChange({ source_ids: on ? rest : [...rest, id] });
  };
  const [only] = chosen;
  return (
    <Popover
      label={t('source')}
      side="top"
      className="w-72 p-1"
      trigger={
        <Trigger
          data-chip="source"
          name={t('source')}
          warning={broken || chosen.length === 0}
          icon={
            broken ? (
              <CircleAlert aria-hidden className="size-3.5" />
            ) : (
              <Database aria-hidden className="size-3.5" />
            )
          }
          value={only && chosen.length === 1 ? only.name : t('sources', { count: chosen.length })}
        />
      }
    >
      {sources.length > 6 && (
        <Input
          aria-label={t('findSource')}
          placeholder={t('findSource')}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          className="mb-1"
        />
      )}
      <div role="menu" aria-label={t('source')} className="max-h-64 overflow-y-auto">
        {found.map((source) => (
          <SourceOption
            key={source.id}
            source={source}
            on={scope.source_ids.includes(source.id)}
            onToggle={() => toggle(source.id)}
          />
        ))}
      </div>
      {found.length === 0 && <p className="px-2 py-1.5 text-sm text-subtle">{t('noSources')}</p>}
      <Link
        to="/sources/new"
        className="mt-1 block border-t border-line px-2 pt-2 pb-1 text-sm text-accent hover:underline"
      >
        {t('addSource')}
      </Link>
    </Popover>
  );
}

function AgentChip({ scope, onChange }: ScopeChipsProps) {
  const t = useT(messages);
  const all = useQuery(agentsQuery).data?.data ?? [];
  // One that is not published has nothing to answer with.
  const agents = all.filter((agent) => agent.published_version !== null);
  const current = scope.agent_id === null ? agents[0] : all.find(({ id }) => id === scope.agent_id);
  if (agents.length === 0) return null;
  return (
    <Menu
      align="start"
      side="top"
      label={t('agent')}
      trigger={
        <Trigger
          data-chip="agent"
          name={t('agent')}
          warning={!current}
          value={current?.name ?? t('agentGone')}
          icon={<Bot aria-hidden className="size-3.5" />}
        />
      }
    >
      <MenuChoice
        label={t('agent')}
        value={current?.id ?? ''}
        options={agents.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(id) => onChange({ agent_id: id })}
      />
      <MenuSeparator />
      <MenuItem asChild>
        <Link to="/agents">{t('allAgents')}</Link>
      </MenuItem>
    </Menu>
  );
}

function ModelChip({ scope, onChange }: ScopeChipsProps) {
  const t = useT(messages);
  const models = useQuery(modelsQuery).data?.data ?? [];
  const fallback = models.find(({ is_active: active }) => active);
  const current = models.find(({ id }) => id === scope.model_id) ?? fallback;
  const label = (model: Model) => (model.is_demo ? t('demoModel') : model.name);
  const standard = fallback ? `${t('defaultModel')} · ${label(fallback)}` : t('defaultModel');
  return (
    <Menu
      align="start"
      side="top"
      label={t('model')}
      trigger={
        <Trigger
          data-chip="model"
          name={t('model')}
          warning={!current}
          icon={<Cpu aria-hidden className="size-3.5" />}
          value={current ? label(current) : t('noModel')}
        />
      }
    >
      <MenuChoice
        label={t('model')}
        value={scope.model_id ?? ''}
        options={[
          { value: '', label: standard },
          ...models.map((model) => ({ value: model.id, label: label(model) })),
        ]}
        onChange={(id) => onChange({ model_id: id === '' ? null : id })}
      />
      <MenuSeparator />
      <MenuItem asChild>
        <Link to="/settings/models">{t('connectModel')}</Link>
      </MenuItem>
    </Menu>
  );
}

export function ScopeChips(props: ScopeChipsProps) {
  return (
    <>
      <SourceChip {...props} />
      <AgentChip {...props} />
      <ModelChip {...props} />
    </>
  );
}
