import { expressionInterpreter } from 'vega-interpreter';
import { parse, View, Warn } from 'vega';
import { compile, type Config, type TopLevelSpec } from 'vega-lite';
import type { Row } from './describe';
import { withGaps } from './gaps';
import { fillsWidth, laidOut, layoutConfig } from './layout';
import { withPlainNames } from './names';
import { refuseLoads } from './refuse-loads';
import { rendererFor } from './renderer';
import { sanitiseSpec, type Spec } from './sanitise-spec';
import { chartConfig } from './theme';
import { withTimeLabels } from './time-axis';

export interface DrawInput {
  spec: Spec;
  rows: readonly Row[];
  theme: 'light' | 'dark';
  width: number;
  description: string;
  /** Said below the title, in downloads too: what the chart does not show. */
  caption?: string | undefined;
}

export interface Drawn {
  /** Periods without a row, where lines are broken. */
  gaps: number;
  toImage: (type: 'png' | 'svg', scale: number) => Promise<string>;
  finalize: () => void;
}

type Tooltip = (handler: unknown, event: MouseEvent, item: unknown, value: unknown) => void;

/** Bars over time or numbers have no band of their own; give them most of the room there is. */
function withBandSize(config: Config, { spec, rows, width }: DrawInput): Config {
  const encoding = spec.encoding as Record<string, { field?: string } | undefined> | undefined;
  const field = encoding?.x?.field;
  const places = new Set(field === undefined ? [] : rows.map((row) => row[field])).size;
  const continuousBandSize = Math.max(2, Math.min(48, ((width - 80) / Math.max(1, places)) * 0.7));
  return { ...config, bar: { ...config.bar, continuousBandSize } };
}

/** The theme's looks with the page's room: keys of both are kept. */
function merged(theme: Config, layout: Config): Config {
  const known = theme as Record<string, object | undefined>;
  const entries = Object.entries(layout).map(([key, part]) => [
    key,
    { ...known[key], ...(part as object) },
  ]);
  return { ...theme, ...(Object.fromEntries(entries) as Config) };
}

function captioned(spec: Spec, caption: string | undefined): Spec {
  if (caption === undefined) return spec;
  const { title } = spec;
  const own = typeof title === 'object' && title !== null && !Array.isArray(title) ? title : {};
  const before = own.subtitle ?? [];
  const subtitle = [...(Array.isArray(before) ? before : [before]), caption];
  const text = typeof title === 'string' ? title : (own.text ?? '');
  return { ...spec, title: { ...own, text, subtitle } };
}

function topLevel(room: DrawInput): TopLevelSpec {
  const { spec, rows, theme, width, description, caption } = room;
  return {
    ...captioned(laidOut(withTimeLabels(spec, rows, width), rows, width), caption),
    description,
    config: withBandSize(merged(chartConfig(theme), layoutConfig(spec, rows, width)), room),
    data: { name: 'result', values: rows },
    autosize: { type: fillsWidth(spec) ? 'fit' : 'pad', contains: 'padding' },
    // The sanitiser has reduced the spec to what Vega-Lite documents; its own compiler checks the rest.
  } as unknown as TopLevelSpec;
}

/**
 * Draws into `host`. Expressions are interpreted, never compiled, so that the page's content
 * security policy holds; nothing can be loaded.
 */
export async function drawChart(
  host: HTMLElement,
  input: DrawInput,
  tooltip: Tooltip,
): Promise<Drawn> {
  // Here and not in the page: all of it is loaded with the first chart.
  const named = withPlainNames(sanitiseSpec(input.spec).spec, input.rows);
  const { rows, gaps } = withGaps(named.spec, named.rows);
  const { spec } = compile(topLevel({ ...input, spec: named.spec, rows }));
  const runtime = parse(spec, {}, { ast: true });
  const view = new View(runtime, {
    expr: expressionInterpreter,
    loader: refuseLoads,
    renderer: rendererFor(input.rows),
    logLevel: Warn,
    container: host,
    hover: true,
  });
  view.tooltip(tooltip as Parameters<View['tooltip']>[0]);
  await view.runAsync();
  const drawing = host.querySelector('svg, canvas');
  drawing?.setAttribute('data-testid', drawing.matches('svg') ? 'chart-svg' : 'chart-canvas');
  drawing?.setAttribute('role', 'img');
  drawing?.setAttribute('aria-label', input.description);
  // The description tells of the whole; a mark that has no words of its own is no picture in it.
  for (const mark of host.querySelectorAll('[role="graphics-symbol"]:not([aria-label])'))
    mark.removeAttribute('role');
  return {
    gaps,
    toImage: (type, scale) => view.toImageURL(type, scale),
    finalize: () => void view.finalize(),
  };
}
