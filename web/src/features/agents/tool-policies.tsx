import { useQuery } from '@tanstack/react-query';
import type { AgentTool, ToolEffect, ToolPolicy } from '@/api/types';
import type { Form } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Chip, ErrorPanel, Select, SkeletonRows, type Tone } from '@/ui';
import { asText, withKey, type AgentValues } from './agent-values';
import { toolsQuery } from './api';
import { messages } from './messages';
import { isKnown, messages as toolWords } from './tool-words';

const TONES: Record<ToolEffect, Tone> = {
  read: 'neutral',
  write: 'warning',
  external: 'accent',
  destructive: 'danger',
  spend: 'warning',
};

const LABELS = { auto: 'auto', ask: 'ask', never: 'neverUse' } as const;

interface RowProps {
  tool: AgentTool;
  policy: ToolPolicy;
  disabled: boolean;
  onChange: (policy: ToolPolicy) => void;
}

function Row({ tool, policy, disabled, onChange }: RowProps) {
  const t = useT(messages);
  const words = useT(toolWords);
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
      <div className="min-w-0 flex-1 basis-52">
        <p className="flex flex-wrap items-center gap-2 text-sm">
          {tool.title}
          <Chip tone={TONES[tool.effect]}>{t(`effect_${tool.effect}`)}</Chip>
        </p>
        <p className="text-xs text-subtle">
          {isKnown(tool.name) ? words(tool.name) : tool.description}
        </p>
      </div>
      <Select
        className="w-28!"
        aria-label={t('policyOf', { tool: tool.title })}
        disabled={disabled}
        value={policy}
        options={tool.policies.map((value) => ({ value, label: t(LABELS[value]) }))}
        onChange={(value) => onChange(value as ToolPolicy)}
      />
    </li>
  );
}

/** Every tool with what it does and who is asked; a default is stored as nothing at all. */
export function ToolPolicies({ form, disabled }: { form: Form<AgentValues>; disabled: boolean }) {
  const t = useT(messages);
  const tools = useQuery(toolsQuery);
  const chosen = JSON.parse(form.values.tools) as Record<string, ToolPolicy>;
  const choose = (tool: AgentTool, policy: ToolPolicy) => {
    const kept = policy === tool.default ? null : policy;
    form.set('tools', asText(withKey(chosen, tool.name, kept)));
  };
  const failed = tools.error ? (
    <ErrorPanel error={tools.error} onRetry={() => void tools.refetch()} />
  ) : null;
  if (!tools.data) return failed ?? <SkeletonRows label={t('loading')} />;
  if (tools.data.length === 0) return <p className="text-sm text-subtle">{t('noTools')}</p>;
  return (
    <>
      {failed}
      {form.errors.tools ? <p className="text-xs text-danger">{form.errors.tools}</p> : null}
      <ul data-field="tools" className="divide-y divide-line">
        {tools.data.map((tool) => (
          <Row
            key={tool.name}
            tool={tool}
            disabled={disabled}
            policy={chosen[tool.name] ?? tool.default}
            onChange={(policy) => choose(tool, policy)}
          />
        ))}
      </ul>
    </>
  );
}
