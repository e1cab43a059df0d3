export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
/** A Vega-Lite specification without data. */
export type Spec = Record<string, Json>;
/** A row of the result that a chart is bound to, by column. */
export type Row = Record<string, Json>;
