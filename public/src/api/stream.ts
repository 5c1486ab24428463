import { open, type CallOptions } from "./client.ts";
import type { Params, Route } from "./routes.ts";

/**
 * Reads an event stream by `fetch`, because `EventSource` cannot send the headers that say who asks. Connects again
 * until it is stopped, a little later each time.
 * @param onData gets the parsed data of each event
 */
export function follow<R extends Route>(
  route: R,
  params: Params<R>,
  onData: (data: unknown) => void,
  options: CallOptions = {},
): () => void {
  const abort = new AbortController();
  void (async () => {
    for (let wait = 1000; !abort.signal.aborted; wait = Math.min(wait * 2, 30_000)) {
      try {
        const response = await open(route, params, { ...options, signal: abort.signal });
        if (response.body) await read(response.body, onData);
        wait = 1000;
      } catch (error) {
        const status = (error as { status?: number }).status ?? 0;
        if (abort.signal.aborted || (status >= 400 && status < 500 && status !== 429)) return;
      }
      await pause(wait, abort.signal);
    }
  })();
  return () => abort.abort();
}

async function read(body: ReadableStream<Uint8Array>, onData: (data: unknown) => void): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split(/\r?\n\r?\n/);
    rest = events.pop() ?? "";
    for (const event of events) emit(event, onData);
  }
}

function emit(event: string, onData: (data: unknown) => void): void {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith("data:"));
  if (lines.length === 0) return;
  const text = lines.map((line) => line.slice(5).trim()).join("\n");
  try {
    onData(JSON.parse(text));
  } catch {
    onData(text);
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
