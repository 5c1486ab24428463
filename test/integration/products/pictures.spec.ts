import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect } from "chai";
import sharp from "sharp";
import type { Problem } from "../../../contract/http-problem.ts";
import type { UploadedPicture } from "../../../services/products/products.contract.ts";
import { eventually } from "../../helpers/eventually.ts";
import { staff } from "../../helpers/shop.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";
import { mongoUrl } from "../document-store/catalogue.ts";
import { place } from "./catalogue.ts";

const admin = { email: "admin@valence.local", password: "correct horse battery" };
const plain = (width: number, height: number, background = "#336699") =>
  sharp({ create: { width, height, channels: 3, background } });
const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script><rect width="9" height="9"/></svg>';

describe("uploaded pictures", function () {
  this.timeout(60_000);
  let store: TestStore;
  let token: string;
  before(async () => {
    store = await startStore({ services: ["gateway", "users", "products"], env: await place() });
    token = (await store.http.post<{ accessToken: string }>("auth/login", admin)).body.accessToken;
  });
  after(() => store.stop());

  const upload = async <T = UploadedPicture>(
    body: string | Uint8Array<ArrayBuffer>,
    type = "image/png",
    as: string | undefined = token,
  ) => {
    const response = await fetch(`${store.url}/api/v1/admin/pictures`, {
      method: "POST",
      headers: { "content-type": type, ...(as && { authorization: `Bearer ${as}` }) },
      body,
    });
    return { status: response.status, body: (await response.json()) as T };
  };
  const refused = (body: string | Uint8Array<ArrayBuffer>, type?: string, as?: string) =>
    upload<Problem>(body, type, as);
  const settled = (id: string): Promise<UploadedPicture> =>
    eventually(async () => {
      const { body } = await store.http.get<UploadedPicture>(`admin/pictures/${id}`, { token });
      return body.status === "waiting" ? undefined : body;
    }, 20_000);
  const file = (url: string, init?: RequestInit) => fetch(store.url + url, init);

  it("are made into three upright webp files without what the camera wrote beside them", async () => {
    const photo = await plain(2000, 1000)
      .withExif({ IFD0: { Copyright: "canary" }, IFD3: { GPSLatitude: "51/1 30/1 0/1" } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    expect(photo.includes("canary")).to.equal(true);
    const { status, body } = await upload(photo, "image/jpeg");
    expect(status).to.equal(202);
    expect(body).to.include({ width: 1000, height: 2000, bytes: photo.length, error: null });
    const { url, status: end } = await settled(body.id);
    expect(end).to.equal("ready");
    for (const [width, seen] of [
      [400, 400],
      [800, 800],
      [1600, 1000],
    ] as const) {
      const answer = await file(url.replace("-800", `-${width}`));
      const bytes = Buffer.from(await answer.arrayBuffer());
      const facts = await sharp(bytes).metadata();
      expect(facts).to.include({ format: "webp", width: seen, height: 2 * seen });
      expect(facts.exif, "EXIF").to.equal(undefined);
      expect(bytes.includes("canary")).to.equal(false);
    }
  });

  it("are served for ever, as nothing but pictures", async () => {
    const { body } = await upload(await plain(30, 20).png().toBuffer());
    const { url } = await settled(body.id);
    const { status, headers } = await file(url);
    expect(status).to.equal(200);
    expect(headers.get("cache-control")).to.equal("public, max-age=31536000, immutable");
    expect(headers.get("content-type")).to.equal("image/webp");
    expect(headers.get("x-content-type-options")).to.equal("nosniff");
    expect(headers.get("content-security-policy")).to.contain("default-src 'none'");
    const again = await file(url, { headers: { "if-none-match": headers.get("etag") ?? "" } });
    expect(again.status).to.equal(304);
    for (const odd of ["/media/x", "/media/../products.db", `${url}.bak`, url.replace("800", "801")])
      expect((await file(odd)).status, odd).to.equal(404);
  });

  it("may stand in a product, and are one picture however often they are uploaded", async () => {
    const bytes = await plain(50, 50, "#aa2200").webp().toBuffer();
    const [first, second] = await Promise.all([upload(bytes, "image/webp"), upload(bytes, "image/webp")]);
    expect(second.body.id).to.equal(first.body.id);
    const { url } = await settled(first.body.id);
    const product = await store.call("products.create", {
      name: "Framed",
      images: [{ url, alt: "A frame" }],
      variants: [{ sku: "FRAME", name: "", options: {}, prices: [{ amount: 500, currency: "GBP" }] }],
    });
    expect(product.images).to.deep.equal([{ url, alt: "A frame" }]);
    expect((await upload(bytes, "image/webp")).body).to.include({ id: first.body.id, status: "ready" });
  });

  it("refuses with 422 what is no picture, an SVG under any name above all", async () => {
    const many = await plain(10_000, 6000).png({ compressionLevel: 1 }).toBuffer();
    for (const [body, type, code] of [
      [svg, "image/svg+xml", "PICTURE_REFUSED"],
      [svg, "image/png", "PICTURE_REFUSED"],
      ["GIF89a<script>alert(1)</script>", "image/gif", "PICTURE_REFUSED"],
      ["%PDF-1.7", "application/octet-stream", "PICTURE_REFUSED"],
      ["", "image/png", "PICTURE_REFUSED"],
      [many, "image/png", "PICTURE_TOO_LARGE"],
    ] as const) {
      const { status, body: problem } = await refused(body, type);
      expect([status, problem.code], `${type} ${problem.detail}`).to.deep.equal([422, code]);
    }
  });

  it("refuses files over 15 MiB, other kinds of bodies, and who may not edit the catalogue", async () => {
    expect((await refused(Buffer.alloc((15 << 20) + 1))).status).to.equal(413);
    expect((await refused("a=1", "application/x-www-form-urlencoded")).status).to.equal(415);
    expect((await refused(await plain(9, 9).png().toBuffer(), "image/png", "")).status).to.equal(401);
  });

  it("say what is wrong when their job fails, which is tried again and then parked", async () => {
    const whole = await plain(900, 900).jpeg().toBuffer();
    const { body } = await upload(whole.subarray(0, whole.length >> 1), "image/jpeg");
    const failed = await settled(body.id);
    expect(failed.status).to.equal("failed");
    expect(failed.error).to.match(/JPEG/i);
    expect((await store.call("products.jobs", {})).pending + (await parked()).length).to.be.at.least(1);
    const given = await eventually(async () => {
      store.clock.advance(60_000);
      return (await parked())[0];
    }, 30_000);
    expect(given).to.include({ event: "products.pictureUploaded", subscriber: "products", entity: body.id });
  });
  const parked = async () => (await store.call("products.parked", {}, { meta: staff })).data;

  // On MongoDB the uploads lie elsewhere; what keeps them there is the same code.
  if (mongoUrl === undefined)
    it("keep no upload once their files are made", async () => {
      const { body } = await upload(await plain(70, 30, "#0a0").png().toBuffer());
      await settled(body.id);
      const database = new DatabaseSync(join(store.dataDir, "products.pictureFiles.sqlite"));
      const uploads = database.prepare("select count(*) as n from blobs where name like '%.original'");
      // Only the broken one of the test before keeps its upload: it may be tried again.
      await eventually(() => (uploads.get() as { n: number }).n === 1 || undefined);
      database.close();
    });
});
