import { useQuery } from "@pinia/colada";
import { computed, ref } from "vue";
import { api, type Answer } from "../../api/index.ts";
import { currency as preferred } from "../../stores/preferences.ts";

type Day = Answer<"GET /admin/stats">["days"][number];
const DAY_MS = 86_400_000;
const SPAN = 14;

/** The dashboard's figures: one row per day, today beside the same day of last week. */
export function useStats() {
  const currency = ref(preferred.value);
  const { data, error, status, refetch } = useQuery({
    key: ["admin", "stats"],
    query: () => api("GET /admin/stats", { days: SPAN }),
    staleTime: 0,
  });
  const currencies = computed(() => [
    ...new Set([currency.value, ...(data.value?.days ?? []).map((day) => day.currency)]),
  ]);

  const nothing = (day: string): Day => ({
    day,
    currency: currency.value,
    orders: 0,
    revenue: 0,
    refunds: 0,
    units: 0,
  });
  /** Days without an order have no row: they are zero. */
  const days = computed(() => {
    const byDay = new Map(
      (data.value?.days ?? []).filter((day) => day.currency === currency.value).map((day) => [day.day, day]),
    );
    return Array.from({ length: SPAN }, (_, index) => {
      const day = new Date(Date.now() - (SPAN - 1 - index) * DAY_MS).toISOString().slice(0, 10);
      return byDay.get(day) ?? nothing(day);
    });
  });
  const today = computed(() => days.value.at(-1) ?? nothing(""));
  const lastWeek = computed(() => days.value.at(-8) ?? nothing(""));
  const basketOf = ({ revenue, orders }: Day): number => (orders === 0 ? 0 : Math.round(revenue / orders));
  const bestSellers = computed(() => data.value?.bestSellers ?? []);
  return { currency, currencies, days, today, lastWeek, basketOf, bestSellers, error, status, refetch };
}
