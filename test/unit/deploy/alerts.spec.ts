import { execFileSync } from "node:child_process";
import { expect } from "chai";
import { root, textOf, yamlOf } from "./yaml.ts";

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

const { groups } = yamlOf<{ groups: { rules: Rule[] }[] }>("deploy/prometheus/alerts.yml");
const rules = groups.flatMap((group) => group.rules);
/** Scrape, evaluation and sending of the alert, in seconds. */
const onTheWay = 10;

describe("the alert rules", () => {
  it("are twelve or more, each of them due within 30 s", () => {
    expect(rules.length).to.be.at.least(12);
    for (const rule of rules) expect(parseInt(rule.for) + onTheWay, rule.alert).to.be.at.most(30);
  });

  it("each say how bad it is, and what to do on a page of their own", () => {
    const runbooks = textOf("docs/runbooks.md");
    for (const { alert, labels, annotations } of rules) {
      expect(labels.severity, alert).to.be.oneOf(["warning", "critical"]);
      expect(annotations.runbook, alert).to.equal(`docs/runbooks.md#${alert.toLowerCase()}`);
      const page = runbooks.split(`\n## ${alert}\n`)[1]?.split("\n## ")[0];
      expect(page, alert).to.match(/^1\. /m);
    }
  });

  it("are each tested on their cause and on a calm day", () => {
    const { tests } = yamlOf<{ tests: { name: string }[] }>("deploy/prometheus/tests/alerts.test.yml");
    const names = rules.flatMap(({ alert }) => [`${alert} fires`, `${alert} silent`]);
    expect(tests.map(({ name }) => name)).to.include.members(names);
    for (const { name } of tests)
      expect(
        names.some((known) => name.startsWith(known)),
        name,
      ).to.equal(true);
  });

  it("pass their promtool tests", function () {
    this.timeout(30_000);
    const files = ["test", "rules", "deploy/prometheus/tests/alerts.test.yml"];
    try {
      execFileSync("promtool", files, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    } catch (error) {
      const { code, stderr, stdout } = error as { code?: string; stderr?: string; stdout?: string };
      if (code === "ENOENT") return this.skip();
      expect.fail(`${stdout}${stderr}`);
    }
  });
});
