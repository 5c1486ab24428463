import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ratesFrom } from "../../../services/orders/orders.rates-file.ts";
import { defaultRates, ratesOf } from "../../../services/orders/orders.rates.ts";

describe("tables of taxes and shipping", () => {
  const folder = mkdtempSync(join(tmpdir(), "valence-rates-"));
  after(() => rmSync(folder, { recursive: true }));
  const file = (content: unknown): string => {
    const path = join(folder, "table.json");
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };
  const none = { taxTable: undefined, shippingTable: undefined };

  it("are the built-in ones unless files are named", () => {
    expect(ratesFrom(none)).to.equal(defaultRates);
  });

  it("take a country's tax from the file, and keep its shipping", () => {
    const rates = ratesFrom({
      ...none,
      taxTable: file({ GB: { rate: 500, included: false }, "*": { rate: 0, included: false } }),
    });
    expect(ratesOf(rates, "GB")).to.deep.include({
      taxRate: 500,
      taxIncluded: false,
      shipping: defaultRates["GB"]?.shipping,
    });
    expect(ratesOf(rates, "DE")).to.include({ taxRate: 0 });
  });

  it("serve only the countries that the shipping table names", () => {
    const way = { price: { GBP: 100 }, days: [1, 2] };
    const rates = ratesFrom({ ...none, shippingTable: file({ GB: { standard: way, express: way } }) });
    expect(ratesOf(rates, "GB")?.shipping.standard).to.deep.equal({ GBP: 100 });
    expect(ratesOf(rates, "US")).to.equal(undefined);
  });

  it("stop the start with a line that names the variable", () => {
    expect(() => ratesFrom({ ...none, taxTable: file({ GB: { rate: "20 %", included: true } }) })).to.throw(
      /^TAX_TABLE: .*rate/,
    );
    expect(() => ratesFrom({ ...none, shippingTable: file("no json") })).to.throw(/^SHIPPING_TABLE: /);
  });
});
