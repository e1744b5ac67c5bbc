import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// One bundle under /graphiql/, served by the binary for every GraphQL endpoint.
export default defineConfig({
  base: '/graphiql/',
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 10_000,
    rolldownOptions: {
      // GraphiQL's hints to the React compiler mean nothing once compiled.
      onLog: (level, log, report) => log.code === 'MODULE_LEVEL_DIRECTIVE' || report(level, log),
    },
  },
});
