import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import jwt from "jsonwebtoken";
import type { JwtKey } from "../../../config/config.ts";
import { accessTokenSeconds, signAccessToken, verifyAccessToken } from "../../../mixins/access-tokens.ts";

const aKey = (kid: string): JwtKey => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...(privateKey.export({ format: "jwk" }) as Omit<JwtKey, "kid">), kid };
};
const keys = [aKey("new"), aKey("old")];
const claims = { sub: "account", sid: "session", role: "staff" as const };
const now = Date.UTC(2026, 0, 1);
const seconds = now / 1000;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const payload = { sid: "session", role: "staff", sub: "account", iat: seconds, exp: seconds + 900 };
const full = { ...payload, iss: "valence", aud: "valence-api" };
const header = { alg: "ES256", typ: "at+jwt", kid: "new" } as const;

/** A token that our own key signed, with any header and claims. */
const signed = (claimed: object, extra: object = {}): string =>
  jwt.sign(JSON.parse(JSON.stringify(claimed)) as object, { key: keys[0] as never, format: "jwk" } as never, {
    algorithm: "ES256",
    header: { ...header, ...extra },
  });
const verify = (token: string, at = now) => verifyAccessToken(keys, token, at);

describe("access tokens", () => {
  it("say account, session and role until 15 minutes are over", () => {
    const token = signAccessToken(keys, claims, now);
    expect(verify(token)).to.deep.equal(claims);
    expect(verify(token, now + (accessTokenSeconds - 1) * 1000)).to.deep.equal(claims);
    expect(verify(token, now + accessTokenSeconds * 1000)).to.equal(undefined);
  });

  it("are signed by the first key and known by each key of the set", () => {
    const token = signAccessToken(keys, claims, now);
    expect(jwt.decode(token, { complete: true })?.header).to.deep.equal(header);
    expect(verifyAccessToken([...keys].reverse(), token, now)).to.deep.equal(claims);
    expect(verifyAccessToken([keys[1] as JwtKey], token, now)).to.equal(undefined);
  });

  it("are made as these tests forge them, so that each refusal below has its own reason", () => {
    expect(verify(signed(full))).to.deep.equal(claims);
  });

  it("without a signature are refused", () => {
    for (const alg of ["none", "None", "NONE"])
      expect(verify(`${part({ ...header, alg })}.${part(full)}.`)).to.equal(undefined);
    const [head, body] = signed(full).split(".");
    expect(verify(`${head}.${body}.`)).to.equal(undefined);
  });

  it("signed with the public key as a shared secret are refused", () => {
    const pem = createPublicKey({ key: keys[0] as never, format: "jwk" }).export({
      type: "spki",
      format: "pem",
    });
    for (const secret of [pem.toString(), "x"]) {
      const token = jwt.sign(full, secret, {
        algorithm: "HS256",
        header: { ...header, alg: "HS256" },
        allowInvalidAsymmetricKeyTypes: true,
      });
      expect(verify(token)).to.equal(undefined);
    }
  });

  it("that bring or name a key of their own are refused, and nothing is fetched or read", async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
    const { d: _, ...publicKey } = keys[0] as JwtKey;
    for (const extra of [{ jku: url }, { x5u: url }, { jwk: publicKey }, { x5c: ["MII"] }, { crit: ["exp"] }])
      expect(verify(signed(full, extra)), JSON.stringify(extra)).to.equal(undefined);
    for (const kid of ["../../dev/null", "", "__proto__", "constructor", 1, ["new"], undefined])
      expect(verify(`${part({ ...header, kid })}.${signed(full).split(".").slice(1).join(".")}`)).to.equal(
        undefined,
      );
    await new Promise((resolve) => server.close(resolve));
    expect(asked).to.equal(0);
  });

  it("of another key, or with one changed byte, are refused", () => {
    expect(verify(signAccessToken([aKey("new")], claims, now))).to.equal(undefined);
    const [head, , signature] = signAccessToken(keys, claims, now).split(".");
    expect(verify(`${head}.${part({ ...full, role: "admin" })}.${signature}`)).to.equal(undefined);
  });

  it("for somebody else, or by somebody else, are refused", () => {
    for (const wrong of [{ iss: "else" }, { aud: "else" }, { iss: undefined }, { aud: undefined }])
      expect(verify(signed({ ...full, ...wrong })), JSON.stringify(wrong)).to.equal(undefined);
  });

  it("without an end, past it, or before their time are refused", () => {
    expect(verify(signed({ ...full, exp: undefined }))).to.equal(undefined);
    expect(verify(signed({ ...full, exp: seconds - 1 }))).to.equal(undefined);
    expect(verify(signed({ ...full, nbf: seconds + 60 }))).to.equal(undefined);
  });

  it("that lack a claim, or have one of another kind, are refused", () => {
    for (const wrong of [
      { sub: undefined },
      { sid: undefined },
      { role: "root" },
      { role: ["admin"] },
      { sid: 7 },
    ])
      expect(verify(signed({ ...full, ...wrong })), JSON.stringify(wrong)).to.equal(undefined);
  });

  it("of another type are refused", () => {
    expect(verify(signed(full, { typ: "JWT" }))).to.equal(undefined);
  });

  it("that are no tokens are refused", () => {
    for (const text of ["", "a", "a.b.c", "..", "x".repeat(100_000), `${"{".repeat(50)}.a.b`])
      expect(verify(text)).to.equal(undefined);
  });
});
