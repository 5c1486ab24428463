import { expect } from "chai";
import type { Context, ServiceSchema } from "moleculer";
import { actorActions, type Delivery } from "../../../contract/actor-actions.ts";
import type { AuditEntry } from "../../../mixins/sql.types.ts";
import { aBook, eachPlace, startShelf, until, type Started } from "./catalogue.ts";

/** Stands for the audit actor: takes what `accept` lets through. */
class Auditor {
  readonly taken: Delivery[] = [];
  calls = 0;
  accept: (event: Delivery) => true | string = () => true;
  fault: Error | undefined;

  readonly service = {
    name: "audit",
    actions: {
      receive: {
        ...actorActions.receive,
        handler: (ctx: Context<{ events: Delivery[] }>) => this.#receive(ctx.params.events),
      },
    },
  } as unknown as ServiceSchema;

  #receive(events: readonly Delivery[]) {
    this.calls += 1;
    if (this.fault) throw this.fault;
    const done: string[] = [];
    const failed: { id: string; message: string }[] = [];
    const held = new Set<string>();
    for (const event of events) {
      if (held.has(event.entity)) continue;
      const answer = this.accept(event);
      if (answer !== true) {
        failed.push({ id: event.id, message: answer });
        held.add(event.entity);
        continue;
      }
      this.taken.push(event);
      done.push(event.id);
    }
    return { done, failed };
  }

  /** What happened to one document, in the order it was told; repeats left out. */
  versionsOf(id: string): number[] {
    return [...new Set(this.taken.filter(({ entity }) => entity === id).map(({ version }) => version))];
  }
}

const entry = (action: string): AuditEntry => ({ action, entity: "product", entityId: "x", meta: {} });

describe("events inside documents", () => {
  eachPlace((place) => {
    let started: Started;
    let auditor: Auditor;
    let options: Awaited<ReturnType<typeof place>>;
    beforeEach(async () => {
      auditor = new Auditor();
      options = await place();
      started = await startShelf({ ...options, others: [auditor.service] });
    });
    afterEach(() => started.broker.stop());

    const jobs = () => started.broker.call<{ pending: number; parked: number }>("products.jobs");
    /** Makes what waits due, and has it looked at. */
    const pass = async (ms: number) => {
      started.advance(ms);
      await started.broker.broadcastLocal("$services.changed");
    };
    const empty = async () => (await jobs()).pending === 0;
    const write = async (name: string) => {
      const { products } = started.shelf.documents;
      const { id } = await products.insert(aBook(started.shelf, name), (log) => log.audit(entry("made")));
      return id;
    };
    const change = (id: string) =>
      started.shelf.documents.products.update(id, undefined, (now, log) => {
        log.audit(entry("changed"));
        return now;
      });

    it("are delivered to their subscriber and removed", async () => {
      const id = await write("one");
      await change(id);
      await started.shelf.documents.products.remove(id, undefined, (_, log) => log.audit(entry("removed")));
      await until(empty);
      expect(auditor.versionsOf(id)).to.deep.equal([1, 2, 3]);
      expect(auditor.taken[0]).to.deep.include({ type: "audit.entry", entity: id });
      expect(auditor.taken[0]?.payload).to.include({ action: "made", by: "products" });
    });

    it("do not show in the document", async () => {
      auditor.fault = Object.assign(new Error("away"), { type: "SERVICE_NOT_AVAILABLE" });
      const id = await write("plain");
      const keys = Object.keys((await started.shelf.documents.products.get(id)) ?? {});
      expect(keys.filter((key) => key.startsWith("_"))).to.deep.equal([]);
    });

    it("wait for a subscriber that is away, without using up their tries", async () => {
      auditor.fault = Object.assign(new Error("away"), { type: "SERVICE_NOT_AVAILABLE" });
      const id = await write("patient");
      for (let i = 0; i < 15; i += 1) {
        const { calls } = auditor;
        await pass(10_000);
        await until(() => auditor.calls > calls);
      }
      expect(await jobs()).to.deep.include({ pending: 1, parked: 0 });
      auditor.fault = undefined;
      await pass(10_000);
      await until(empty);
      expect(auditor.versionsOf(id)).to.deep.equal([1]);
    });

    it("keep the order of one document's changes when an earlier one fails", async () => {
      let refusals = 3;
      auditor.accept = ({ version }) => (version === 1 && refusals-- > 0 ? "not yet" : true);
      const [id, other] = [await write("ordered"), await write("neighbour")];
      await change(id);
      await until(async () => {
        await pass(5000);
        return empty();
      });
      expect(refusals).to.be.lessThan(0);
      expect(auditor.versionsOf(id)).to.deep.equal([1, 2]);
      expect(auditor.versionsOf(other)).to.deep.equal([1]);
    });

    it("are parked after the last try, hold later ones back, and are sent again on demand", async () => {
      auditor.accept = ({ version }) => (version === 1 ? "never" : true);
      const id = await write("stubborn");
      await change(id);
      await until(async () => {
        await pass(120_000);
        return (await jobs()).parked === 1;
      });
      const { data } = await started.broker.call<{ data: { id: string; error: string; attempts: number }[] }>(
        "products.parked",
      );
      expect(data).to.have.length(1);
      expect(data[0]).to.deep.include({
        subscriber: "audit",
        entity: id,
        attempts: 12,
        error: "audit: never",
      });
      expect(auditor.versionsOf(id)).to.deep.equal([]);
      auditor.accept = () => true;
      expect(await started.broker.call("products.resend", { id: data[0]?.id })).to.deep.equal({
        resent: true,
      });
      await until(async () => (await jobs()).pending === 0 && (await jobs()).parked === 0);
      expect(auditor.versionsOf(id)).to.deep.equal([1, 2]);
    });

    it("fail alone when their delivery breaks the subscriber", async () => {
      const bad = await write("bad");
      await until(empty);
      auditor.taken.length = 0;
      auditor.accept = ({ entity }) => {
        if (entity === bad) throw Object.assign(new Error("broken"), { type: "BROKEN", code: 500 });
        return true;
      };
      await change(bad);
      const good = await write("good");
      await until(() => auditor.versionsOf(good).length === 1);
      // What has arrived is struck off a moment later.
      await until(async () => (await jobs()).pending === 1);
      expect(auditor.versionsOf(bad)).to.deep.equal([]);
    });

    it("survive a restart", async () => {
      auditor.fault = Object.assign(new Error("away"), { type: "SERVICE_NOT_AVAILABLE" });
      const id = await write("restarted");
      await started.broker.stop();
      auditor = new Auditor();
      started = await startShelf({ ...options, others: [auditor.service] });
      await pass(10_000);
      await until(() => auditor.versionsOf(id).length === 1);
    });
  });
});
