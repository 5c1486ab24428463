import { createSSRApp } from "vue";
import { createMemoryHistory } from "vue-router";
import { renderToString } from "vue/server-renderer";
import type {
  AnswerTo,
  Ask,
  OpenedPage,
  OpenPage,
  PageRequest,
  RenderPage,
} from "../../../services/gateway/gateway.page.types.ts";
import { giveAll } from "../api/given.ts";
import { requestOf, type Product } from "../api/index.ts";
import { makeApp } from "../app.ts";
import { questionsAbout, questionsOf, type Question } from "../firstPage.ts";
import { i18n, isLanguage, languages, useLanguage } from "../i18n/index.ts";
import { currencies, currency } from "../stores/preferences.ts";
import { Answers } from "./answers.ts";
import { headOf } from "./head.ts";
import { largestPicture } from "./largest-picture.ts";

/** Resolves addresses only; never installed. */
const { router: resolver } = makeApp(createSSRApp, createMemoryHistory());
/** Pages that anybody may find by a search engine, and that are rendered before they are sent. */
const open: ReadonlySet<unknown> = new Set(["home", "category", "search", "product"]);

export const preferences = { languages: Object.keys(languages), currencies };

/** Asks for what a page shows, and tells by the answers whether there is such a page. */
export const openPage: OpenPage = async (request, ask) => {
  const page = resolver.resolve(request.query === "" ? request.path : `${request.path}?${request.query}`);
  const name = String(page.name);
  const opened = (status: number, answers: AnswerTo[]): OpenedPage => ({
    status,
    name,
    isPrivate: !open.has(name) || name === "search",
    answers: answers.filter((answer) => answer.status === 200),
  });
  if (name === "not-found") return opened(404, []);
  const questions = questionsOf(page, request.currency);
  const answers = await Promise.all(questions.map((one) => put(one, ask)));
  const main = answers[0]?.status ?? 500;
  if (!open.has(name)) return opened(200, answers);
  // The home page has more to show than its picks.
  if (name === "home") return opened(200, answers);
  if (main === 429 || main >= 500) return opened(503, answers);
  if (main >= 400 || !isThere(name, page.params, answers)) return opened(404, answers);
  const product = name === "product" ? (answers[0]?.value as Product) : undefined;
  const about = product ? questionsAbout(product, request.currency) : [];
  return opened(200, [...answers, ...(await Promise.all(about.map((one) => put(one, ask))))]);
};

/** A list of an unknown category is merely empty. */
function isThere(name: string, params: Record<string, unknown>, [, categories]: AnswerTo[]): boolean {
  if (name !== "category" || categories?.status !== 200) return true;
  const { data } = categories.value as { data: { slug: string }[] };
  return data.some(({ slug }) => slug === params.category);
}

const put = ({ route, params }: Question, ask: Ask): Promise<AnswerTo> => ask(requestOf(route, params).url);

let last: Promise<unknown> = Promise.resolve();

/** Writes a page. One at a time: languages, currency and the page's data are the module's own. */
export const renderPage: RenderPage = (request, page) => {
  const work = last.then(() => write(request, page));
  last = work.catch(() => undefined);
  return work;
};

const write: RenderPage = async (request, page) => {
  await useLanguage(isLanguage(request.language) ? request.language : "en");
  currency.value = request.currency;
  giveAll(page.answers.map(({ url, value }) => [url, value]));
  const facts = new Answers(request, page);
  const head = headOf(facts, i18n.global.t);
  const picture = largestPicture(facts);
  if (page.status !== 200 || !open.has(page.name)) return { head, picture, body: "", modules: [] };
  return { head, picture, ...(await markup(request)) };
};

async function markup({ path, query }: PageRequest): Promise<{ body: string; modules: string[] }> {
  const { app, router } = makeApp(createSSRApp, createMemoryHistory());
  app.use(router);
  await router.push(query === "" ? path : `${path}?${query}`);
  await router.isReady();
  const context: { modules?: Set<string> } = {};
  const body = await renderToString(app, context);
  return { body, modules: [...(context.modules ?? [])] };
}
