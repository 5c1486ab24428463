import "./styles/app.css";
import { PiniaColada, useQueryCache } from "@pinia/colada";
import { createPinia } from "pinia";
import { createApp } from "vue";
import { api } from "./api/index.ts";
import App from "./App.vue";
import { askForFirstPage } from "./firstPage.ts";
import { i18n } from "./i18n/index.ts";
import { router } from "./router.ts";
import { startPreferences } from "./stores/preferences.ts";

const app = createApp(App);
const pinia = createPinia();
app.use(pinia);
app.use(PiniaColada, { queryOptions: { staleTime: 30_000 } });
app.use(i18n);
askForFirstPage(location);
const cache = useQueryCache(pinia);
const categories = api("GET /categories", {}).then(
  (answer) => cache.setQueryData(["categories"], answer),
  () => undefined,
);
await startPreferences();
app.use(router);
// Mounted once the first page and the categories are there, so that nothing on it moves.
await Promise.all([router.isReady(), categories]);
app.mount("#app");
