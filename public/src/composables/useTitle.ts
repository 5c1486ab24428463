import { toValue, watchEffect, type MaybeRefOrGetter } from "vue";

/** Sets the page's title and, when there is one, its description. */
export function useTitle(
  title: MaybeRefOrGetter<string>,
  description?: MaybeRefOrGetter<string | undefined>,
) {
  // What the gateway sends has its title already.
  if (import.meta.env.SSR) return;
  watchEffect(() => {
    const text = toValue(title);
    document.title = text === "" ? "Valence" : `${text} · Valence`;
    const words = toValue(description);
    if (words)
      document.querySelector('meta[name="description"]')?.setAttribute("content", words.slice(0, 300));
  });
}
