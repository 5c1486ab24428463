import { hash } from "node:crypto";
import type { OpenedPage, WrittenPage } from "./gateway.page.types.ts";
import type { Preferences } from "./gateway.preferences.ts";
import { starter } from "./gateway.starter.ts";

export interface Template {
  /** What a page of this build may load and run. */
  readonly policy: string;
  fill(opened: OpenedPage, written: WrittenPage, preferences: Preferences): string;
}

/** Which file a source of the build became, and what that imports; as Vite writes it. */
export type Manifest = Readonly<
  Record<string, { readonly file: string; readonly imports?: readonly string[] }>
>;

const scripts = /\s*<(?:script type="module"|link rel="modulepreload")[^>]*>(?:<\/script>)?/g;
const scriptFile = /(?:src|href)="([^"]+)"/;
const sha256 = (text: string): string => `'sha256-${hash("sha256", text, "base64")}'`;

/** The page that the build made, taken apart once, and put together again for each address. */
export function template(html: string, manifest: Manifest): Template {
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? "";
  const own = [...html.matchAll(scripts)].map(([line]) => line.trim());
  const [main = "", ...also] = own.flatMap((line) => scriptFile.exec(line)?.[1] ?? []);
  const [beforeHead = "", afterHead = ""] = html
    .replace(scripts, "")
    .split(/<!--page-->[\s\S]*<!--\/page-->/);
  const [beforeBody = "", afterBody = ""] = afterHead.split('<div id="app"></div>');
  return {
    policy:
      `default-src 'self'; script-src 'self' ${sha256(starter)}; style-src 'self' ${sha256(style)}; ` +
      "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    fill: (opened, { head, body, picture, modules }, preferences) => {
      const files = [
        ...also,
        ...chunks(modules, manifest).filter((file) => file !== main && !also.includes(file)),
      ];
      return [
        withChoice(beforeHead, preferences),
        preload(picture),
        head,
        // Where the browser makes the first view, nothing is worth more than its scripts.
        body === "" ? beforeBody.replace("</head>", () => `${own.join("")}</head>`) : beforeBody,
        `<div id="app" data-shown="${preferences.language} ${preferences.currency}">${body}</div>`,
        data(opened),
        body === "" ? "" : `<script data-main="${main}" data-also="${files.join(" ")}">${starter}</script>`,
        afterBody,
      ].join("");
    },
  };
}

const withChoice = (html: string, { language, theme }: Preferences): string =>
  html.replace(
    '<html lang="en"',
    `<html lang="${language}"${theme === "system" ? "" : ` data-theme="${theme}"`}`,
  );

function preload(picture: string | undefined): string {
  if (picture === undefined || /["<>&\s]/.test(picture)) return "";
  return `<link rel="preload" as="image" href="${picture}" fetchpriority="high">\n    `;
}

/** Files of the page's own sources, which the browser would else find only after running the first. */
function chunks(modules: readonly string[], manifest: Manifest): string[] {
  const files = new Set<string>();
  const follow = (name: string): void => {
    const chunk = manifest[name];
    if (chunk === undefined || files.has(`/${chunk.file}`)) return;
    files.add(`/${chunk.file}`);
    chunk.imports?.forEach(follow);
  };
  modules.forEach(follow);
  return [...files].filter((file) => file.endsWith(".js"));
}

/** The answers by their addresses; `<` never stands in it, so that no text can end the element. */
const data = ({ answers }: OpenedPage): string => {
  const fields = answers.map(({ url, json }) => `${JSON.stringify(url)}:${json}`);
  return `<script type="application/json" id="page-data">{${fields.join(",").replaceAll("<", "\\u003c")}}</script>`;
};
