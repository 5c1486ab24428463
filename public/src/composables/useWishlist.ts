import { useMutation, useQuery, useQueryCache } from "@pinia/colada";
import { computed } from "vue";
import { api } from "../api/index.ts";
import { useSessionStore } from "../stores/session.ts";

/** The products that the account keeps for later. */
export function useWishlist() {
  const session = useSessionStore();
  const cache = useQueryCache();
  const { data, status, error, refresh, refetch } = useQuery({
    key: ["wishlist"],
    query: () => api("GET /me/wishlist", {}),
    enabled: () => session.isSignedIn,
  });
  const ids = computed(() =>
    session.isSignedIn ? (data.value?.data ?? []).map((item) => item.productId) : [],
  );
  const has = (productId: string): boolean => ids.value.includes(productId);

  const { mutateAsync: toggle } = useMutation({
    mutation: async (productId: string): Promise<unknown> => {
      // Who presses before the list is there means what is on it, not an empty one.
      if (data.value === undefined) await refresh(true);
      return has(productId)
        ? api("DELETE /me/wishlist/:productId", { productId })
        : api("PUT /me/wishlist/:productId", { productId });
    },
    onSettled: () => cache.invalidateQueries({ key: ["wishlist"] }),
  });
  return { ids, has, toggle, status, error, refetch };
}
