import { invalid } from "../../contract/errors.ts";

/** One form of a time, so that text compares as time does. @throws 422 for what no clock here shows (a leap second) */
export function utc(time: string, pointer: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) throw invalid([{ pointer, message: "is no time" }]);
  return at.toISOString();
}
