import { computed, ref } from "vue";
import { useI18n } from "vue-i18n";
import { isProblem, type Problem } from "../api/index.ts";

/** Holds the last failure of a form or a page, in words for the shopper. */
export function useProblem() {
  const { t, te } = useI18n();
  const failure = ref<Problem>();

  const words = computed(() => {
    const problem = failure.value;
    if (problem === undefined) return undefined;
    const key = `problems.${problem.code}`;
    const text = te(key) || te(key, "en") ? t(key) : problem.detail || t("problems.INTERNAL");
    const fields = (problem.errors ?? []).map(({ pointer, message }) => `${pointer.slice(1)} ${message}`);
    const items = (problem.items ?? []).map((item) => t("problems.OUT_OF_STOCK_ITEM", { ...item }));
    return { text, details: [...items, ...fields, ...reasonOf(problem, text)], requestId: problem.requestId };
  });

  const set = (error: unknown): void => {
    if (isProblem(error)) failure.value = error;
    else {
      failure.value = Object.assign(new Error(String(error)), {
        type: "problem" as const,
        status: 0,
        code: "INTERNAL",
        detail: "",
      });
    }
  };
  const clear = (): void => {
    failure.value = undefined;
  };
  /** Runs something and keeps what goes wrong; answers whether it went well. */
  const guard = async (run: () => Promise<unknown>): Promise<boolean> => {
    clear();
    try {
      await run();
      return true;
    } catch (error) {
      set(error);
      return false;
    }
  };
  return { failure, words, set, clear, guard };
}

/** Some refusals say more than their code does. */
const reasonOf = ({ code, detail }: Problem, text: string): string[] =>
  code === "COUPON_NOT_APPLICABLE" && detail !== text ? [detail] : [];
