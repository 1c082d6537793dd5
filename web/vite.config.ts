import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

/** Core and sdk are read as TypeScript sources, so that a build of the web needs no build of theirs. */
export default defineConfig({
  plugins: [react(), tailwind()],
  resolve: { conditions: ['@wheelhouse/source', ...defaultClientConditions] },
  build: { outDir: 'dist/app', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, reportCompressedSize: false },
});
