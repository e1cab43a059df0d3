import type { Row } from './describe';

export const MOST_SVG_MARKS = 2000;

/** Thousands of SVG elements make a page slow; a canvas does not mind. */
export const rendererFor = (rows: readonly Row[]): 'svg' | 'canvas' =>
  rows.length > MOST_SVG_MARKS ? 'canvas' : 'svg';
