import { defaultClientConditions, defineConfig } from 'vite'

/** The chat is written for React and runs on Preact, which is a fraction of its size. Its tests use the same. */
export const reactIsPreact = [
  { find: /^react(-dom)?$/, replacement: 'preact/compat' },
  { find: /^react-dom\/(client|server)$/, replacement: 'preact/compat/$1' },
  { find: /^react\/jsx-(dev-)?runtime$/, replacement: 'preact/jsx-runtime' },
]

const server = 'http://localhost:8080'

export default defineConfig({
  resolve: { alias: reactIsPreact, conditions: ['@partyline/source', ...defaultClientConditions] },
  // Addresses in the page are relative: it may be served under any path.
  base: './',
  build: {
    outDir: '../../packages/partyline/dist/web',
    emptyOutDir: true,
    target: 'es2023',
    cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
    // Nothing as a data: address, which a strict content security policy would refuse.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/partyline': { target: server, ws: true },
      '/api': { target: server },
    },
  },
})
