/** A point in time as `<input type="datetime-local">` shows it, in the reader's own time zone; "" for none. */
export function toDateInput(iso: string | null): string {
  if (iso === null) return "";
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What such an input says, as ISO 8601 in UTC; null when it is empty. */
export const fromDateInput = (text: string): string | null =>
  text === "" ? null : new Date(text).toISOString();
