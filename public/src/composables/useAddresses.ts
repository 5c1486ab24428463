import { useQuery, useQueryCache } from "@pinia/colada";
import { computed, ref } from "vue";
import { api, type Address, type SavedAddress } from "../api/index.ts";
import { emptyAddress } from "./useCheckout.ts";
import { useProblem } from "./useProblem.ts";

/** Saved addresses, and the form that adds or changes one. */
export function useAddresses() {
  const cache = useQueryCache();
  const { words, guard, clear } = useProblem();
  const { data, status, error, refetch } = useQuery({
    key: ["addresses"],
    query: () => api("GET /me/addresses", {}),
  });
  const addresses = computed(() => data.value?.data ?? []);
  const edited = ref<{ saved?: SavedAddress; address: Required<Address>; isDefault: boolean }>();
  const missing = ref<string[]>([]);

  const edit = (saved?: SavedAddress): void => {
    clear();
    missing.value = [];
    const { id: _id, isDefault = false, version: _version, ...rest } = saved ?? {};
    edited.value = { saved, address: { ...emptyAddress(), ...rest }, isDefault };
  };
  const close = (): void => {
    edited.value = undefined;
  };
  const reload = (): Promise<unknown> => cache.invalidateQueries({ key: ["addresses"] });

  const save = async (): Promise<void> => {
    if (edited.value === undefined) return;
    const { saved, address, isDefault } = edited.value;
    const needed = ["name", "line1", "city", "postalCode", "country"] as const;
    missing.value = needed.filter((name) => address[name].trim() === "");
    if (missing.value.length > 0) return;
    const body = { ...address, isDefault };
    const went = await guard(() =>
      saved
        ? api("PATCH /me/addresses/:id", { ...body, id: saved.id }, { version: saved.version })
        : api("POST /me/addresses", body, { key: crypto.randomUUID() }),
    );
    if (!went) return;
    close();
    await reload();
  };
  const remove = async (id: string): Promise<void> => {
    if (await guard(() => api("DELETE /me/addresses/:id", { id }))) await reload();
  };
  return { addresses, status, error, refetch, edited, missing, words, edit, close, save, remove };
}
