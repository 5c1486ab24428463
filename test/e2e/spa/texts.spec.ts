import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

const src = join(import.meta.dirname, "../../../public/src");
const load = async (language: string): Promise<object> => {
  type Texts = { default: { problems: object } };
  const texts = (await import(join(src, `i18n/${language}/index.ts`))) as Texts;
  const admin = (await import(join(src, `i18n/${language}/admin.ts`))) as Texts;
  const problems = { ...texts.default.problems, ...admin.default.problems };
  return { ...texts.default, ...admin.default, problems };
};
const has = (texts: unknown, key: string): boolean =>
  key.split(".").reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], texts) !==
  undefined;
const leaves = (texts: object, path = ""): string[] =>
  Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "string" ? [`${path}${key}=${value}`] : leaves(value as object, `${path}${key}.`),
  );
const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();

describe("the texts of the front end", () => {
  const sources = readdirSync(src, { recursive: true })
    .map(String)
    .filter((name) => /\.(vue|ts)$/.test(name) && !name.startsWith("i18n"))
    .map((name) => readFileSync(join(src, name), "utf8"));
  const used = new Set(
    sources.flatMap((text) => [...text.matchAll(/\bt\(\s*["']([\w.-]+)["']/g)].map(([, key]) => key ?? "")),
  );

  for (const language of ["en", "de"])
    it(`has every text that a page asks for, ${language}`, async () => {
      const texts = await load(language);
      expect(used.size).to.be.above(200);
      expect([...used].filter((key) => !has(texts, key))).to.deep.equal([]);
    });

  it("fills in the same words in both languages", async () => {
    const [en, de] = [leaves(await load("en")), leaves(await load("de"))];
    const wrong = en.filter((line, index) => {
      const other = de[index] ?? "";
      return placeholders(line).join() !== placeholders(other).join();
    });
    expect(wrong).to.deep.equal([]);
  });
});
