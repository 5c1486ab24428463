import type { Plugin } from "vite";

const styleLink = /\s*<link rel="stylesheet"[^>]*href="\/([^"]+)"[^>]*>/;

/** Writes the style sheet into the page: the first view waits for no second file. The gateway's policy names its hash. */
export function inlineStyle(): Plugin {
  return {
    name: "inline-style",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const name = styleLink.exec(html)?.[1];
        const sheet = name === undefined ? undefined : bundle?.[name];
        if (sheet?.type !== "asset") throw new Error("The page has no style sheet to write into it");
        return html.replace(styleLink, () => `\n    <style>${String(sheet.source).trim()}</style>`);
      },
    },
  };
}
