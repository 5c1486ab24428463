import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { startStore, type TestStore } from "../../helpers/store.ts";
import { chromiumPath, launch, openPage, type Watch } from "./browser.ts";

export const ADMIN = { email: "admin@example.com", password: "correct horse battery" };

export interface Shop {
  readonly store: TestStore;
  readonly browser: Browser;
  open(options?: BrowserContextOptions): Promise<Page & Watch>;
  /** An access token of the first admin. */
  admin(): Promise<string>;
}

/** A store with the sample catalogue and a browser for the tests of one file; without a Chromium they are skipped. */
export function useShop(env: () => Promise<Record<string, string>> = () => Promise.resolve({})): Shop {
  const shop = {} as { -readonly [K in keyof Shop]: Shop[K] };
  const opened: Page[] = [];
  before(async function () {
    this.timeout(120_000);
    const path = chromiumPath();
    if (path === undefined) {
      console.log(
        "SKIPPED: browser tests need a Chromium. Install one (Debian: apt-get install chromium) or set CHROMIUM to its path.",
      );
      this.skip();
    }
    shop.store = await startStore({ seed: true, env: { ADMIN_EMAIL: ADMIN.email, ...(await env()) } });
    shop.browser = await launch(path);
    shop.open = async (options) => {
      const page = await openPage(shop.browser, shop.store.url, options);
      opened.push(page);
      return page;
    };
    shop.admin = async () => {
      const { body } = await shop.store.http.post<{ accessToken: string }>("auth/login", ADMIN);
      return body.accessToken;
    };
  });
  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    for (const page of opened) if (!page.isClosed()) console.log(await seenOn(page));
  });
  after(async function () {
    this.timeout(60_000);
    await shop.browser?.close();
    await shop.store?.stop();
  });
  return shop;
}

/** What stood on a page when its test failed: the reason is often written there. */
const seenOn = async (page: Page): Promise<string> =>
  `What stood at ${page.url()}:\n${await page
    .locator("body")
    .innerText()
    .catch((error: unknown) => String(error))}\n`;

export async function signIn(page: Page, { email, password } = ADMIN): Promise<void> {
  await page.goto("/login");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
}

/** Puts the first variant of a product into the basket. */
export async function addToBasket(page: Page, slug: string): Promise<void> {
  await page.goto(`/p/${slug}`);
  await page.getByRole("button", { name: "Add to basket" }).click();
  await page.getByText("is in your basket").waitFor();
}

export async function fillAddress(page: Page, email: string): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Full name").fill("Ada Guest");
  await page.getByLabel("Street and number").fill("1 High Street");
  await page.getByLabel("Postcode").fill("N1 9GU");
  await page.getByLabel("Town or city").fill("London");
  await page.getByLabel("Country").selectOption("GB");
  await page.getByText("Express delivery").waitFor();
  await page.getByText("£", { exact: false }).first().waitFor();
}

export const payButton = (page: Page) => page.getByRole("button", { name: /^Pay £/ });
