import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Charts alone, as `make charts` draws them: the app's own modules in one file for one page. */
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  cacheDir: '.cache/vite-charts',
  publicDir: false,
  build: {
    target: 'es2022',
    emptyOutDir: true,
    minify: false,
    lib: { entry: 'src/testing/chart-page.ts', formats: ['es'], fileName: () => 'charts.js' },
    rolldownOptions: { output: { codeSplitting: false, assetFileNames: 'charts[extname]' } },
  },
});
