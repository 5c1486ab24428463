import type { BrokerOptions } from "moleculer";
import { KeptExporter } from "../tracing/kept-exporter.ts";
import { OtlpExporter } from "../tracing/otlp-exporter.ts";
import { ZipkinExporter } from "../tracing/zipkin-exporter.ts";
import type { Config } from "./config.ts";

/** Where kept traces go: to the `metrics` actor, and to whichever servers the environment names. */
export function tracingOptions({ tracing }: Config): BrokerOptions["tracing"] {
  if (tracing === undefined) return { enabled: false };
  const { otlp, zipkinUrl } = tracing;
  const exporter = [
    new KeptExporter(),
    ...(otlp ? [new OtlpExporter(otlp.endpoint, otlp.headers)] : []),
    ...(zipkinUrl === undefined ? [] : [new ZipkinExporter(zipkinUrl)]),
  ];
  // Which spans there are is decided by our own middleware; whatever is made past it is not shown.
  return { enabled: true, sampling: { rate: 0 }, exporter: exporter as never };
}
