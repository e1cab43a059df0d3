/** Keeps of a Vega-Lite spec what can only draw: data, addresses, signals and colours come from us. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Spec = Record<string, Json>;

export const MARKS = [
  ...['bar', 'line', 'area', 'point', 'circle', 'square', 'tick', 'rect', 'rule', 'text', 'arc'],
  ...['trail', 'boxplot', 'errorbar', 'errorband'],
] as const;

const CHANNELS = new Set([
  ...['x', 'y', 'x2', 'y2', 'xOffset', 'yOffset', 'xError', 'yError', 'theta', 'theta2', 'radius'],
  ...[
    'color',
    'opacity',
    'size',
    'shape',
    'strokeDash',
    'strokeWidth',
    'text',
    'tooltip',
    'detail',
  ],
  ...['order', 'row', 'column', 'facet', 'angle'],
]);
const TRANSFORMS = new Set([
  ...['aggregate', 'bin', 'calculate', 'filter', 'fold', 'flatten', 'impute', 'joinaggregate'],
  ...[
    'pivot',
    'quantile',
    'regression',
    'loess',
    'density',
    'sample',
    'stack',
    'timeUnit',
    'window',
  ],
]);
/** What may stand on a view; `data`, `params`, `config`, `datasets`, `usermeta`, … fall away. */
const VIEW_KEYS = new Set([
  ...['title', 'description', 'mark', 'encoding', 'transform', 'layer', 'facet', 'spec', 'repeat'],
  ...['concat', 'hconcat', 'vconcat', 'columns', 'resolve', 'spacing', 'align', 'height'],
]);
const VIEW_LISTS = ['layer', 'concat', 'hconcat', 'vconcat'] as const;
/** Refused at any depth: they fetch, link, run expressions of their own, or set colours and fonts. */
const REFUSED = /^(?:url|href|signal|expr|loader|datasets?|params|param|select|usermeta|config)$/;
const LOOKS = /(?:Color|Font|Expr)$|^(?:fill|stroke|background|font|cursor|style|gradient)$/;

const isObject = (value: Json | undefined): value is Spec =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class Sanitiser {
  readonly dropped = new Set<string>();

  view(spec: Spec, path: string): Spec {
    const made: Spec = {};
    for (const [key, value] of Object.entries(spec)) {
      if (VIEW_KEYS.has(key)) made[key] = this.#viewValue(key, value, `${path}${key}`);
      else if (key !== '$schema' && key !== 'data' && key !== 'width') this.dropped.add(path + key);
    }
    return made;
  }

  #viewValue(key: string, value: Json, path: string): Json {
    if (key === 'mark') return this.#mark(value, path);
    if (key === 'encoding' && isObject(value)) return this.#encoding(value, path);
    if (key === 'transform' && Array.isArray(value)) return this.#transforms(value, path);
    if (key === 'spec' && isObject(value)) return this.view(value, `${path}.`);
    if ((VIEW_LISTS as readonly string[]).includes(key) && Array.isArray(value))
      return value
        .filter(isObject)
        .map((item, index) => this.view(item, `${path}.${String(index)}.`));
    return this.clean(value, path);
  }

  #mark(value: Json, path: string): Json {
    const type = isObject(value) ? value.type : value;
    if (typeof type !== 'string' || !(MARKS as readonly string[]).includes(type))
      throw new UnsafeSpec(`The mark ${JSON.stringify(type)} is not allowed.`);
    if (!isObject(value)) return type;
    const { color, ...rest } = value;
    if (color !== undefined) this.dropped.add(`${path}.color`);
    return this.clean(rest, path);
  }

  #encoding(value: Spec, path: string): Spec {
    const made: Spec = {};
    for (const [channel, definition] of Object.entries(value)) {
      if (CHANNELS.has(channel)) made[channel] = this.clean(definition, `${path}.${channel}`);
      else this.dropped.add(`${path}.${channel}`);
    }
    return made;
  }

  #transforms(list: Json[], path: string): Json[] {
    return list.filter(isObject).flatMap((step, index) => {
      const known = Object.keys(step).some((key) => TRANSFORMS.has(key)) && !('lookup' in step);
      if (known) return [this.clean(step, `${path}.${String(index)}`)];
      this.dropped.add(`${path}.${String(index)}`);
      return [];
    });
  }

  clean(value: Json, path: string): Json {
    if (Array.isArray(value))
      return value.map((item, index) => this.clean(item, `${path}.${String(index)}`));
    if (!isObject(value)) return value;
    const made: Spec = {};
    for (const [key, inner] of Object.entries(value)) {
      if (REFUSED.test(key) || LOOKS.test(key)) this.dropped.add(`${path}.${key}`);
      else made[key] = this.clean(inner, `${path}.${key}`);
    }
    return made;
  }
}

export class UnsafeSpec extends Error {}

export interface SafeSpec {
  spec: Spec;
  /** Paths of what was left out, for the Spec view. */
  dropped: string[];
}

/** Throws {@link UnsafeSpec} when a mark is missing or not on the list. */
export function sanitiseSpec(spec: Spec): SafeSpec {
  const sanitiser = new Sanitiser();
  const made = sanitiser.view(spec, '');
  const drawable = ['mark', 'layer', 'spec', 'concat', 'hconcat', 'vconcat'].some(
    (key) => key in made,
  );
  if (!drawable) throw new UnsafeSpec('The chart has no mark.');
  return { spec: made, dropped: [...sanitiser.dropped] };
}
