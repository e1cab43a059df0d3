import '@/ui/tokens.css';
import type { Row } from '@/features/charts/describe';
import { describeChart } from '@/features/charts/describe';
import { guardChart } from '@/features/charts/guards';
import { sanitiseSpec, type Spec } from '@/features/charts/sanitise-spec';
import { drawChart } from '@/features/charts/vega-draw';

/** What became of a chart, for the generator of charts (tests/charts). */
interface Outcome {
  view: string;
  marks: number;
  width: number;
  height: number;
  dropped: string[];
  description: string;
  error: string | null;
}

interface Wanted {
  spec: Spec;
  rows: Row[];
  theme: 'light' | 'dark';
  width: number;
}

const MARKS = '.role-mark :is(path, text, image, line, rect)';

/** Draws as the chart card does: guarded, sanitised, into an element of the page. */
async function draw({ spec, rows, theme, width }: Wanted): Promise<Outcome> {
  document.documentElement.dataset.theme = theme;
  const host = document.createElement('div');
  document.body.replaceChildren(host);
  const outcome: Outcome = {
    ...{ view: '', marks: 0, width: 0, height: 0, dropped: [], description: '', error: null },
  };
  try {
    const guarded = guardChart(spec, rows, { all: false, otherName: (n) => `Other (${n})` });
    const safe = sanitiseSpec(guarded.spec);
    const description = describeChart(safe.spec, guarded.rows);
    const drawn = await drawChart(
      host,
      { spec: safe.spec, rows: guarded.rows, theme, width, description },
      () => undefined,
    );
    await drawn.toImage('svg', 1);
    const drawing = host.querySelector('svg, canvas');
    const box = drawing?.getBoundingClientRect();
    Object.assign(outcome, {
      view: guarded.view,
      marks: drawing?.matches('canvas') === true ? -1 : host.querySelectorAll(MARKS).length,
      width: Math.round(box?.width ?? 0),
      height: Math.round(box?.height ?? 0),
      dropped: safe.dropped,
      description,
    });
  } catch (failure) {
    outcome.error = String(failure);
  }
  return outcome;
}

declare global {
  interface Window {
    charts: { begin: (wanted: Wanted) => void; outcome: Outcome | null };
    /** Set by scripts that must never run. */
    owned?: unknown;
  }
}

window.charts = {
  outcome: null,
  begin: (wanted) => {
    window.charts.outcome = null;
    // Later, so that whoever asks can stop waiting for a page that hangs.
    setTimeout(() => {
      void draw(wanted).then((outcome) => {
        window.charts.outcome = outcome;
      });
    });
  },
};
