import { useQuery, useQueryCache } from "@pinia/colada";
import { computed, onUnmounted, watch } from "vue";
import { api, follow, type Order } from "../api/index.ts";
import { useSessionStore } from "../stores/session.ts";
import { secretOf } from "./orderSecrets.ts";
import { useProblem } from "./useProblem.ts";

const settled = new Set<Order["status"]>(["cancelled", "rejected", "expired", "returned"]);

/** An order as it is now and as it changes, and what its customer may do with it. */
export function useOrder(id: () => string) {
  const cache = useQueryCache();
  const session = useSessionStore();
  const { words, guard } = useProblem();
  const secrets = () => ({ order: secretOf(id()) });
  const key = () => ["order", id()];
  const {
    data: order,
    error,
    refetch,
  } = useQuery({
    key,
    query: async () => {
      await session.restore();
      return api("GET /orders/:id", { id: id() }, { secrets: secrets() });
    },
    staleTime: 0,
  });

  let stop: (() => void) | undefined;
  const isLive = computed(() => order.value !== undefined && !settled.has(order.value.status));
  watch(
    [isLive, id],
    ([live]) => {
      stop?.();
      if (!live) return;
      stop = follow("GET /orders/:id/stream", { id: id() }, () => void refetch(), { secrets: secrets() });
    },
    { immediate: true },
  );
  onUnmounted(() => stop?.());

  const keep = (next: Order): void => cache.setQueryData(key(), next);
  const cancel = (): Promise<boolean> =>
    guard(async () => keep(await api("POST /orders/:id/cancel", { id: id() }, { secrets: secrets() })));
  const requestReturn = (lines: { sku: string; quantity: number }[], reason: string): Promise<boolean> =>
    guard(async () => {
      const params = { id: id(), lines, reason };
      await api("POST /orders/:id/returns", params, { secrets: secrets(), key: crypto.randomUUID() });
      await refetch();
    });
  return { order, error, refetch, words, cancel, requestReturn };
}
