import "./styles/app.css";
import { PiniaColada } from "@pinia/colada";
import { createPinia } from "pinia";
import { createApp } from "vue";
import App from "./App.vue";
import { i18n } from "./i18n/index.ts";
import { router } from "./router.ts";
import { startPreferences } from "./stores/preferences.ts";

const app = createApp(App);
app.use(createPinia());
app.use(PiniaColada, { queryOptions: { staleTime: 30_000 } });
app.use(i18n);
await startPreferences();
app.use(router);
// Mounted once the first page is there, so that nothing on it moves.
await router.isReady();
app.mount("#app");
