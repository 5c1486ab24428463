import { statfs } from "node:fs/promises";
import type { Middleware, ServiceBroker } from "moleculer";
import { contextOf } from "../mixins/context.ts";

const shownEvery = 5000;

/** How much of the disk under the data folder is free, 0 to 1. */
export function diskMetrics(broker: ServiceBroker): Middleware {
  const { metrics } = broker;
  const { dataDir } = contextOf(broker).config;
  const name = "valence.disk.free.ratio";
  metrics.register({ type: "gauge", name, description: "Free part of the disk under the data folder" });
  const show = async (): Promise<void> => {
    // A node whose actors all have a database server may have no such folder.
    const disk = await statfs(dataDir).catch(() => undefined);
    if (disk && disk.blocks > 0) metrics.set(name, disk.bavail / disk.blocks);
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    name: "DiskMetrics",
    starting() {
      timer = setInterval(() => void show(), shownEvery).unref();
      return show();
    },
    stopped() {
      clearInterval(timer);
    },
  } as unknown as Middleware;
}
