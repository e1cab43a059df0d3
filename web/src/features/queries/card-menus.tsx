import { Check, ChevronDown, Copy, Download } from 'lucide-react';
import { useState } from 'react';
import type { QueryVersion } from '@/api/types';
import { copyText } from '@/lib/clipboard';
import { formatTime } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from '@/ui';
import { toJson, toMarkdown, toTsv } from '@/ui/grid';
import { downloadUrl, FORMATS } from './api';
import { messages } from './messages';
import type { ResultRows } from './use-result-rows';

const ICON = 'size-3.5';

interface DownloadMenuProps {
  resultId: string;
  /** There are more rows than were kept. */
  truncated: boolean;
  onExport: () => void;
}

export function DownloadMenu({ resultId, truncated, onExport }: DownloadMenuProps) {
  const t = useT(messages);
  return (
    <Menu
      label={t('download')}
      trigger={
        <Button size="sm" variant="ghost" icon={<Download aria-hidden className={ICON} />}>
          {t('download')}
        </Button>
      }
    >
      <MenuLabel>{t('downloadStored')}</MenuLabel>
      {FORMATS.map((format) => (
        <MenuItem key={format} asChild>
          <a href={downloadUrl(resultId, format)} download>
            <span>
              {t(`format_${format}`)}
              {format === 'csv' && (
                <span className="block text-xs text-subtle">{t('downloadNote')}</span>
              )}
            </span>
          </a>
        </MenuItem>
      ))}
      {truncated && <MenuSeparator />}
      {truncated && (
        <MenuItem note={t('exportNote')} onSelect={onExport}>
          {t('downloadAll')}…
        </MenuItem>
      )}
    </Menu>
  );
}

const COPIES = {
  copyTsv: (version: QueryVersion, rows: Awaited<ReturnType<ResultRows['allRows']>>) =>
    toTsv([version.columns.map(({ name }) => name), ...rows]),
  copyMarkdown: (version: QueryVersion, rows: Awaited<ReturnType<ResultRows['allRows']>>) =>
    toMarkdown(version.columns, rows),
  copyJson: (version: QueryVersion, rows: Awaited<ReturnType<ResultRows['allRows']>>) =>
    toJson(version.columns, rows),
} as const;
type Copied = keyof typeof COPIES;

export function CopyMenu({ version, rows }: { version: QueryVersion; rows: ResultRows }) {
  const t = useT(messages);
  const [said, setSaid] = useState<'copied' | 'copyFailed' | null>(null);
  const say = (done: boolean) => setSaid(done ? 'copied' : 'copyFailed');
  const copyRows = async (format: Copied) => {
    try {
      say(await copyText(COPIES[format](version, await rows.allRows())));
    } catch {
      setSaid('copyFailed');
    }
  };
  const Icon = said === 'copied' ? Check : Copy;
  return (
    <>
      <Menu
        label={t('copy')}
        trigger={
          <Button size="sm" variant="ghost" icon={<Icon aria-hidden className={ICON} />}>
            {t('copy')}
          </Button>
        }
      >
        {version.result_id &&
          (Object.keys(COPIES) as Copied[]).map((format) => (
            <MenuItem key={format} onSelect={() => void copyRows(format)}>
              {t(format)}
            </MenuItem>
          ))}
        <MenuItem onSelect={() => void copyText(version.sql).then(say)}>{t('copySql')}</MenuItem>
      </Menu>
      <span role="status" className={said === 'copyFailed' ? 'text-xs text-danger' : 'sr-only'}>
        {said ? t(said) : ''}
      </span>
    </>
  );
}

interface VersionMenuProps {
  versions: readonly QueryVersion[];
  shown: number;
  onShow: (version: number) => void;
}

export function VersionMenu({ versions, shown, onShow }: VersionMenuProps) {
  const t = useT(messages);
  if (versions.length < 2) return null;
  const name = ({ version, author }: QueryVersion) =>
    author.kind === 'user' ? t('byYou', { version }) : t('by', { version, author: author.name });
  return (
    <Menu
      label={t('versions')}
      trigger={
        <Button size="sm" variant="ghost">
          {`v${shown}`}
          <ChevronDown aria-hidden className={ICON} />
        </Button>
      }
    >
      <MenuChoice
        label={t('versions')}
        value={String(shown)}
        options={versions.map((version) => ({
          value: String(version.version),
          label: `${name(version)} · ${formatTime(version.ran_at)}`,
        }))}
        onChange={(value) => onShow(Number(value))}
      />
    </Menu>
  );
}
