import "./theme.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { makeQueryClient } from "./api/queries";
import { I18nProvider } from "./i18n/i18n";
import { applyPreferences } from "./lib/preferences";
import { makeRouter } from "./router";
import { NoticeProvider } from "./ui/notices";

applyPreferences();
const cache = makeQueryClient();
const router = makeRouter(cache);

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={cache}>
      <I18nProvider>
        <NoticeProvider>
          <RouterProvider router={router} />
        </NoticeProvider>
      </I18nProvider>
    </QueryClientProvider>
  </StrictMode>,
);
