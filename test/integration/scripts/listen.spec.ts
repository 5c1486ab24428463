import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { Webhook } from "standardwebhooks";
import { eventually } from "../../helpers/eventually.ts";
import { startStore } from "../../helpers/store.ts";
import { anEvent, feed, receiver } from "../webhooks/receiver.ts";

const password = "correct horse battery staple";
const script = join(import.meta.dirname, "../../../scripts/listen.ts");

describe("npm run listen", function () {
  this.timeout(30_000);

  it("posts the store's events to a program, signed with the secret that it says", async () => {
    const store = await startStore({ services: ["gateway", "users", "webhooks"] });
    const hook = await receiver();
    const email = "ops@example.com";
    await store.call("users.create", { email, password, name: "Ops", role: "admin" });
    const { accessToken } = await store.call("users.login", { email, password });
    const args = [script, "--forward", hook.url, "--url", store.url, "--key", accessToken];
    const child = spawn(process.execPath, args);
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    try {
      await eventually(() => output.includes("Listening"), 15_000);
      const event = anEvent();
      await feed(store, [event]);
      const got = await eventually(() => hook.got[0]);
      const secret = /whsec_\S+/.exec(output)?.[0] ?? "";
      expect(new Webhook(secret).verify(got.body, got.headers)).to.deep.include({ id: event.id });
    } finally {
      child.kill();
      await store.stop();
      await hook.close();
    }
  });
});
