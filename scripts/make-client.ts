/** `npm run make:client`: a typed TypeScript client and a Postman collection, made of the API's document into `client/`. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { apiDocument } from "../services/api-document.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, "client");
const bin = join(root, "tools/node_modules/.bin");

/** What an integrator takes beside the types: openapi-fetch knows every path, parameter, body and answer from them. */
const files: Readonly<Record<string, string>> = {
  "package.json": `${JSON.stringify(
    {
      name: "valence-client",
      version: "1.0.0",
      description: "Typed client of the Valence API, made of its OpenAPI document",
      license: "MIT",
      type: "module",
      exports: "./index.ts",
      dependencies: { "openapi-fetch": "0.17.0" },
    },
    null,
    2,
  )}\n`,
  "tsconfig.json": `${JSON.stringify(
    {
      compilerOptions: {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        allowImportingTsExtensions: true,
        target: "es2022",
        lib: ["es2023", "dom"],
        module: "nodenext",
        types: [],
      },
      files: ["example.ts", "order.ts"],
    },
    null,
    2,
  )}\n`,
  "index.ts": `import createClient from "openapi-fetch";
import type { paths } from "./schema.d.ts";

export type { components, paths, webhooks } from "./schema.d.ts";

/** A client of the store at \`url\`, such as \`https://shop.example\`; \`key\` is an API key. */
export const valence = (url: string, key?: string) =>
  createClient<paths>({
    baseUrl: \`\${url}/api/v1\`,
    ...(key !== undefined && { headers: { authorization: \`Bearer \${key}\` } }),
  });
`,
  "example.ts": `import { valence } from "./index.ts";

const shop = valence("http://127.0.0.1:3000");
const { data, error } = await shop.GET("/products", { params: { query: { q: "pan", limit: 5 } } });
if (error) console.error(error.code, error.requestId);
else for (const { slug, variants } of data.data) console.log(slug, variants[0]?.price.amount);

// @ts-expect-error: there is no such field
await shop.GET("/products", { params: { query: { search: "pan" } } });
// @ts-expect-error: there is no such route
await shop.GET("/product", {});
`,
  "order.ts": `/** A guest's order from the first look to the receipt: \`node order.ts https://shop.example\`. */
import { valence } from "./index.ts";

declare const process: { argv: string[] };
const shop = valence(process.argv[2] ?? "http://127.0.0.1:3000");

function must<T>({ data, error }: { data?: T; error?: { code: string; detail: string } }): T {
  if (data === undefined) throw new Error(\`\${error?.code}: \${error?.detail}\`);
  return data;
}

const { data } = must(await shop.GET("/products", { params: { query: { currency: "GBP", inStock: true, limit: 1 } } }));
const sku = data[0]?.variants.find(({ available }) => available > 0)?.sku;
if (sku === undefined) throw new Error("Nothing is in stock.");
const cart = must(await shop.POST("/carts", { body: { currency: "GBP" } }));
const holder = { "X-Cart-Secret": cart.secret ?? "" };
must(await shop.POST("/carts/{id}/lines", { params: { path: { id: cart.id } }, headers: holder, body: { sku, quantity: 1 } }));
const order = must(
  await shop.POST("/orders", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    headers: holder,
    body: {
      cartId: cart.id,
      email: "guest@example.com",
      shippingAddress: { name: "Ada", line1: "1 High St", city: "London", postalCode: "N1 9GU", country: "GB" },
      shippingMethod: "standard",
      payment: { provider: "test", token: "tok_visa" },
    },
  }),
);
const seen = must(
  await shop.GET("/orders/{id}", {
    params: { path: { id: order.id } },
    headers: { "X-Order-Secret": order.secret ?? "" },
  }),
);
const refused = await shop.POST("/carts", { body: { currency: "XXX" } });
console.log(JSON.stringify({ number: seen.number, status: seen.status, sku: seen.lines[0]?.sku, refused: refused.error?.code }));
`,
};

function run(command: string, args: readonly string[], cwd = folder): void {
  const { status, stdout } = spawnSync(command, args, {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed\n${stdout}`);
}

function make(): void {
  run("bash", ["scripts/ci/tools.sh"], root);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "openapi.json"), JSON.stringify(apiDocument(), null, 2));
  run(process.execPath, [join(bin, "openapi-typescript"), "openapi.json", "-o", "schema.d.ts"]);
  run(process.execPath, [join(bin, "openapi2postmanv2"), "-s", "openapi.json", "-o", "postman.json"]);
  check();
}

/** Compiles the example against the client: right calls pass, wrong ones are errors. */
function check(): void {
  const modules = join(folder, "node_modules");
  symlinkSync(join(root, "tools/node_modules"), modules, "dir");
  run(process.execPath, [join(bin, "tsc"), "-p", "."]);
  rmSync(modules);
}

if (process.argv.includes("--help"))
  console.log(
    "npm run make:client: writes client/ (types, client, examples, openapi.json, postman.json). It takes no options.",
  );
else {
  make();
  console.log("client/ is made: index.ts, schema.d.ts, example.ts, order.ts, openapi.json, postman.json");
}
