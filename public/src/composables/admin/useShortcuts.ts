import { useEventListener, useLocalStorage } from "@vueuse/core";
import { useRouter } from "vue-router";

/** Whether single letters are commands; whoever speaks to their computer may switch it off. */
export const shortcutsOn = useLocalStorage("valence.shortcuts", true);

/** Two keys, one after the other, lead to a page. */
export const jumps = {
  d: "dashboard",
  o: "orders",
  r: "returns",
  p: "products",
  s: "stock",
  i: "imports",
  c: "customers",
  m: "stuck",
} as const;
const SECOND_KEY_MS = 1500;

export const isTyping = ({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean =>
  ctrlKey ||
  metaKey ||
  altKey ||
  (target instanceof HTMLElement && target.closest("input, select, textarea, [role=dialog]") !== null);

/** `g` and a letter go to a page, `?` shows what there is. */
export function useShortcuts(showHelp: () => void): void {
  const router = useRouter();
  let since = 0;
  useEventListener("keydown", (event: KeyboardEvent) => {
    if (!shortcutsOn.value || isTyping(event)) return;
    const page =
      performance.now() - since < SECOND_KEY_MS ? jumps[event.key as keyof typeof jumps] : undefined;
    since = event.key === "g" ? performance.now() : 0;
    if (event.key === "?") showHelp();
    else if (page) void router.push(page === "dashboard" ? "/admin" : `/admin/${page}`);
    else return;
    event.preventDefault();
  });
}
