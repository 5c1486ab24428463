/** One SQL statement whose values stay apart from its text; made only by the tag below, so no value is ever spliced into SQL. */
export interface Sql {
  readonly strings: readonly string[];
  readonly values: readonly unknown[];
}

const isSql = (value: unknown): value is Sql =>
  typeof value === "object" && value !== null && "strings" in value && "values" in value;

/** Stands for a value that is bound. */
const bound: readonly string[] = [];

/** Where the parts of a statement lead to: its text is put together once, for all that is kept of a text goes by its identity. */
class Splice {
  strings: readonly string[] | undefined;
  readonly #next = new WeakMap<readonly string[], Splice>();

  then(part: readonly string[]): Splice {
    let next = this.#next.get(part);
    if (next === undefined) this.#next.set(part, (next = new Splice()));
    return next;
  }
}
const templates = new Splice();

function splice(strings: readonly string[], values: readonly unknown[]): readonly string[] {
  const text: string[] = [strings[0] ?? ""];
  values.forEach((value, i) => {
    const after = strings[i + 1] ?? "";
    if (isSql(value)) {
      text[text.length - 1] += value.strings[0] ?? "";
      text.push(...value.strings.slice(1));
      text[text.length - 1] += after;
    } else text.push(after);
  });
  return text;
}

/**
 * Tagged template: `` sql`select * from orders where id = ${id}` ``. A value becomes a bound parameter; a nested `Sql` is
 * spliced in as text (for optional filters). Use `raw` for a name that the code itself chose.
 */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Sql {
  if (!values.some(isSql)) return { strings, values };
  let at = templates.then(strings);
  for (const value of values) at = at.then(isSql(value) ? value.strings : bound);
  at.strings ??= splice(strings, values);
  return { strings: at.strings, values: values.flatMap((value) => (isSql(value) ? value.values : [value])) };
}

/** SQL text that our own code chose (a column, a direction); never anything that a client sent. */
export const raw = (text: string): Sql => ({ strings: [text], values: [] });

/** Joins conditions by `and`; `true` when there is none. */
export const and = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0
    ? raw("1 = 1")
    : conditions.slice(1).reduce((all, next) => sql`${all} and ${next}`, conditions[0] as Sql);
