import { PiniaColada, PiniaColadaSSRNoGc } from "@pinia/colada";
import { createPinia } from "pinia";
import type { App as VueApp, Component } from "vue";
import type { Router, RouterHistory } from "vue-router";
import App from "./App.vue";
import { i18n } from "./i18n/index.ts";
import { makeRouter } from "./router.ts";

/** The application, before its first navigation: the same in the browser and where the gateway renders. */
export function makeApp(
  make: (root: Component) => VueApp,
  history: RouterHistory,
): { app: VueApp; router: Router } {
  const app = make(App);
  const pinia = createPinia();
  app.use(pinia);
  app.use(PiniaColada, {
    queryOptions: { staleTime: 30_000, ssrCatchError: true },
    ...(import.meta.env.SSR && { plugins: [PiniaColadaSSRNoGc()] }),
  });
  app.use(i18n);
  return { app, router: makeRouter(history, pinia) };
}
