import { useQuery, useQueryCache } from "@pinia/colada";
import { computed } from "vue";
import { useI18n } from "vue-i18n";
import { api, follow, type Order } from "../../api/index.ts";
import { onUnmounted, watch } from "vue";
import { useAction } from "./useAction.ts";

type Return = Order["returns"][number];

/** One order as the staff sees it, and the moves that its state allows. */
export function useAdminOrder(id: () => string) {
  const { t } = useI18n();
  const cache = useQueryCache();
  const { run, words, isBusy } = useAction();
  const key = () => ["admin", "order", id()];
  const {
    data: order,
    error,
    refetch,
  } = useQuery({
    key,
    query: () => api("GET /admin/orders/:id", { id: id() }),
    staleTime: 0,
  });
  let stop: (() => void) | undefined;
  watch(
    id,
    (value) => {
      stop?.();
      stop = follow("GET /orders/:id/stream", { id: value }, () => void refetch());
    },
    { immediate: true },
  );
  onUnmounted(() => stop?.());

  const can = computed(() => {
    const status = order.value?.status;
    return {
      pack: status === "confirmed",
      ship: status === "packed",
      deliver: status === "shipped",
      cancel: status === "confirmed" || status === "packed",
      refund: left.value > 0,
    };
  });
  /** What may still go back: captured, less what went back or is on its way. */
  const left = computed(() => {
    const going = (order.value?.refunds ?? []).filter((refund) => refund.status !== "failed");
    return (
      (order.value?.payment.captured.amount ?? 0) -
      going.reduce((sum, refund) => sum + refund.amount.amount, 0)
    );
  });

  const done = (what: string): string => t("admin.orders.done", { what });
  const keep = (next: Order): void => cache.setQueryData(key(), next);
  const version = () => ({ version: order.value?.version });
  const pack = () =>
    run(
      async () => keep(await api("POST /admin/orders/:id/pack", { id: id() }, version())),
      done(t("admin.orders.pack")),
    );
  const ship = (carrier: string, trackingNumber: string) =>
    run(
      async () => {
        const facts = { ...(carrier && { carrier }), ...(trackingNumber && { trackingNumber }) };
        keep(await api("POST /admin/orders/:id/ship", { id: id(), ...facts }, version()));
      },
      done(t("admin.orders.ship")),
    );
  const deliver = () =>
    run(
      async () => keep(await api("POST /admin/orders/:id/deliver", { id: id() }, version())),
      done(t("admin.orders.deliver")),
    );
  const cancel = (reason: string) =>
    run(
      async () => keep(await api("POST /admin/orders/:id/cancel", { id: id(), reason }, version())),
      done(t("admin.orders.cancel")),
    );
  /** @param attempt the key of this attempt: a refund pressed twice counts once */
  const refund = (amount: number, reason: string, attempt: string) =>
    run(
      async () => {
        const money = { amount, currency: order.value?.currency ?? "" };
        keep(
          await api("POST /admin/orders/:id/refund", { id: id(), amount: money, reason }, { key: attempt }),
        );
      },
      done(t("admin.orders.refund")),
    );
  const decide = (item: Return, verb: "approve" | "receive" | "refuse") =>
    run(
      async () => {
        await api(`POST /admin/returns/:id/${verb}`, { id: item.id });
        await refetch();
      },
      done(t(`admin.orders.${verb}`)),
    );

  return { order, error, refetch, words, isBusy, can, left, pack, ship, deliver, cancel, refund, decide };
}
