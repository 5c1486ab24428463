import { existsSync } from "node:fs";
import process from "node:process";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { eventually } from "../../helpers/eventually.ts";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Where a Chromium is installed; undefined when there is none. */

export function chromiumPath(): string | undefined {
  return [process.env.CHROMIUM, ...PLACES].find((path) => path !== undefined && existsSync(path));
}

export const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    // Chromium refuses its sandbox to root, as containers run.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });

/** What a page did that it never may: scripts that fail, policies broken, requests to elsewhere. */
export interface Watch {
  readonly faults: string[];
}

export async function openPage(
  browser: Browser,
  baseURL: string,
  options: BrowserContextOptions = {},
): Promise<Page & Watch> {
  const context = await browser.newContext({ baseURL, locale: "en-GB", reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy|Hydration|Missing|\[Vue/.test(message.text())) faults.push(message.text());
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(baseURL) && !url.startsWith("blob:")) faults.push(`a request to ${url}`);
  });
  const visit = page.goto.bind(page);
  // What is pressed before the scripts have run is lost on any page; a person is not that fast.
  page.goto = async (url, how) => {
    const answer = await visit(url, how);
    if ((await page.locator("#app").count()) > 0)
      await eventually(
        () => page.evaluate("document.querySelector('#app').__vue_app__ !== undefined"),
        10_000,
      );
    return answer;
  };
  return Object.assign(page, { faults });
}
