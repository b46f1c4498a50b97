import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

/** Built by scripts/build.mjs. While working on it: `npx vite apps/simulator/page` with SIMULATOR=<control address>. */
export default defineConfig({
  plugins: [tailwindcss()],
  build: { outDir: '../../../dist/pages/simulator', emptyOutDir: true, reportCompressedSize: false },
  logLevel: 'error',
  server: {
    proxy: {
      '^/(people|events|waiting|stanzas|problems|stats|health|info|network|groups|docs|openapi\\.json|clock)': {
        target: process.env.SIMULATOR ?? 'http://127.0.0.1:4100',
        changeOrigin: true,
        headers: { origin: '' },
      },
    },
  },
});
