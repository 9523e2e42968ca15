// How the console is built: one module, one style sheet, one licence list, all under fixed names,
// so that the committed `dist` folder only changes when the source does.
import { defineConfig } from 'vite';

const server = process.env.BASE_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: '/',
  build: {
    target: 'es2022',
    assetsDir: 'console',
    assetsInlineLimit: 0, // a data: URL would need more than `default-src 'self'`
    modulePreload: false, // its helper would be the only inline script
    license: { fileName: 'console/licenses.md' },
    rolldownOptions: {
      output: {
        entryFileNames: 'console/app.js',
        chunkFileNames: 'console/[name].js',
        assetFileNames: 'console/app[extname]',
      },
    },
  },
  server: { proxy: { '/services': { target: server, ws: true } } },
});
