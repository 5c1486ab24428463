interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly description?: string;
}
interface Document {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const methods = ["get", "post", "put", "patch", "delete"];
const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const text = (value: string): string => value.replaceAll(/[&<>"]/g, (char) => escapes[char] as string);

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<title>${text(title)}</title></head><body><h1>${text(title)}</h1>${body}</body></html>`;

/** The API's routes by actor, as a page that asks nothing of other hosts. */
export function referencePage(openapi: string): string {
  const { info, paths } = JSON.parse(openapi) as Document;
  const groups = new Map<string, string[]>();
  for (const [path, item] of Object.entries(paths))
    for (const method of methods) {
      const operation = item[method];
      if (operation === undefined) continue;
      const group = operation.tags?.[0] ?? "other";
      const row = `<tr><td>${method.toUpperCase()}</td><td><code>${text(path)}</code></td><td>${text(operation.summary ?? "")}</td></tr>`;
      groups.set(group, [...(groups.get(group) ?? []), row]);
    }
  const tables = [...groups].map(
    ([group, rows]) =>
      `<h2>${text(group)}</h2><table><thead><tr><th>Method</th><th>Path</th><th>What it does</th></tr></thead>` +
      `<tbody>${rows.join("")}</tbody></table>`,
  );
  const link = `<p>Version ${text(info.version)}. The whole description: <a href="/api/openapi.json">openapi.json</a></p>`;
  return page(info.title, link + tables.join(""));
}

/** Stands at `/` while the front end is not built. */
export const welcomePage = page(
  "Valence",
  `<p>The store is running. <a href="/api/docs">API reference</a>, <a href="/api/openapi.json">openapi.json</a></p>`,
);
