import { onUnmounted, ref } from "vue";
import { api, follow, open, upload, type Answer } from "../../api/index.ts";
import { saveAs } from "./download.ts";
import { useAction } from "./useAction.ts";

type Import = Answer<"GET /admin/imports/:id">;

/** Starts an import and follows it until it ends. */
export function useImport(onEnd: () => unknown) {
  const { run, words, isBusy } = useAction();
  const current = ref<Import>();
  let stop: (() => void) | undefined;
  onUnmounted(() => stop?.());

  const look = async (id: string): Promise<void> => {
    current.value = await api("GET /admin/imports/:id", { id });
    if (current.value.status === "running") return;
    stop?.();
    onEnd();
  };
  const watchImport = (id: string): void => {
    stop?.();
    stop = follow("GET /admin/imports/:id/stream", { id }, () => void look(id));
    void look(id);
  };
  const start = (file: File, dryRun: boolean): Promise<boolean> =>
    run(async () => {
      current.value = await upload("POST /admin/imports", { dryRun }, file);
      watchImport(current.value.id);
    });
  const saveErrors = (id: string): Promise<boolean> =>
    run(async () => saveAs(await open("GET /admin/imports/:id/errors", { id }), "refused-rows.csv"));
  return { current, words, isBusy, start, watchImport, saveErrors };
}
