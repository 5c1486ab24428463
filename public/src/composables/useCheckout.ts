import { useQuery } from "@pinia/colada";
import { computed, ref, watch } from "vue";
import { useRouter } from "vue-router";
import { api, hasCode, type Address, type Params } from "../api/index.ts";
import { useCartStore } from "../stores/cart.ts";
import { useSessionStore } from "../stores/session.ts";
import { keepSecret } from "./orderSecrets.ts";
import { useAttempt } from "./useAttempt.ts";
import { useProblem } from "./useProblem.ts";

type Method = "standard" | "express";
export const emptyAddress = (): Required<Address> => ({
  name: "",
  line1: "",
  line2: "",
  city: "",
  region: "",
  postalCode: "",
  country: "",
});
const required = ["name", "line1", "city", "postalCode", "country"] as const;

/** The checkout: one form, one attempt at a time, and an honest word when it is not known how an attempt ended. */
export function useCheckout() {
  const cart = useCartStore();
  const session = useSessionStore();
  const router = useRouter();
  const attempt = useAttempt();
  const { failure, words, set, clear, guard } = useProblem();

  const email = ref(cart.cart?.email ?? session.user?.email ?? "");
  const address = ref(emptyAddress());
  const method = ref<Method>("standard");
  /** `stripe`, or a test card. */
  const card = ref("tok_visa");
  const isPaying = ref(false);
  const wasTried = ref(false);

  watch(
    () => session.user?.email,
    (known) => {
      email.value ||= known ?? "";
    },
  );

  const methods = useQuery({
    key: () => ["shipping-methods", address.value.country, cart.cart?.id ?? "", cart.cart?.version ?? 0],
    query: () =>
      api(
        "GET /shipping-methods",
        { country: address.value.country, cartId: cart.cart?.id },
        { secrets: cart.secrets() },
      ),
    enabled: () => address.value.country !== "" && cart.cart !== undefined,
    placeholderData: (previous) => previous,
  });

  const offered = useQuery({
    key: ["payment-providers"],
    query: () => api("GET /payment-providers", {}),
    staleTime: 600_000,
  });
  const providers = computed(() => offered.data.value?.data ?? []);
  watch(
    providers,
    ([first]) => {
      if (first === "stripe") card.value = "stripe";
    },
    { immediate: true },
  );

  /** The basket learns where it goes, so that its totals hold shipping and tax. */
  watch([() => address.value.country, method], async ([country, shippingMethod]) => {
    if (country !== "" && !attempt.isOpen.value) await guard(() => cart.update({ country, shippingMethod }));
  });

  const missing = computed(() => {
    if (!wasTried.value) return [];
    const gaps: string[] = required.filter((name) => address.value[name].trim() === "");
    return /^\S+@\S+\.\S+$/.test(email.value.trim()) ? gaps : ["email", ...gaps];
  });
  const bodyOf = (): Params<"POST /orders"> => {
    const { line2, region, ...rest } = address.value;
    return {
      cartId: cart.cart?.id,
      cartVersion: cart.cart?.version,
      email: email.value.trim(),
      shippingAddress: { ...rest, ...(line2 && { line2 }), ...(region && { region }) },
      shippingMethod: method.value,
      payment: card.value === "stripe" ? { provider: "stripe" } : { provider: "test", token: card.value },
    };
  };

  const pay = async (): Promise<void> => {
    if (isPaying.value) return;
    wasTried.value = true;
    if (missing.value.length > 0 && !attempt.isOpen.value) return;
    isPaying.value = true;
    clear();
    try {
      const order = await attempt.send(bodyOf(), cart.secrets().cart);
      if (order.secret !== undefined) keepSecret(order.id, order.secret);
      const { nextAction } = order.payment;
      if (order.status !== "pending") cart.forget();
      if (nextAction !== undefined) location.assign(nextAction.url);
      else await router.replace({ name: "order", params: { id: order.id }, query: { placed: "1" } });
    } catch (error) {
      set(error);
      if (hasCode(error, "CART_CHANGED", "OUT_OF_STOCK", "CART_CLOSED", "CART_NOT_FOUND")) await cart.load();
    } finally {
      isPaying.value = false;
    }
  };

  return {
    email,
    address,
    method,
    card,
    providers,
    methods,
    missing,
    isPaying,
    isUndecided: attempt.isOpen,
    failure,
    words,
    pay,
  };
}
