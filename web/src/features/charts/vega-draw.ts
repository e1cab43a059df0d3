import { expressionInterpreter } from 'vega-interpreter';
import { parse, View, Warn } from 'vega';
import { compile, type Config, type TopLevelSpec } from 'vega-lite';
import type { Row } from './describe';
import { withPlainNames } from './names';
import { refuseLoads } from './refuse-loads';
import { rendererFor } from './renderer';
import type { Spec } from './sanitise-spec';
import { chartConfig } from './theme';
import { withTimeLabels } from './time-axis';

export interface DrawInput {
  spec: Spec;
  rows: readonly Row[];
  theme: 'light' | 'dark';
  width: number;
  description: string;
}

export interface Drawn {
  toImage: (type: 'png' | 'svg', scale: number) => Promise<string>;
  finalize: () => void;
}

/** Height of a chart whose spec does not say. */
const HEIGHT = 300;

type Tooltip = (handler: unknown, event: MouseEvent, item: unknown, value: unknown) => void;

/** Bars over time or numbers have no band of their own; give them most of the room there is. */
function withBandSize(config: Config, { spec, rows, width }: DrawInput): Config {
  const encoding = spec.encoding as Record<string, { field?: string } | undefined> | undefined;
  const field = encoding?.x?.field;
  const places = new Set(field === undefined ? [] : rows.map((row) => row[field])).size;
  const continuousBandSize = Math.max(2, Math.min(48, ((width - 80) / Math.max(1, places)) * 0.7));
  return { ...config, bar: { ...config.bar, continuousBandSize } };
}

function topLevel(input: DrawInput): TopLevelSpec {
  const { theme, width, description } = input;
  const { spec, rows } = withPlainNames(input.spec, input.rows);
  const single = 'mark' in spec || 'layer' in spec;
  return {
    ...withTimeLabels(spec, rows, width),
    description,
    config: withBandSize(chartConfig(theme), { ...input, spec, rows }),
    data: { name: 'result', values: rows },
    ...(single ? { width: Math.max(160, width), height: spec.height ?? HEIGHT } : {}),
    autosize: { type: single ? 'fit' : 'pad', contains: 'padding' },
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
  const { spec } = compile(topLevel(input));
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
  return {
    toImage: (type, scale) => view.toImageURL(type, scale),
    finalize: () => void view.finalize(),
  };
}
