const LONGEST = 100;
/** Letters that Unicode does not take apart into a base letter and a mark. */
const plain: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ł: "l",
  þ: "th",
  ð: "d",
};

/** A name as it may stand in an address; `fallback` when nothing of it is left. */
export function slugOf(name: string, fallback = "product"): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[ßæœøđłþð]/g, (letter) => plain[letter] ?? letter)
    .normalize("NFKD")
    .replaceAll(/[\u0300-\u036f'’]/g, "")
    .replaceAll(/[^a-z0-9]+/g, "-");
  const slug = words.slice(0, LONGEST).replaceAll(/^-+|-+$/g, "");
  return slug === "" ? fallback : slug;
}
