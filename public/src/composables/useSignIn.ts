import { useRoute, useRouter } from "vue-router";
import { useQueryCache } from "@pinia/colada";
import { useCartStore } from "../stores/cart.ts";
import { useSessionStore } from "../stores/session.ts";

/** Signs in, brings the guest's basket along, and goes on to where the shopper wanted to be. */
export function useSignIn() {
  const session = useSessionStore();
  const cart = useCartStore();
  const route = useRoute();
  const router = useRouter();
  const cache = useQueryCache();

  /** A path of this shop; never another site's address. */
  const next = (): string => {
    const { next: wanted } = route.query;
    const isOurs = typeof wanted === "string" && /^\/(?![/\\])/.test(wanted);
    return isOurs ? wanted : session.isStaff ? "/admin" : "/account";
  };
  const signIn = async (email: string, password: string): Promise<void> => {
    await cart.load();
    await session.signIn(email, password);
    await cart.mergeIntoAccount();
    await router.replace(next());
    if (cart.notices.length > 0) cart.drawerOpen = true;
  };
  /** Goes on to where the shopper wanted to be, now that it is known who that is. */
  const resume = async (): Promise<void> => {
    await cart.load();
    await router.replace(next());
  };
  const signOut = async (): Promise<void> => {
    await session.signOut();
    cart.forget();
    await cache.invalidateQueries();
    await router.push("/");
  };
  return { signIn, resume, signOut };
}
