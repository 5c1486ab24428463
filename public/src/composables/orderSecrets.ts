import { useLocalStorage } from "@vueuse/core";

/** Secrets of the orders that this browser placed as a guest; they open the order's page. */
const secrets = useLocalStorage<Record<string, string>>("valence.orders", {});

export const secretOf = (orderId: string): string | undefined => secrets.value[orderId];
export const keepSecret = (orderId: string, secret: string): void => {
  secrets.value = { ...secrets.value, [orderId]: secret };
};
