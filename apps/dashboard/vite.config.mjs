import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

/** Built by scripts/build.mjs. While working on it: `npx vite apps/dashboard` with API=<address of a running api>. */
export default defineConfig({
  plugins: [tailwindcss()],
  build: {
    outDir: '../../dist/pages/dashboard',
    emptyOutDir: true,
    reportCompressedSize: false,
    // Everything is a file of its own: the page's policy allows nothing inline.
    assetsInlineLimit: 0,
  },
  logLevel: 'error',
  server: { proxy: { '/api': { target: process.env.API ?? 'http://127.0.0.1:3000', changeOrigin: true } } },
});
