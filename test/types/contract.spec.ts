import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import ts from "typescript";

const root = join(import.meta.dirname, "../..");
const file = join(import.meta.dirname, "contract.ts");
const EXPECTED = "// @ts-expect-error";

/** Lines (from 1) of the file's errors when it has this text. */
function errorLines(text: string): number[] {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  const getSourceFile = host.getSourceFile.bind(host);
  host.readFile = (path) => (path === file ? text : readFile(path));
  host.getSourceFile = (path, version, ...rest) =>
    path === file ? ts.createSourceFile(path, text, version) : getSourceFile(path, version, ...rest);
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map((error) => {
    const { line } = ts.getLineAndCharacterOfPosition(error.file!, error.start!);
    return line + 1;
  });
}

describe("the types of the contracts", function () {
  this.timeout(60_000);
  this.slow(20_000);
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n");

  it("make each planted mistake an error of its own", () => {
    const planted = lines.flatMap((line, index) => (line.includes(EXPECTED) ? [index + 2] : []));
    const found = new Set(errorLines(text.replaceAll(EXPECTED, "// planted:")));
    expect(planted).to.have.length.above(15);
    expect([...found].sort((a, b) => a - b)).to.deep.equal(planted);
  });
});
