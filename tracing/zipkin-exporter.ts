import { TracerExporters } from "moleculer";
import type { Span } from "moleculer";

const most = 5000;

/** Moleculer's Zipkin exporter with whole trace ids (it cuts them to 16 digits, which ours share) and an end to its queue. */
export class ZipkinExporter extends TracerExporters.Zipkin {
  declare queue: Span[];
  declare flush: () => void;

  constructor(baseURL: string) {
    super({ baseURL, interval: 2 });
  }

  override convertID(id: string | undefined): string {
    // A span without a parent has none; JSON leaves undefined out.
    return id?.replaceAll("-", "") as string;
  }

  override spanFinished(span: Span): void {
    if (this.queue.length < most) super.spanFinished(span);
  }

  override stop(): void {
    this.flush();
    super.stop();
  }
}
