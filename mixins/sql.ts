/** One SQL statement whose values stay apart from its text; made only by the tag below, so no value is ever spliced into SQL. */
export interface Sql {
  readonly strings: readonly string[];
  readonly values: readonly unknown[];
}

const isSql = (value: unknown): value is Sql =>
  typeof value === "object" && value !== null && "strings" in value && "values" in value;

/**
 * Tagged template: `` sql`select * from orders where id = ${id}` ``. A value becomes a bound parameter; a nested `Sql` is
 * spliced in as text (for optional filters). Use `raw` for a name that the code itself chose.
 */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Sql {
  if (!values.some(isSql)) return { strings, values };
  const text: string[] = [strings[0] ?? ""];
  const bound: unknown[] = [];
  values.forEach((value, i) => {
    const after = strings[i + 1] ?? "";
    if (isSql(value)) {
      text[text.length - 1] += value.strings[0] ?? "";
      bound.push(...value.values);
      text.push(...value.strings.slice(1));
      text[text.length - 1] += after;
    } else {
      bound.push(value);
      text.push(after);
    }
  });
  return { strings: text, values: bound };
}

/** SQL text that our own code chose (a column, a direction); never anything that a client sent. */
export const raw = (text: string): Sql => ({ strings: [text], values: [] });

/** Joins conditions by `and`; `true` when there is none. */
export const and = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0
    ? raw("1 = 1")
    : conditions.slice(1).reduce((all, next) => sql`${all} and ${next}`, conditions[0] as Sql);
