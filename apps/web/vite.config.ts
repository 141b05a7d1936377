import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

const server = 'http://localhost:8080'

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['@partyline/source', ...defaultClientConditions] },
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
