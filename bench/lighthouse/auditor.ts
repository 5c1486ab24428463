import { execFileSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { chromiumPath } from "../../test/e2e/spa/browser.ts";
import type { Figures } from "./figures.ts";

interface Audit {
  score: number | null;
  scoreDisplayMode: string;
  title: string;
  numericValue?: number;
}
interface Category {
  score: number;
  auditRefs: { id: string; weight: number }[];
}
interface Result {
  lhr: {
    runtimeError?: { message: string };
    audits: Record<string, Audit>;
    categories: Record<"performance" | "accessibility" | "best-practices" | "seo", Category>;
  };
}
type Lighthouse = (url: string, flags: object, config?: object) => Promise<Result | undefined>;
interface Chrome {
  port: number;
  kill(): void;
}

const root = join(import.meta.dirname, "../..");
const tool = async <T>(path: string): Promise<T> =>
  (await import(pathToFileURL(join(root, "tools/node_modules", path)).href)) as T;

export interface Auditor {
  audit(url: string, device: "mobile" | "desktop"): Promise<Figures>;
  close(): Promise<void>;
}

/** Lighthouse with a browser of its own; installs it first when it is missing. */
export async function openAuditor(): Promise<Auditor> {
  const chromePath = chromiumPath();
  if (chromePath === undefined)
    throw new Error("Lighthouse needs a Chromium: apt-get install chromium, or set CHROMIUM to its path.");
  execFileSync(join(root, "scripts/ci/tools.sh"), { stdio: "inherit" });
  const { default: lighthouse } = await tool<{ default: Lighthouse }>("lighthouse/core/index.js");
  const { default: desktop } = await tool<{ default: object }>("lighthouse/core/config/desktop-config.js");
  const { launch } = await tool<{ launch: (options: object) => Promise<Chrome> }>(
    "chrome-launcher/dist/index.js",
  );
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const chromeFlags = ["--headless=new", "--disable-dev-shm-usage", ...sandbox];
  const chrome = await launch({ chromePath, chromeFlags, logLevel: "error" });
  return {
    async audit(url, device) {
      const flags = { port: chrome.port, output: "json", logLevel: "error" };
      const result = await lighthouse(url, flags, device === "desktop" ? desktop : undefined);
      if (result === undefined || result.lhr.runtimeError)
        throw new Error(`Lighthouse failed on ${url}: ${result?.lhr.runtimeError?.message ?? "no result"}`);
      return figuresOf(result);
    },
    async close() {
      chrome.kill();
    },
  };
}

function figuresOf({ lhr: { audits, categories } }: Result): Figures {
  const value = (id: string): number => audits[id]?.numericValue ?? Number.NaN;
  const points = (name: keyof typeof categories): number => Math.round(categories[name].score * 100);
  return {
    performance: points("performance"),
    accessibility: points("accessibility"),
    "best practices": points("best-practices"),
    seo: points("seo"),
    fcp: value("first-contentful-paint"),
    lcp: value("largest-contentful-paint"),
    tbt: value("total-blocking-time"),
    cls: value("cumulative-layout-shift"),
    complaints: (["accessibility", "best-practices", "seo"] as const).flatMap((name) =>
      categories[name].auditRefs.flatMap(({ id, weight }) => {
        const audit = audits[id];
        return weight > 0 && audit?.score === 0 ? [`${name}: ${audit.title}`] : [];
      }),
    ),
  };
}
