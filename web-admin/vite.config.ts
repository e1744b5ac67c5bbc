import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The binary serves dist/ under /admin/ and the API on the same origin, so there is nothing to configure at run time.
const api = process.env.LIEBIAN_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "/admin/",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    sourcemap: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: "data", test: /node_modules\/(@tanstack|i18next|react-i18next|graphql-ws)\// },
          ],
        },
      },
    },
  },
  server: { proxy: { "/admin/graphql": { target: api, ws: true }, "/media": api, "/uploads": api, "/exports": api } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/lib/test-setup.ts"],
    testTimeout: 60_000,
  },
});
