import { ref } from "vue";
import { useProblem } from "../useProblem.ts";
import { useToast } from "../useToast.ts";

/** Runs one privileged change at a time, says when it is done, and keeps what went wrong. */
export function useAction() {
  const { words, guard, clear } = useProblem();
  const { show } = useToast();
  const isBusy = ref(false);
  const run = async (work: () => Promise<unknown>, done?: string): Promise<boolean> => {
    if (isBusy.value) return false;
    isBusy.value = true;
    const went = await guard(work);
    isBusy.value = false;
    if (went && done) show(done);
    return went;
  };
  return { run, words, clear, isBusy };
}
