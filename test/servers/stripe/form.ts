/** A decoded form body: `line_items[0][price_data][currency]=gbp` becomes nested objects. */
export interface Form {
  [name: string]: string | Form | undefined;
}

/** Decodes what Stripe's SDK sends; lists are objects whose names are numbers. */
export function decodeForm(text: string): Form {
  const form: Form = {};
  for (const [path, value] of new URLSearchParams(text)) {
    const names = path.split(/[[\]]+/).filter((name) => name !== "");
    let at = form;
    for (const name of names.slice(0, -1)) at = (at[name] ??= {}) as Form;
    at[names.at(-1) ?? ""] = value;
  }
  return form;
}

/** The text at a path of names; undefined when there is none. */
export function textAt(form: Form, ...path: string[]): string | undefined {
  let at: string | Form | undefined = form;
  for (const name of path) at = typeof at === "object" ? at[name] : undefined;
  return typeof at === "string" ? at : undefined;
}

/** A map of texts, such as metadata. */
export const textsAt = (form: Form, ...path: string[]): Record<string, string> => {
  let at: string | Form | undefined = form;
  for (const name of path) at = typeof at === "object" ? at[name] : undefined;
  return typeof at === "object" ? (at as Record<string, string>) : {};
};
