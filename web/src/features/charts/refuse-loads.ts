import type { Loader } from 'vega';

/** Refuses every address: the data of a chart is the stored result and nothing else. */
export const refuseLoads: Loader = {
  load: (uri) => Promise.reject(new Error(`A chart may not load ${uri}`)),
  sanitize: (uri) => Promise.reject(new Error(`A chart may not link to ${uri}`)),
  http: (uri) => Promise.reject(new Error(`A chart may not load ${uri}`)),
  file: (uri) => Promise.reject(new Error(`A chart may not load ${uri}`)),
};
