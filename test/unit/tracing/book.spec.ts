import { expect } from "chai";
import { TraceBook } from "../../../tracing/book.ts";
import { currentSpan, runIn, runOutside } from "../../../tracing/current.ts";
import { parseTraceParent, traceOfRequest } from "../../../tracing/ids.ts";
import type { Span } from "../../../tracing/span.ts";

const uuid = "0198c0de-0000-7000-8000-00000000000a";

describe("TraceBook", () => {
  let shown: Span[];
  let told: string[];
  const book = (
    over: { sample?: number; slowMs?: number; held?: number; shared?: boolean } = {},
  ): TraceBook => {
    shown = [];
    told = [];
    const emit = (span: Span) => void shown.push(span);
    const tell = (id: string) => void told.push(id);
    return new TraceBook({ emit, tell, sample: 0, slowMs: 1000, held: 10, shared: true, ...over });
  };
  const names = () => shown.map(({ name }) => name);

  it("shows nothing of a request that went well, and all of one that failed", () => {
    const traces = book();
    for (const status of [200, 503]) {
      const root = traces.begin(
        "request",
        `answered ${status}`,
        "gateway",
        uuid.replace("a", String(status)),
      );
      root.child("action", "inner").end();
      root.end();
      traces.decide(root, status);
    }
    expect(names()).to.deep.equal(["inner", "answered 503"]);
    expect(told).to.have.lengthOf(1);
  });

  it("says when a span began and how long it took, in milliseconds", () => {
    const { now } = performance;
    let at = now.call(performance);
    performance.now = () => at;
    try {
      const began = performance.timeOrigin + at;
      const root = book({ slowMs: 40 }).begin("request", "root", "gateway", uuid);
      at += 12.345;
      const inner = root.child("action", "inner");
      at += 30;
      inner.end();
      // Longer than a span's microseconds fit into 31 bits.
      at += 3_600_000;
      root.end();
      expect(root.startTime).to.be.closeTo(began, 0.01);
      expect(inner.startTime).to.be.closeTo(began + 12.345, 0.01);
      expect(inner.finishTime).to.be.closeTo(began + 42.345, 0.01);
      expect(inner.duration).to.be.closeTo(30, 0.001);
      expect(root.duration).to.be.closeTo(3_600_042.345, 0.001);
    } finally {
      performance.now = now;
    }
  });

  it("keeps what spans of one batch were told together apart from what one is told alone", () => {
    const root = book().begin("request", "root", "gateway", uuid);
    const [one, other] = [root.child("sql", "one"), root.child("sql", "other")];
    const tags = { batch: 2 };
    one.tags = tags;
    other.tags = tags;
    one.note("more", 1);
    expect([one.tags, other.tags]).to.deep.equal([{ batch: 2, more: 1 }, { batch: 2 }]);
  });

  it("shows spans that end after it was decided, and what events bring later", () => {
    const traces = book();
    const root = traces.begin("request", "root", "gateway", uuid);
    const late = root.child("sql", ["select * from t where id = ", ""]);
    const { traceparent } = root;
    root.end();
    traces.decide(root, 500);
    late.end();
    traces.later("webhook", "hook", "webhooks", traceparent)?.end();
    expect(names()).to.deep.equal(["root", "select * from t where id = ?", "hook"]);
  });

  it("knows nothing later of a trace that nobody keeps", () => {
    const traces = book({ held: 1 });
    const root = traces.begin("request", "root", "gateway", uuid);
    traces.begin("request", "next", "gateway", uuid.replace("a", "b"));
    expect(traces.later("outbox", "event", "orders", root.traceparent)).to.equal(undefined);
    traces.insist("outbox", "event", "orders", root.traceparent)?.end({ type: "EVENT_REFUSED" });
    expect(names()).to.deep.equal(["event"]);
  });

  it("samples its part exactly", () => {
    const traces = book({ sample: 0.25, held: 1000 });
    for (let n = 0; n < 100; n++)
      traces.begin("request", "root", "gateway", `${uuid.slice(0, -3)}${100 + n}`).end();
    expect(shown).to.have.lengthOf(25);
  });

  it("keeps twenty refusals of a burst, and every failure", () => {
    const traces = book({ held: 1000 });
    const many = (status: number) => {
      for (let n = 0; n < 200; n++) {
        const root = traces.begin("request", "root", "gateway", `${status}-request-${n}`);
        root.end();
        traces.decide(root, status);
      }
      return told.length;
    };
    expect(many(404)).to.be.within(20, 30);
    const before = told.length;
    expect(many(500) - before).to.equal(200);
  });

  it("names an error by its type and never by its words", () => {
    const traces = book({ sample: 1 });
    const root = traces.begin("request", "root", "gateway", uuid);
    root.end(Object.assign(new Error("ada@example.org is taken"), { type: "EMAIL_TAKEN", code: 409 }));
    expect(shown[0]?.error).to.deep.equal({ type: "EMAIL_TAKEN", code: 409 });
  });
});

describe("trace ids", () => {
  it("are the request's own where it is a UUID, else made of it, the same on every node", () => {
    expect(traceOfRequest(uuid)).to.equal(uuid.replaceAll("-", ""));
    expect(traceOfRequest("integrator-17"))
      .to.match(/^[0-9a-f]{32}$/)
      .and.equal(traceOfRequest("integrator-17"));
  });

  it("come from a valid traceparent alone", () => {
    const [trace, span] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
    expect(parseTraceParent(`00-${trace}-${span}-01`)).to.deep.equal({
      traceID: trace,
      spanID: span,
      sampled: true,
    });
    for (const bad of [
      undefined,
      "",
      `01-${trace}-${span}-01`,
      `00-${trace.toUpperCase()}-${span}-01`,
      `00-${"0".repeat(32)}-${span}-01`,
      `00-${trace}-${"0".repeat(16)}-01`,
      `00-${trace}-${span}-01-more`,
    ])
      expect(parseTraceParent(bad), String(bad)).to.equal(undefined);
  });
});

describe("the current span", () => {
  it("follows the work across awaits and timers, and not outside", async () => {
    const traces = new TraceBook({
      emit: () => undefined,
      tell: () => undefined,
      sample: 0,
      slowMs: 1,
      held: 1,
      shared: true,
    });
    const span = traces.begin("request", "root", "gateway", uuid);
    span.trace.enter(span);
    await runIn(span, async () => {
      await new Promise((done) => setTimeout(done, 1));
      expect(currentSpan()).to.equal(span);
      expect(runOutside(() => currentSpan())).to.equal(undefined);
      const inner = span.child("action", "inner");
      span.trace.enter(inner);
      span.child("sql", "never entered").end();
      expect(currentSpan()).to.equal(inner);
      inner.end();
      expect(currentSpan(), "after the inner one has ended").to.equal(span);
    });
    expect(currentSpan()).to.equal(undefined);
  });
});
