import { Check, ChevronDown, Copy, Download } from 'lucide-react';
import { useState } from 'react';
import type { QueryVersion } from '@/api/types';
import { copyText } from '@/lib/clipboard';
import { formatTime } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, Menu, MenuChoice, MenuItem } from '@/ui';
import { toJson, toMarkdown, toTsv } from '@/ui/grid';
import { downloadUrl } from './api';
import { messages } from './messages';
import type { ResultRows } from './use-result-rows';

const ICON = 'size-3.5';

export function DownloadMenu({ resultId }: { resultId: string }) {
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
      <MenuItem asChild>
        <a href={downloadUrl(resultId, 'csv')} download>
          <span>
            {t('downloadCsv')}
            <span className="block text-xs text-subtle">{t('downloadNote')}</span>
          </span>
        </a>
      </MenuItem>
      <MenuItem asChild>
        <a href={downloadUrl(resultId, 'arrow')} download>
          {t('downloadArrow')}
        </a>
      </MenuItem>
    </Menu>
  );
}

const FORMATS = {
  copyTsv: (version: QueryVersion, rows: Awaited<ReturnType<ResultRows['allRows']>>) =>
    toTsv([version.columns.map(({ name }) => name), ...rows]),
  copyMarkdown: (version: QueryVersion, rows: Awaited<ReturnType<ResultRows['allRows']>>) =>
    toMarkdown(version.columns, rows),
  copyJson: (version: QueryVersion, rows: Awaited<ReturnType<ResultRows['allRows']>>) =>
    toJson(version.columns, rows),
} as const;
type Format = keyof typeof FORMATS;

export function CopyMenu({ version, rows }: { version: QueryVersion; rows: ResultRows }) {
  const t = useT(messages);
  const [said, setSaid] = useState<'copied' | 'copyFailed' | null>(null);
  const say = (done: boolean) => setSaid(done ? 'copied' : 'copyFailed');
  const copyRows = async (format: Format) => {
    try {
      say(await copyText(FORMATS[format](version, await rows.allRows())));
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
          (Object.keys(FORMATS) as Format[]).map((format) => (
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
