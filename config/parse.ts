import { isIP } from "node:net";
import { resolve } from "node:path";
import type { JwtKey, LogLevel } from "./config.ts";

/** Makes a value of a variable's text, or throws a `Wrong` that says what would be right. */
export type Parse<T> = (text: string) => T;

/** What is wrong with a value and what would be right: the end of the sentence that begins with the variable's name. */
export class Wrong extends Error {}

const wrong = (cure: string): never => {
  throw new Wrong(cure);
};

export const text: Parse<string> = (value) => value;
export const path: Parse<string> = (value) => resolve(value);

export const wholeNumber =
  (least: number, most: number): Parse<number> =>
  (value) => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
    return number >= least && number <= most
      ? number
      : wrong(`must be a whole number from ${least} to ${most}`);
  };

export const port = wholeNumber(0, 65_535);

export const oneOf =
  <const T extends string>(...words: readonly T[]): Parse<T> =>
  (value) =>
    words.find((word) => word === value) ?? wrong(`must be ${words.join(" or ")}`);

export const onOff: Parse<boolean> = (value) => oneOf("on", "off")(value) === "on";

export const list =
  <T>(item: Parse<T>): Parse<readonly T[]> =>
  (value) =>
    value
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "")
      .map(item);

/** A URL of one of the schemes; what it says is never repeated, it may hold a password. */
export const url =
  (...schemes: readonly string[]): Parse<string> =>
  (value) =>
    URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1))
      ? value
      : wrong(`must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`);

/** `https://shop.example.com`, without a slash at the end. */
export const origin: Parse<string> = (value) => {
  const parsed = new URL(url("http", "https")(value));
  return parsed.pathname === "/" && !parsed.search && !parsed.hash && !parsed.username
    ? parsed.origin
    : wrong("must be an address without a path, such as https://shop.example.com");
};

/** The address of another server, perhaps below a path, without a slash at the end. */
export const address: Parse<string> = (value) => {
  const parsed = new URL(url("http", "https")(value));
  return !parsed.search && !parsed.hash && !parsed.username
    ? parsed.href.replace(/\/+$/, "")
    : wrong("must be an address such as http://collector:4318");
};

export const ratio: Parse<number> = (value) =>
  /^(0(\.\d{1,6})?|1(\.0{1,6})?)$/.test(value)
    ? Number(value)
    : wrong("must be a number from 0 to 1, such as 0.01");

/** `name=value,name=value`, values percent-encoded, as OpenTelemetry has it. */
export const headers: Parse<Readonly<Record<string, string>>> = (value) =>
  Object.fromEntries(
    list((pair) => {
      const match =
        /^([\w-]+)=([\x21-\x7e]+)$/.exec(pair) ?? wrong("must be name=value pairs with commas between");
      return [match[1] as string, decodeURIComponent(match[2] as string)] as const;
    })(value),
  );

/** An address or a CIDR block. */
export const addressBlock: Parse<string> = (value) => {
  const [address = "", bits, ...rest] = value.split("/");
  const family = isIP(address);
  const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
  return family && fits && rest.length === 0
    ? value
    : wrong("must list addresses or blocks, such as 10.0.0.0/8,::1");
};

export const email: Parse<string> = (value) =>
  /^[^\s@]+@[^\s@]+$/.test(value) && value.length <= 254 ? value : wrong("must be an e-mail address");

export const currency: Parse<string> = (value) =>
  /^[A-Z]{3}$/.test(value) ? value : wrong("must be a currency of ISO 4217, such as GBP");

export const logLevel = oneOf<LogLevel | "off">("fatal", "error", "warn", "info", "debug", "trace", "off");

/** `orders=debug,payments=info`. */
export const logLevels: Parse<Readonly<Record<string, LogLevel>>> = (value) =>
  Object.fromEntries(
    list((pair) => {
      const [, actor = "", level = ""] =
        /^([a-z]+)=(\w+)$/.exec(pair) ??
        wrong("must be actor=level pairs with commas between, such as orders=debug");
      const known = logLevel(level);
      return known === "off"
        ? wrong("cannot be off for one actor: leave it out, or say error")
        : ([actor, known] as const);
    })(value),
  );

export const secret =
  (least: number): Parse<string> =>
  (value) =>
    value.length >= least ? value : wrong(`must have at least ${least} characters`);

export const password: Parse<string> = (value) =>
  value.length >= 12 && value.length <= 200 ? value : wrong("must have 12 to 200 characters");

/** A JSON Web Key Set of ES256 keys; the first one signs. */
export const jwtKeys: Parse<readonly JwtKey[]> = (value) => {
  const cure =
    'must be a JSON Web Key Set of ES256 keys: {"keys":[{"kid":...,"kty":"EC","crv":"P-256",...}]}';
  let set: { keys?: unknown };
  try {
    set = JSON.parse(value) as { keys?: unknown };
  } catch {
    return wrong(cure);
  }
  const keys = Array.isArray(set?.keys) ? (set.keys as Partial<JwtKey>[]) : [];
  const sound =
    keys.length > 0 && keys.every(isJwtKey) && new Set(keys.map((key) => key.kid)).size === keys.length;
  return sound ? (keys as JwtKey[]) : wrong(cure);
};

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isJwtKey = (key: Partial<JwtKey> | null): boolean =>
  !!key &&
  key.kty === "EC" &&
  key.crv === "P-256" &&
  isText(key.kid) &&
  isText(key.x) &&
  isText(key.y) &&
  (key.exp === undefined || Number.isInteger(key.exp));
