import { ref } from "vue";
import { api, upload, type Answer } from "../../api/index.ts";
import { useAction } from "./useAction.ts";

const LOOK_MS = 250;
const TYPES = "image/jpeg,image/png,image/webp,image/avif,image/gif";

/** Sends pictures one after another and waits until the store has made its files of each. */
export function usePictureUpload(done: (url: string, file: File) => void) {
  const { run, words, isBusy } = useAction();
  /** The file that is on its way, and how many wait behind it. */
  const current = ref<{ name: string; left: number }>();

  const settled = async (id: string): Promise<Answer<"GET /admin/pictures/:id">> => {
    for (;;) {
      const picture = await api("GET /admin/pictures/:id", { id });
      if (picture.status !== "waiting") return picture;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };
  const send = async (file: File): Promise<void> => {
    const type = file.type || "application/octet-stream";
    const sent = await upload("POST /admin/pictures", {}, file, type);
    const { status, url, error } = sent.status === "waiting" ? await settled(sent.id) : sent;
    if (status === "failed")
      throw Object.assign(new Error(), { ...refusal, detail: `${file.name}: ${error}` });
    done(url, file);
  };
  const add = async (files: readonly File[]): Promise<void> => {
    await run(async () => {
      for (const [index, file] of files.entries()) {
        current.value = { name: file.name, left: files.length - index - 1 };
        await send(file);
      }
    });
    current.value = undefined;
  };
  return { add, current, words, isBusy, types: TYPES };
}
const refusal = { type: "problem" as const, status: 422, code: "PICTURE_UNREADABLE" };
