import { expect } from "chai";
import { createHmac } from "node:crypto";
import { deriveSecret } from "../../../mixins/secrets.ts";

describe("a derived secret", () => {
  const made = (appSecret: string, text: string) =>
    createHmac("sha256", appSecret).update(text).digest("base64url");

  it("is another for each store, purpose and id, also when one of them was asked before", () => {
    for (const id of ["a", "b"])
      for (const purpose of ["cart", "order"] as const)
        for (const appSecret of ["one", "two", "one"])
          expect(deriveSecret(appSecret, purpose, id)).to.equal(made(appSecret, `${purpose}:${id}`));
  });

  it("is the same when it was forgotten", () => {
    const first = deriveSecret("one", "cart", "first");
    for (let n = 0; n < 2000; n++) deriveSecret("one", "cart", `id ${n}`);
    expect(deriveSecret("one", "cart", "first")).to.equal(first);
  });
});
