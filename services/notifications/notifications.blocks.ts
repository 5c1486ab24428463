/** What a mail's body is made of; each block has a form in plain text and one in HTML. */
export type Block =
  | { kind: "text"; text: string }
  | { kind: "link"; label: string; url: string }
  /** Pairs of a label and a value, such as lines and totals. */
  | { kind: "table"; rows: readonly (readonly [label: string, value: string])[] };

export const paragraph = (text: string): Block => ({ kind: "text", text });
export const link = (label: string, url: string): Block => ({ kind: "link", label, url });
export const table = (rows: readonly (readonly [string, string])[]): Block => ({ kind: "table", rows });

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] as string);

function textOf(block: Block): string {
  switch (block.kind) {
    case "text":
      return block.text;
    case "link":
      return `${block.label}:\n${block.url}`;
    case "table": {
      const width = Math.max(...block.rows.map(([label]) => label.length));
      const most = Math.max(...block.rows.map(([, value]) => value.length));
      return block.rows.map(([label, value]) => `${label.padEnd(width)}  ${value.padStart(most)}`).join("\n");
    }
  }
}

function htmlOf(block: Block): string {
  switch (block.kind) {
    case "text":
      return `<p>${escaped(block.text).replaceAll("\n", "<br>")}</p>`;
    case "link":
      return `<p><a href="${escaped(block.url)}">${escaped(block.label)}</a></p>`;
    case "table": {
      const cells = ([label, value]: readonly [string, string]) =>
        `<tr><td>${escaped(label)}</td><td align="right">${escaped(value)}</td></tr>`;
      return `<table cellpadding="4">${block.rows.map(cells).join("")}</table>`;
    }
  }
}

export const plainText = (blocks: readonly Block[]): string => `${blocks.map(textOf).join("\n\n")}\n`;

export const html = (subject: string, blocks: readonly Block[]): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head>` +
  `<body style="font-family:sans-serif;line-height:1.5;max-width:40em">${blocks.map(htmlOf).join("")}</body></html>`;
