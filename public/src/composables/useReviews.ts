import { useInfiniteQuery, useQueryCache } from "@pinia/colada";
import { computed, ref } from "vue";
import { api, takeFirstPage } from "../api/index.ts";
import { reviewsQuestion } from "../firstPage.ts";
import { useProblem } from "./useProblem.ts";

/** Reviews of a product, and the form for one more. */
export function useReviews(productId: () => string) {
  const cache = useQueryCache();
  const { words, guard } = useProblem();
  const form = ref({ rating: 0, title: "", text: "" });
  const isSent = ref(false);
  const isSending = ref(false);

  const { data, hasNextPage, loadNextPage } = useInfiniteQuery({
    key: () => ["reviews", productId()],
    query: ({ pageParam }) =>
      api("GET /products/:id/reviews", { ...reviewsQuestion(productId()), cursor: pageParam ?? undefined }),
    initialData: () => takeFirstPage("GET /products/:id/reviews", reviewsQuestion(productId())),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next,
  });
  const reviews = computed(() => data.value?.pages.flatMap((page) => page.data) ?? []);

  const send = async (): Promise<void> => {
    isSending.value = true;
    isSent.value = await guard(() => api("POST /products/:id/reviews", { id: productId(), ...form.value }));
    isSending.value = false;
    if (isSent.value) await cache.invalidateQueries({ key: ["reviews", productId()] });
  };
  return { reviews, hasNextPage, loadNextPage, form, words, isSent, isSending, send };
}
