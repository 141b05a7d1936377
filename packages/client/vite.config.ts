import { defaultClientConditions, defineConfig } from 'vite'

/** Two files for pages without a bundler: one for a classic script tag, which makes `Partyline` global, one for imports. */
const fileNames: Record<string, string> = { iife: 'partyline.min.js', es: 'partyline.esm.min.js' }

export default defineConfig({
  resolve: { conditions: ['@partyline/source', ...defaultClientConditions] },
  build: {
    lib: {
      entry: 'src/index.ts',
      name: 'Partyline',
      formats: ['iife', 'es'],
      fileName: (format) => fileNames[format] as string,
    },
    outDir: 'dist/browser',
    emptyOutDir: true,
    target: 'es2022',
    // By itself Vite leaves the white space in a library for imports, whose users have a bundler. These have none.
    rolldownOptions: { output: { minify: true } },
    sourcemap: true,
  },
})
