import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { namespaces } from "@/app/nav";
import { router } from "@/app/router";
import { Boundary } from "@/lib/boundary";
import { startI18n } from "@/lib/i18n";
import { queryClient } from "@/lib/query";
import { disownCopiedSession } from "@/lib/session";
import { Theme } from "@/lib/theme";
import "@/style.css";

await Promise.all([startI18n(namespaces), disownCopiedSession()]);

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Theme>
        <Boundary>
          <QueryClientProvider client={queryClient}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </Boundary>
      </Theme>
    </StrictMode>,
  );
}
