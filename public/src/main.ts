import "./styles/app.css";
import { createApp, createSSRApp } from "vue";
import { createWebHistory } from "vue-router";
import { readPageData } from "./api/given.ts";
import { api, give, isGiven } from "./api/index.ts";
import { makeApp } from "./app.ts";
import { questionsOf, type Question } from "./firstPage.ts";
import { currency, language, startPreferences } from "./stores/preferences.ts";

const root = document.getElementById("app") as HTMLElement;
readPageData();
await startPreferences();
await breath();
// What the gateway rendered is taken over when it is in the shopper's language and currency.
const isRendered =
  root.firstElementChild !== null && root.dataset.shown === `${language.value} ${currency.value}`;
if (!isRendered) root.replaceChildren();

const { app, router } = makeApp(isRendered ? createSSRApp : createApp, createWebHistory());
const questions = questionsOf(router.resolve(location.pathname + location.search), currency.value);
const asked = Promise.all(questions.map(askAhead));
app.use(router);
// Mounted once everything of the first screen is there, so that nothing on it moves.
await Promise.all([router.isReady(), asked]);
await breath();
app.mount(root);

/** Lets the browser paint and answer the shopper between two steps of the start. */
function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Asks while the page's own code is still on its way. A failure is the page's to tell: it will ask again. */
async function askAhead({ route, params }: Question): Promise<void> {
  if (isGiven(route, params as never)) return;
  await api(route, params as never).then(
    (answer) => give(route, params as never, answer as never),
    () => undefined,
  );
}
