import { plainWords } from './names';
import type { Json, Spec } from './spec';

/** Keeps of a Vega-Lite spec what can only draw: data, addresses, signals and colours come from us. */

export type { Json, Spec };

export const MARKS = [
  ...['bar', 'line', 'area', 'point', 'circle', 'square', 'tick', 'rect', 'rule', 'text', 'arc'],
  ...['trail', 'boxplot', 'errorbar', 'errorband'],
] as const;

const CHANNELS = new Set([
  ...['x', 'y', 'x2', 'y2', 'xOffset', 'yOffset', 'xError', 'yError', 'xError2', 'yError2'],
  ...['theta', 'theta2', 'radius', 'radius2', 'color', 'fill', 'stroke', 'opacity', 'fillOpacity'],
  ...['strokeOpacity', 'size', 'shape', 'strokeDash', 'strokeWidth', 'angle', 'text', 'tooltip'],
  ...['detail', 'order', 'row', 'column', 'facet', 'description'],
]);
/** Those of the server's allow-list: nothing else can be in a stored chart. */
const TRANSFORMS = new Set([
  ...['aggregate', 'joinaggregate', 'bin', 'timeUnit', 'filter', 'window', 'fold', 'stack'],
]);
/** What may stand on a view; `data`, `params`, `config`, `datasets`, `usermeta`, … fall away. */
const VIEW_KEYS = new Set([
  ...['title', 'description', 'mark', 'encoding', 'transform', 'layer', 'facet', 'spec', 'repeat'],
  ...['concat', 'hconcat', 'vconcat', 'columns', 'resolve', 'spacing', 'align', 'height'],
  ...['bounds', 'center', 'name'],
]);
/** What the page decides for itself. */
const OURS = new Set(['$schema', 'data', 'width', 'view', 'background', 'padding', 'autosize']);
const VIEW_LISTS = ['layer', 'concat', 'hconcat', 'vconcat'] as const;
/** Refused at any depth: they fetch, link, run expressions of their own, or set colours and fonts. */
const REFUSED = /^(?:url|href|signal|expr|loader|datasets?|params|param|select|usermeta|config)$/;
const EXPRESSION = /Expr$/;
const LOOKS =
  /(?:Color|Font|Fill|Stroke)$|^(?:color|fill|stroke|background|font|cursor|style|gradient|view)$/;
/** A colour, a shape, a number format: whatever is used as it is. Words of titles are only shown. */
const PLAIN = /^(?:[\w .,'"-]{0,100}|#[0-9a-f]{3,8}|(?:rgb|hsl)a?\([\d\s.,%/+-]{1,60}\))$/i;
const PAINTED = new Set(['color', 'fill', 'stroke', 'shape', 'strokeDash']);

const isObject = (value: Json | undefined): value is Spec =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class Sanitiser {
  readonly dropped = new Set<string>();

  view(spec: Spec, path: string): Spec {
    const made: Spec = {};
    for (const [key, value] of Object.entries(spec)) {
      if (VIEW_KEYS.has(key)) made[key] = this.#viewValue(key, value, `${path}${key}`);
      else if (!OURS.has(key)) this.dropped.add(path + key);
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
    return this.clean(value, path);
  }

  #encoding(value: Spec, path: string): Spec {
    const made: Spec = {};
    for (const [channel, definition] of Object.entries(value)) {
      const here = `${path}.${channel}`;
      const plain = !PAINTED.has(channel) || this.#isPlain(definition);
      if (CHANNELS.has(channel) && plain) made[channel] = this.clean(definition, here);
      else this.dropped.add(`${path}.${channel}`);
    }
    return made;
  }

  /** Whether the values and ranges of a colour or shape are words and colours. */
  #isPlain(node: Json | undefined): boolean {
    if (Array.isArray(node)) return node.every((item) => this.#isPlain(item));
    if (typeof node === 'string') return PLAIN.test(node);
    if (!isObject(node)) return true;
    return ['value', 'condition', 'scale', 'range', 'scheme'].every((key) =>
      this.#isPlain(node[key]),
    );
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
      if (REFUSED.test(key) || EXPRESSION.test(key) || key in Object.prototype)
        this.dropped.add(`${path}.${key}`);
      else if (!LOOKS.test(key)) made[key] = this.#named(key, inner, `${path}.${key}`);
    }
    return made;
  }

  /** Titles become part of expressions, and an SVG path is no word. */
  #named(key: string, value: Json, path: string): Json {
    if (key === 'title' && typeof value === 'string') return plainWords(value);
    if (key === 'shape' && typeof value === 'string' && !PLAIN.test(value)) return 'circle';
    return this.clean(value, path);
  }
}

export class UnsafeSpec extends Error {}

export interface SafeSpec {
  spec: Spec;
  /** Paths of what was left out beside colours and fonts, which are the theme's. */
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
