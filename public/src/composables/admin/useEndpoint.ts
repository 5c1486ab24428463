import { useQuery } from "@pinia/colada";
import { ref } from "vue";
import { useI18n } from "vue-i18n";
import { useRouter } from "vue-router";
import { api, type Params } from "../../api/index.ts";
import { useAction } from "./useAction.ts";
import { useTable } from "./useTable.ts";

/** One webhook endpoint with the log of its deliveries. */
export function useEndpoint(id: string) {
  const { t } = useI18n();
  const router = useRouter();
  const { run, words, isBusy, clear } = useAction();
  const {
    data: endpoint,
    error,
    refetch,
  } = useQuery({
    key: ["admin", "webhook", id],
    query: () => api("GET /webhook-endpoints/:id", { id }),
    staleTime: 0,
  });
  const table = useTable("GET /webhook-endpoints/:id/deliveries", ["status"], { fixed: { id } });
  const secret = ref<string>();
  const look = (): Promise<unknown> => Promise.all([refetch(), table.refetch()]);

  const change = (facts: Omit<Params<"PATCH /webhook-endpoints/:id">, "id">): Promise<boolean> =>
    run(async () => {
      const { version } = endpoint.value ?? {};
      await api("PATCH /webhook-endpoints/:id", { id, ...facts }, { version }).finally(refetch);
    }, t("actions.saved"));
  const remove = (): Promise<boolean> =>
    run(async () => {
      await api("DELETE /webhook-endpoints/:id", { id });
      await router.replace({ name: "admin-webhooks" });
    });
  const rotate = (): Promise<boolean> =>
    run(async () => {
      secret.value = (await api("POST /webhook-endpoints/:id/rotate", { id })).secret;
      await refetch();
    });
  const test = (): Promise<boolean> =>
    run(async () => {
      await api("POST /webhook-endpoints/:id/test", { id });
      await look();
    }, t("admin.webhooks.testSent"));
  const resend = (deliveryId: string): Promise<boolean> =>
    run(async () => {
      await api("POST /webhook-endpoints/:id/deliveries/:deliveryId/resend", { id, deliveryId });
      await look();
    }, t("admin.webhooks.resent"));
  /** All events since a moment; the store takes 10,000 at a time. */
  const replay = async (since: string): Promise<number | undefined> => {
    let queued = 0;
    const went = await run(async () => {
      for (let from: string | null = since; from !== null;) {
        const part: { queued: number; next: string | null } = await api(
          "POST /webhook-endpoints/:id/replay",
          {
            id,
            since: from,
          },
        );
        queued += part.queued;
        from = part.next;
      }
      await look();
    });
    return went ? queued : undefined;
  };
  return {
    endpoint,
    error,
    refetch,
    table,
    secret,
    words,
    isBusy,
    clear,
    look,
    change,
    remove,
    rotate,
    test,
    resend,
    replay,
  };
}
