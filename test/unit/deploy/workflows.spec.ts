import { expect } from "chai";
import { textOf, yamlOf } from "./yaml.ts";

interface Job {
  "timeout-minutes"?: number;
  permissions?: Record<string, string>;
  steps: { uses?: string; run?: string; with?: Record<string, unknown> }[];
}
interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

for (const name of ["ci", "release"]) {
  describe(`the workflow ${name}`, () => {
    const workflow = yamlOf<Workflow>(`.github/workflows/${name}.yml`);
    const jobs = Object.entries(workflow.jobs);

    it("may only read, unless a job says more", () => {
      expect(workflow.permissions).to.deep.equal({ contents: "read" });
    });

    it("bounds every job, pins every action and leaves no credentials in the checkout", () => {
      for (const [job, { steps, ...rest }] of jobs) {
        expect(rest["timeout-minutes"], job).to.be.a("number");
        for (const { uses, with: given } of steps) {
          if (uses !== undefined) expect(uses, job).to.match(/@[0-9a-f]{40}$/);
          if (uses?.startsWith("actions/checkout"))
            expect(given?.["persist-credentials"], job).to.equal(false);
        }
      }
    });

    it("puts no text of others into a shell", () => {
      const scripts = jobs.flatMap(([, { steps }]) => steps.map(({ run = "" }) => run));
      for (const script of scripts) expect(script).not.to.match(/\$\{\{/);
    });
  });
}

describe("a release", () => {
  const { jobs } = yamlOf<Workflow>(".github/workflows/release.yml");
  const scripts = (jobs["deploy"]?.steps ?? []).map(({ run = "" }) => run).join("\n");

  it("goes out by digest and is taken back when its smoke test fails", () => {
    expect(scripts).to.include("digest: ${IMAGE#*@}").and.include("rollout undo");
  });
});

describe("what the hosted gate runs", () => {
  const { jobs } = yamlOf<Workflow>(".github/workflows/ci.yml");
  const scripts = Object.values(jobs)
    .flatMap(({ steps }) => steps.map(({ run = "" }) => run))
    .join("\n");

  it("is the quick gate, every kind of test, proofs, alert rules, manifests, the image and the store in containers", () => {
    for (const command of [
      ...["npm run check", "npm test", "npm run test:integration", "npm run test:cluster", "npm run prove"],
      ...["promtool test rules", "promtool check config", "kubectl kustomize", "npm run test:tools"],
      ...["npm run test:containers", "npm audit"],
    ])
      expect(scripts).to.include(command);
  });

  it("runs only npm scripts that there are", () => {
    const { scripts: known } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
    for (const [, name] of scripts.matchAll(/npm run ([\w:-]+)/g))
      expect(known).to.have.property(name as string);
  });

  it("keeps the bill of materials, and stops at a hole that can be mended", () => {
    expect(scripts).to.include("--format cyclonedx").and.include("--severity HIGH,CRITICAL");
  });
});
