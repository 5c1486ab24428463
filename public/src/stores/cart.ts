import { useLocalStorage } from "@vueuse/core";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { api, hasCode, type Answer, type Cart } from "../api/index.ts";
import { cartChanges, type Holder } from "./cartChanges.ts";
import { mergeGuest } from "./cartMerge.ts";
import { currency } from "./preferences.ts";
import { useSessionStore } from "./session.ts";

type Notice = Answer<"POST /carts/:id/merge">["notices"][number];

/** The basket. A guest's is known by a secret that this browser keeps; a customer's belongs to the account. */
export const useCartStore = defineStore("cart", () => {
  const session = useSessionStore();
  const held = useLocalStorage<Holder | null>("valence.cart", null, {
    serializer: { read: (text) => JSON.parse(text) as Holder | null, write: JSON.stringify },
  });
  const cart = shallowRef<Cart>();
  const notices = ref<Notice[]>([]);
  /** Why the basket could not be read. */
  const failure = shallowRef<Error>();
  const isKnown = ref(false);
  const drawerOpen = ref(false);
  const busy = ref(0);
  const units = computed(() => cart.value?.lines.reduce((sum, line) => sum + line.quantity, 0) ?? 0);
  const secrets = () => ({ cart: held.value?.secret });

  /** Answers may overtake each other: an older state of the same basket does not replace a newer one. */
  const keep = (next: Cart): Cart => {
    const shown = cart.value;
    isKnown.value = true;
    failure.value = undefined;
    if (next.status !== "open") forget();
    else if (shown?.id !== next.id || shown.version <= next.version) cart.value = next;
    return next;
  };
  let loading: Promise<Cart | undefined> | undefined;
  const forget = (): void => {
    held.value = null;
    cart.value = undefined;
    failure.value = undefined;
    isKnown.value = true;
    loading = undefined;
  };

  /** What comes after the basket has changed hands is too late, and changes nothing. */
  const read = async (): Promise<Cart | undefined> => {
    await session.restore();
    failure.value = session.failure;
    if (session.failure !== undefined) return undefined;
    const id = held.value?.id;
    if (id === undefined && !session.isSignedIn) {
      isKnown.value = true;
      return undefined;
    }
    try {
      const found =
        id === undefined
          ? await api("GET /me/cart", {})
          : await api("GET /carts/:id", { id }, { secrets: secrets() });
      if (held.value?.id !== id || (id === undefined && !session.isSignedIn)) return cart.value;
      held.value ??= { id: found.id };
      return keep(found);
    } catch (error) {
      if (held.value?.id !== id) return undefined;
      if (hasCode(error, "CART_NOT_FOUND", "CART_CLOSED")) forget();
      else failure.value = error as Error;
      return undefined;
    }
  };

  /** Reads the basket at today's prices. */
  const load = (): Promise<Cart | undefined> => {
    const mine = (loading ??= read().finally(() => {
      if (loading === mine) loading = undefined;
    }));
    return mine;
  };

  /** The basket to change: the one that is here or on its way, else a new one. */
  const open = async (): Promise<Holder> => {
    if (held.value === null || cart.value === undefined) await load();
    if (held.value !== null && cart.value !== undefined) {
      // An empty one from another time or device follows the choice of now.
      if (cart.value.lines.length === 0 && isOther()) keep(await inCurrency(held.value));
      return held.value;
    }
    // What could not be read may hold something: another basket would hide it for good.
    if (failure.value !== undefined) throw failure.value;
    const { secret, ...opened } = await api("POST /carts", { currency: currency.value });
    held.value = { id: opened.id, secret };
    keep(opened);
    return held.value;
  };
  /** Runs a change; a basket that is gone meanwhile is replaced by a new one, once. */
  const change = async (run: (holder: Holder) => Promise<Cart>): Promise<void> => {
    busy.value += 1;
    try {
      keep(await run(await open()));
    } catch (error) {
      if (!hasCode(error, "CART_NOT_FOUND", "CART_CLOSED")) throw error;
      forget();
      keep(await run(await open()));
    } finally {
      busy.value -= 1;
    }
  };

  const changes = cartChanges(change);

  /** After signing in: what the guest gathered goes into the account's basket, with a word about what changed. */
  const mergeIntoAccount = async (): Promise<void> => {
    const guest = held.value;
    if (guest?.secret === undefined || cart.value?.lines.length === 0) {
      forget();
      await load();
      return;
    }
    try {
      const merged = await mergeGuest(guest, cart.value?.currency ?? currency.value);
      held.value = { id: merged.cart.id };
      keep(merged.cart);
      notices.value = merged.notices;
    } catch (error) {
      // Whatever else went wrong: what the guest gathered can still be bought.
      if (!hasCode(error, "CART_NOT_FOUND", "CART_CLOSED")) return;
      // Its order waits for the payment: the basket stays as it is, for the case that the payment fails.
      if (hasCode(error, "CART_CLOSED") && (await load()) !== undefined) return;
      forget();
      await load();
    }
  };

  /** Every line changes its currency in one step; what is not sold in it is told. */
  const inCurrency = async ({ id, secret }: Holder): Promise<Cart> => {
    const of = { secrets: { cart: secret }, key: crypto.randomUUID() };
    const changed = await api("POST /carts/:id/currency", { id, currency: currency.value }, of);
    if (changed.notices.length > 0) notices.value = changed.notices;
    return changed.cart;
  };
  /** A basket has one currency, the one that the shopper chose last. */
  const changeCurrency = async (): Promise<void> => {
    if (cart.value === undefined) await load();
    if (isOther()) await change(inCurrency);
    // Another was chosen meanwhile.
    if (isOther()) await changeCurrency();
  };
  const isOther = (): boolean => cart.value !== undefined && cart.value.currency !== currency.value;

  return {
    cart,
    failure,
    isKnown,
    held,
    notices,
    drawerOpen,
    busy,
    units,
    secrets,
    load,
    forget,
    ...changes,
    mergeIntoAccount,
    changeCurrency,
  };
});
