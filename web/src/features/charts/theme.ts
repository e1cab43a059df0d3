import type { Config } from 'vega-lite';
import { CHART_COLORS } from '@/ui/chart-colors';

/** Reads a design token as the browser resolves it at this moment. */
function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const FONT = 'ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** Zero has no unit: `0`, not `0k`. */
const PLAIN_ZERO =
  "datum.value === 0 && length(datum.label) === 2 && indexof(datum.label, '%') < 0 ? '0' : datum.label";

/** How charts look in a theme; a spec never brings colours of its own. */
export function chartConfig(theme: 'light' | 'dark'): Config {
  const [text, muted, line] = [token('--text'), token('--text-muted'), token('--border')];
  const [surface] = [token('--surface')];
  const category = [...CHART_COLORS[theme]];
  const accent = category[0] ?? '#1F5FBF';
  return {
    background: surface || 'transparent',
    font: FONT,
    padding: 4,
    view: { stroke: null },
    title: {
      ...{ color: text, fontSize: 13, fontWeight: 600, anchor: 'start', offset: 12 },
      ...{ subtitleColor: muted, subtitleFontSize: 12 },
    },
    axis: {
      labelColor: muted,
      titleColor: muted,
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: 400,
      gridColor: line,
      domainColor: line,
      tickColor: line,
      titlePadding: 10,
      labelLimit: 160,
    },
    axisX: { grid: false, labelAngle: 0, labelOverlap: 'greedy', labelSeparation: 8 },
    axisY: { domain: false, ticks: false, labelPadding: 8 },
    axisQuantitative: { labelExpr: PLAIN_ZERO },
    legend: { labelColor: text, titleColor: muted, labelFontSize: 12, titleFontSize: 12 },
    header: { labelColor: text, titleColor: muted },
    mark: { color: accent },
    bar: { color: accent, cornerRadiusEnd: 2 },
    line: { color: accent, strokeWidth: 2 },
    area: { color: accent, fillOpacity: 0.25, line: { color: accent } },
    point: { color: accent, filled: true, size: 48 },
    text: { color: text },
    rule: { color: muted },
    range: { category, ramp: [surface, accent], heatmap: [surface, accent] },
  };
}
