import { heroPicture } from "../components/catalog/heroPicture.ts";
import type { Answers } from "./answers.ts";

/** The picture that fills most of the first screen. */
export function largestPicture(facts: Answers): string | undefined {
  if (!facts.isFound) return undefined;
  if (facts.name === "home") return heroPicture;
  return (facts.product ?? facts.list?.data[0])?.images[0]?.url;
}
