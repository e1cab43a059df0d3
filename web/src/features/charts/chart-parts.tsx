import { Download } from 'lucide-react';
import type { Cell, Chart } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, Menu, MenuItem } from '@/ui';
import { ResultGrid } from '@/ui/grid';
import type { Row } from './describe';
import { csvOf, saveFile, saveUrl } from './download';
import { messages } from './messages';
import type { Spec } from './sanitise-spec';
import { fieldType } from './spec-form';
import type { Drawn } from './vega-draw';

/** The rows of a chart, for whoever reads tables rather than drawings. */
export function DataTable({ chart }: { chart: Chart }) {
  const t = useT(messages);
  const names = Object.keys(chart.data[0] ?? {});
  const columns = names.map((name) => {
    const numeric = fieldType(chart.data as Row[], name) === 'quantitative';
    return { name, type: numeric ? ('float64' as const) : ('string' as const) };
  });
  const data = names.map((name) => chart.data.map((row) => (row[name] ?? null) as Cell));
  return (
    <div className="p-3">
      <ResultGrid
        label={t('tableOf', { handle: chart.handle })}
        columns={columns}
        data={data}
        rowCount={chart.data.length}
      />
    </div>
  );
}

interface DownloadsProps {
  chart: Chart;
  spec: Spec;
  drawn: () => Drawn | null;
}

/** The chart as a picture, its specification, or its rows. */
export function Downloads({ chart, spec, drawn }: DownloadsProps) {
  const t = useT(messages);
  const name = `${chart.handle}-v${chart.version}`.toLowerCase();
  const image = async (type: 'png' | 'svg') => {
    const address = await drawn()?.toImage(type, 2);
    if (address !== undefined) saveUrl(address, `${name}.${type}`);
  };
  return (
    <Menu
      label={t('download')}
      trigger={
        <Button size="sm" variant="ghost" icon={<Download aria-hidden className="size-3.5" />}>
          {t('download')}
        </Button>
      }
    >
      <MenuItem onSelect={() => void image('png')}>{t('downloadPng')}</MenuItem>
      <MenuItem onSelect={() => void image('svg')}>{t('downloadSvg')}</MenuItem>
      <MenuItem
        onSelect={() => saveFile(JSON.stringify(spec, null, 2), 'application/json', `${name}.json`)}
      >
        {t('downloadSpec')}
      </MenuItem>
      <MenuItem onSelect={() => saveFile(csvOf(chart.data), 'text/csv', `${name}.csv`)}>
        {t('downloadCsv')}
      </MenuItem>
    </Menu>
  );
}
