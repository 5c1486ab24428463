import { useSessionStorage } from "@vueuse/core";
import { computed } from "vue";
import { api, isUndecided, type Answer, type Params } from "../api/index.ts";

type Body = Params<"POST /orders">;
interface Attempt {
  key: string;
  body: Body;
  cartSecret?: string;
}

/**
 * One attempt to order: one key and one body. While it is unknown whether the order arrived, the same attempt is sent
 * again, also after a reload, and can never become a second order.
 */
export function useAttempt() {
  const open = useSessionStorage<Attempt | null>("valence.attempt", null, {
    serializer: { read: (text) => JSON.parse(text) as Attempt | null, write: JSON.stringify },
  });
  let running: Promise<Answer<"POST /orders">> | undefined;

  const send = (body: Body, cartSecret?: string): Promise<Answer<"POST /orders">> => {
    open.value ??= { key: crypto.randomUUID(), body, cartSecret };
    running ??= deliver(open.value).finally(() => {
      running = undefined;
    });
    return running;
  };
  const deliver = async (attempt: Attempt): Promise<Answer<"POST /orders">> => {
    try {
      const secrets = { cart: attempt.cartSecret };
      const order = await api("POST /orders", attempt.body, { key: attempt.key, secrets });
      open.value = null;
      return order;
    } catch (error) {
      if (!isUndecided(error)) open.value = null;
      throw error;
    }
  };
  return { isOpen: computed(() => open.value !== null), send };
}
