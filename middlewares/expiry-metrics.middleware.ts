import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Middleware, ServiceBroker } from "moleculer";
import { contextOf } from "../mixins/context.ts";

const shownEvery = 10_000;

/** Seconds that the first certificate of a file to end is still valid; 0 when the file cannot be read. */
export async function certificateLeft(file: string, now: number): Promise<number> {
  try {
    const blocks = (await readFile(file, "utf8")).match(
      /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
    );
    if (blocks === null) return 0;
    const ends = blocks.map((block) => Date.parse(new X509Certificate(block).validTo));
    return (Math.min(...ends) - now) / 1000;
  } catch {
    return 0;
  }
}

/** What ends by itself one day: the certificates that the operator named, and signing keys that carry an end. */
export function expiryMetrics(broker: ServiceBroker): Middleware {
  const { metrics } = broker;
  const { config, clock } = contextOf(broker);
  const certificate = "valence.certificate.expires.seconds";
  const key = "valence.jwt.key.expires.seconds";
  metrics.register({
    type: "gauge",
    name: certificate,
    labelNames: ["file"],
    description: "Time that a certificate is still valid; 0 when it cannot be read",
  });
  metrics.register({
    type: "gauge",
    name: key,
    labelNames: ["kid"],
    description: "Time until a signing key that carries an end (exp) should be replaced",
  });
  const show = async (): Promise<void> => {
    const now = clock.now();
    for (const { kid, exp } of config.jwtKeys)
      if (exp !== undefined) metrics.set(key, exp - now / 1000, { kid });
    for (const file of config.certificateFiles)
      metrics.set(certificate, await certificateLeft(file, now), { file: basename(file) });
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    name: "ExpiryMetrics",
    starting() {
      timer = setInterval(() => void show(), shownEvery).unref();
      return show();
    },
    stopped() {
      clearInterval(timer);
    },
  } as unknown as Middleware;
}
