import { defineConfig } from 'vite';

/** The page is served under a path that it does not know, with a policy that allows nothing inline. */
export default defineConfig({
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    // Colours are written with light-dark(), which must not be taken apart.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    assetsDir: 'assets',
  },
});
