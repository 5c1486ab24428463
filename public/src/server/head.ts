import type { Answers } from "./answers.ts";
import { escapeHtml, scriptJson, tag } from "./html.ts";
import { largestPicture } from "./largest-picture.ts";
import { structuredData } from "./structured-data.ts";

type Words = (key: string, named?: Record<string, string>) => string;

interface Facts {
  title: string;
  description: string;
  /** Undefined: the page is for nobody but the one who opens it, or is a list among many. */
  canonical?: string;
}

const locales: Readonly<Record<string, string>> = { en: "en_GB", de: "de_DE" };
const MAX_DESCRIPTION = 300;

/** Everything in a page's `<head>` that says what the page is. */
export function headOf(answers: Answers, t: Words): string {
  const { base, language } = answers.request;
  const address = (path: string): string => (path.startsWith("/") ? base + path : path);
  const { title, description, canonical } = factsOf(answers, t);
  const fullTitle = `${title} · Valence`;
  const picture = largestPicture(answers);
  const lines = [
    `<title>${escapeHtml(fullTitle)}</title>`,
    tag("meta", { name: "description", content: description }),
    ...(canonical === undefined
      ? [tag("meta", { name: "robots", content: "noindex" })]
      : [tag("link", { rel: "canonical", href: address(canonical) })]),
    tag("meta", { property: "og:site_name", content: "Valence" }),
    tag("meta", { property: "og:type", content: answers.product ? "product" : "website" }),
    tag("meta", { property: "og:title", content: fullTitle }),
    tag("meta", { property: "og:description", content: description }),
    tag("meta", { property: "og:url", content: address(canonical ?? answers.request.path) }),
    tag("meta", { property: "og:locale", content: locales[language] ?? "en_GB" }),
    ...(picture === undefined
      ? []
      : [tag("meta", { property: "og:image", content: address(sharedPicture(picture)) })]),
    tag("meta", { name: "twitter:card", content: picture === undefined ? "summary" : "summary_large_image" }),
    ...structuredData(answers, address, t).map(
      (data) => `<script type="application/ld+json">${scriptJson(data)}</script>`,
    ),
  ];
  return lines.join("\n    ");
}

/** No network draws SVG: each of the sample catalogue's pictures has a JPEG beside it (`scripts/pictures/make.ts`). */
const sharedPicture = (path: string): string => path.replace(/^(\/pictures\/.+)\.svg$/, "$1.jpg");

function factsOf(answers: Answers, t: Words): Facts {
  const { product, category, name } = answers;
  if (product)
    return { title: product.name, description: short(product.description), canonical: `/p/${product.slug}` };
  if (category)
    return {
      title: category.name,
      description: short(category.description || t("home.lead")),
      canonical: `/c/${category.slug}`,
    };
  if (name === "home") return { title: t("brand.tagline"), description: t("home.lead"), canonical: "/" };
  return { title: titleOf(answers, t), description: t("home.lead") };
}

function titleOf({ name, query, request }: Answers, t: Words): string {
  if (name === "search")
    return typeof query.q === "string" ? t("list.searchTitle", { q: query.q }) : t("list.all");
  if (name === "not-found") return t("empty.notFoundTitle");
  if (request.path.startsWith("/admin")) return t("nav.admin");
  const titles: Readonly<Record<string, string>> = {
    cart: t("nav.cart"),
    login: t("nav.signIn"),
  };
  return titles[name] ?? t("brand.tagline");
}

const short = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= MAX_DESCRIPTION ? line : `${line.slice(0, MAX_DESCRIPTION - 1).trimEnd()}…`;
};
