import { expect } from "chai";
import { uuidv7 } from "../../../mixins/uuid.ts";
import { refusal, startPeople, type People, type Person } from "./people.ts";

const newId = uuidv7({ now: () => Date.now() });
const home = { name: "Ann Lee", line1: "1 High St", city: "York", postalCode: "YO1 1AA", country: "GB" };

describe("users: profile", () => {
  let store: People;
  let number = 0;
  before(async () => {
    store = await startPeople();
  });
  after(() => store.stop());

  const person = async (): Promise<Person> => {
    const email = `me${++number}@shop.example`;
    await store.register(email);
    return store.login(email);
  };

  it("shows and changes the own name, and counts the version", async () => {
    const { meta, user } = await person();
    expect(await store.call("users.me", {}, { meta })).to.deep.equal(user);
    const changed = await store.call(
      "users.updateMe",
      { name: "Ann B. Lee" },
      { meta: { ...meta, ifMatch: 1 } },
    );
    expect(changed).to.include({ name: "Ann B. Lee", version: 2 });
    const error = await refusal(
      store.call("users.updateMe", { name: "X" }, { meta: { ...meta, ifMatch: 1 } }),
    );
    expect(error).to.include({ code: 412, type: "VERSION_MISMATCH" });
    expect(await store.call("users.me", {}, { meta })).to.include({ name: "Ann B. Lee", version: 2 });
  });

  it("refuses another account's address", async () => {
    const one = await person();
    const other = await person();
    const error = await refusal(
      store.call("users.updateMe", { email: other.user.email.toUpperCase() }, { meta: one.meta }),
    );
    expect(error).to.include({ code: 409, type: "EMAIL_TAKEN" });
  });

  it("answers a repeated key without a second change", async () => {
    const { meta } = await person();
    const keyed = () => ({ meta: { ...meta, idempotencyKey: "k1" } });
    const first = await store.call("users.addAddress", home, keyed());
    expect(await store.call("users.addAddress", home, keyed())).to.deep.equal(first);
    expect((await store.call("users.addresses", {}, { meta })).data).to.have.length(1);
    const error = await refusal(store.call("users.addAddress", { ...home, city: "Leeds" }, keyed()));
    expect(error).to.include({ code: 422, type: "IDEMPOTENCY_KEY_REUSED" });
  });

  describe("addresses", () => {
    const defaults = async ({ meta }: Person) =>
      (await store.call("users.addresses", {}, { meta })).data
        .filter(({ isDefault }) => isDefault)
        .map(({ id }) => id);

    it("has exactly one default as soon as there is an address", async () => {
      const one = await person();
      const { meta } = one;
      const first = await store.call("users.addAddress", home, { meta });
      expect(first).to.deep.include({ ...home, isDefault: true, version: 1 });
      const second = await store.call("users.addAddress", { ...home, isDefault: true }, { meta });
      expect(await defaults(one)).to.deep.equal([second.id]);
      await store.call("users.updateAddress", { id: first.id, isDefault: true }, { meta });
      expect(await defaults(one)).to.deep.equal([first.id]);
      await store.call("users.updateAddress", { id: first.id, isDefault: false }, { meta });
      expect(await defaults(one)).to.deep.equal([first.id]);
      await store.call("users.removeAddress", { id: first.id }, { meta });
      expect(await defaults(one)).to.deep.equal([second.id]);
    });

    it("changes the given fields alone, by version", async () => {
      const { meta } = await person();
      const { id } = await store.call("users.addAddress", home, { meta });
      const changed = await store.call(
        "users.updateAddress",
        { id, city: "Leeds" },
        { meta: { ...meta, ifMatch: 1 } },
      );
      expect(changed).to.deep.include({ ...home, city: "Leeds", version: 2 });
      const error = await refusal(
        store.call("users.updateAddress", { id, city: "Bath" }, { meta: { ...meta, ifMatch: 1 } }),
      );
      expect(error).to.include({ code: 412 });
      const remove = (ifMatch: number) =>
        store.call("users.removeAddress", { id }, { meta: { ...meta, ifMatch } });
      expect(await refusal(remove(1))).to.include({ code: 412 });
      expect(await remove(2)).to.equal(null);
    });

    it("keeps at most 50, also when they come at once", async () => {
      const one = await person();
      const { meta } = one;
      const tries = await Promise.allSettled(
        Array.from({ length: 52 }, () => store.call("users.addAddress", home, { meta })),
      );
      expect(tries.filter(({ status }) => status === "fulfilled")).to.have.length(50);
      expect(await refusal(store.call("users.addAddress", home, { meta }))).to.include({
        code: 422,
        type: "TOO_MANY_ADDRESSES",
      });
      expect(await defaults(one)).to.have.length(1);
    });

    it("answers another account's address as one that is not there", async () => {
      const one = await person();
      const other = await person();
      const { id } = await store.call("users.addAddress", home, { meta: one.meta });
      for (const call of [
        store.call("users.updateAddress", { id, city: "Rome" }, { meta: other.meta }),
        store.call("users.removeAddress", { id }, { meta: other.meta }),
        store.call("users.removeAddress", { id: newId() }, { meta: other.meta }),
      ])
        expect(await refusal(call)).to.include({ code: 404, type: "ADDRESS_NOT_FOUND" });
      expect((await store.call("users.addresses", {}, { meta: one.meta })).data[0]).to.include({
        city: "York",
      });
    });
  });

  describe("wishlist", () => {
    it("keeps products that exist, each once, newest first", async () => {
      const { meta } = await person();
      const [mug, pen] = [newId(), newId()];
      store.outside.products.add(mug).add(pen);
      const first = await store.call("users.addToWishlist", { productId: mug }, { meta });
      store.clock.advance(1000);
      await store.call("users.addToWishlist", { productId: pen }, { meta });
      expect(await store.call("users.addToWishlist", { productId: mug }, { meta })).to.deep.equal(first);
      const ids = async () =>
        (await store.call("users.wishlist", {}, { meta })).data.map(({ productId }) => productId);
      expect(await ids()).to.deep.equal([pen, mug]);
      const error = await refusal(store.call("users.addToWishlist", { productId: newId() }, { meta }));
      expect(error).to.include({ code: 404, type: "PRODUCT_NOT_FOUND" });
      await store.call("users.removeFromWishlist", { productId: pen }, { meta });
      await store.call("users.removeFromWishlist", { productId: pen }, { meta });
      expect(await ids()).to.deep.equal([mug]);
    });

    it("is each account's own", async () => {
      const one = await person();
      const other = await person();
      const productId = newId();
      store.outside.products.add(productId);
      await store.call("users.addToWishlist", { productId }, { meta: one.meta });
      await store.call("users.removeFromWishlist", { productId }, { meta: other.meta });
      expect((await store.call("users.wishlist", {}, { meta: other.meta })).data).to.deep.equal([]);
      expect((await store.call("users.wishlist", {}, { meta: one.meta })).data).to.have.length(1);
    });
  });
});
