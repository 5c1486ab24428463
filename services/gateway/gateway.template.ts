import { hash } from "node:crypto";
import type { Preferences } from "./gateway.preferences.ts";
import type { OpenedPage, WrittenPage } from "./gateway.page.types.ts";

export interface Template {
  /** What a page of this build may load and run. */
  readonly policy: string;
  fill(opened: OpenedPage, written: WrittenPage, preferences: Preferences): string;
}

/** Which files of the build a source file became. */
export type Manifest = Readonly<Record<string, readonly string[]>>;

const scripts = /\s*<(?:script type="module"|link rel="modulepreload")[^>]*>(?:<\/script>)?/g;
const scriptFile = /(?:src|href)="([^"]+)"/;

/**
 * The page that the build made, taken apart once. Its own scripts come last and quietly, for the first view does not
 * need them: style, picture and markup go before.
 */
export function template(html: string, manifest: Manifest): Template {
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? "";
  const own = [...html.matchAll(scripts)].map(([line]) => line.trim());
  const files = own.flatMap((line) => scriptFile.exec(line)?.[1] ?? []);
  const rest = html.replace(scripts, "");
  const [beforeHead = "", afterHead = ""] = rest.split(/<!--page-->[\s\S]*<!--\/page-->/);
  const [beforeBody = "", afterBody = ""] = afterHead.split('<div id="app"></div>');
  const quiet = own.map((line) => line.replace(/^<(script|link) /, '<$1 fetchpriority="low" '));
  return {
    policy:
      `default-src 'self'; style-src 'self' 'sha256-${hash("sha256", style, "base64")}'; object-src 'none'; ` +
      "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    fill: (opened, written, preferences) =>
      [
        withChoice(beforeHead, preferences),
        picture(written.picture),
        written.head,
        beforeBody.replace(
          "</head>",
          () => `${quiet.join("")}${chunks(written.modules, manifest, files)}</head>`,
        ),
        `<div id="app" data-shown="${preferences.language} ${preferences.currency}">${written.body}</div>`,
        data(opened),
        afterBody,
      ].join(""),
  };
}

const withChoice = (html: string, { language, theme }: Preferences): string =>
  html.replace(
    '<html lang="en"',
    `<html lang="${language}"${theme === "system" ? "" : ` data-theme="${theme}"`}`,
  );

function picture(url: string | undefined): string {
  if (url === undefined || /["<>&\s]/.test(url)) return "";
  return `<link rel="preload" as="image" href="${url}" fetchpriority="high">\n    `;
}

/** Scripts of the page's own sources, which the browser would else find only after running the first. */
function chunks(modules: readonly string[], manifest: Manifest, known: readonly string[]): string {
  const files = new Set(modules.flatMap((name) => manifest[name] ?? []));
  return [...files]
    .filter((file) => file.endsWith(".js") && !known.includes(file))
    .map((file) => `<link rel="modulepreload" fetchpriority="low" crossorigin href="${file}">`)
    .join("");
}

/** The answers by their addresses; `<` never stands in it, so that no text can end the element. */
const data = ({ answers }: OpenedPage): string => {
  const fields = answers.map(({ url, json }) => `${JSON.stringify(url)}:${json}`);
  return `<script type="application/json" id="page-data">{${fields.join(",").replaceAll("<", "\\u003c")}}</script>`;
};
