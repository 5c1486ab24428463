import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CallFigures, PeerKind, PeerOrder } from "./remote-peer.ts";
import { ms, perSecond, printRow, ratio, type Group, type Row } from "./results.ts";

const CONCURRENCY = 32;

async function peer(order: PeerOrder): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, "remote-peer.ts"));
  child.send(order);
  await once(child, "message");
  return child;
}

async function measure(
  kind: PeerKind,
  url: string,
  concurrency: number,
  seconds: number,
): Promise<CallFigures> {
  const order = { kind, url, concurrency, duration: seconds * 1000 };
  const server = await peer({ ...order, role: "answers" });
  try {
    const caller = await peer({ ...order, role: "calls" });
    const [figures] = (await once(caller, "message")) as [CallFigures];
    return figures;
  } finally {
    server.kill("SIGKILL");
  }
}

const names: Record<PeerKind, string> = {
  nats: "bare NATS request and reply",
  moleculer: "Moleculer with its defaults",
  store: "a node of the store",
};

/** One small call from one process to another over NATS, with and without what the store puts around it. */
export async function remoteCall(url: string, seconds: number): Promise<Group> {
  const rows: Row[] = [];
  for (const concurrency of [1, CONCURRENCY]) {
    let bare: CallFigures | undefined;
    for (const kind of ["nats", "moleculer", "store"] as const) {
      const figures = await measure(kind, url, concurrency, seconds);
      bare ??= figures;
      const row: Row = {
        what: `${names[kind]}, ${concurrency} at once`,
        figures: {
          "calls/s": perSecond(figures.perSecond),
          "p50 ms": ms(figures.p50),
          "p99 ms": ms(figures.p99),
          "p50 of bare NATS": ratio(figures.p50 / bare.p50),
        },
      };
      printRow(row);
      rows.push(row);
    }
  }
  return {
    title: "One remote call",
    about: "An echo of 200 bytes between two processes over one nats-server.",
    rows,
  };
}
