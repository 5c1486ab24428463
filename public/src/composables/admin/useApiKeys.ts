import { useQuery } from "@pinia/colada";
import { computed, ref } from "vue";
import { useI18n } from "vue-i18n";
import { api, type Item, type Params } from "../../api/index.ts";
import { useAction } from "./useAction.ts";

export type ApiKey = Item<"GET /api-keys">;
type State = "live" | "expired" | "revoked";

/** The keys of programs: made, exchanged and revoked here. */
export function useApiKeys() {
  const { t } = useI18n();
  const { run, words, isBusy, clear } = useAction();
  const { data, error, status, refetch } = useQuery({
    key: ["admin", "api-keys"],
    query: () => api("GET /api-keys", {}),
    staleTime: 0,
  });
  /** A fresh key; nobody can ask for it again. */
  const secret = ref<string>();
  const showsOld = ref(false);

  const stateOf = ({ revokedAt, expiresAt }: ApiKey): State => {
    if (revokedAt !== null) return "revoked";
    return expiresAt !== null && Date.parse(expiresAt) <= Date.now() ? "expired" : "live";
  };
  const all = computed(() => data.value?.data ?? []);
  const keys = computed(() => all.value.filter((key) => showsOld.value || stateOf(key) === "live"));
  const old = computed(() => all.value.filter((key) => stateOf(key) !== "live").length);

  const create = (body: Params<"POST /api-keys">): Promise<boolean> =>
    run(async () => {
      secret.value = (await api("POST /api-keys", body)).key;
      await refetch();
    });
  const rotate = ({ id }: ApiKey): Promise<boolean> =>
    run(async () => {
      secret.value = (await api("POST /api-keys/:id/rotate", { id })).key;
      await refetch();
    });
  const revoke = ({ id }: ApiKey): Promise<boolean> =>
    run(async () => {
      await api("DELETE /api-keys/:id", { id });
      await refetch();
    }, t("admin.apiKeys.revoked"));
  return {
    keys,
    old,
    showsOld,
    secret,
    error,
    status,
    words,
    isBusy,
    stateOf,
    create,
    rotate,
    revoke,
    clear,
    refetch,
  };
}
