import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SecretFiles } from "./secret-files.ts";

const days = "825";

function openssl(folder: string, ...args: string[]): void {
  try {
    execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT")
      throw new Error("openssl is missing: it makes the certificates of NATS.", { cause: error });
    throw error;
  }
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** An authority of its own (whose key is thrown away), and a certificate for servers of these names: ca.crt, tls.crt, tls.key. */
export function makeCertificates(files: SecretFiles, folder: string, names: readonly string[]): void {
  const work = mkdtempSync(join(tmpdir(), "valence-certificates-"));
  const made = (name: string) => readFileSync(join(work, name), "utf8").trim();
  try {
    const extensions = `subjectAltName=${names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(",")}
extendedKeyUsage=serverAuth,clientAuth
`;
    writeFileSync(join(work, "extensions"), extensions);
    const authority = ["-x509", ...newKey, "-subj", "/CN=Valence NATS authority", "-days", days];
    openssl(work, "req", ...authority, "-keyout", "ca.key", "-out", "ca.crt");
    openssl(work, "req", ...newKey, "-subj", `/CN=${names[0]}`, "-keyout", "tls.key", "-out", "tls.csr");
    const signed = ["-req", "-in", "tls.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"];
    openssl(work, "x509", ...signed, "-days", days, "-extfile", "extensions", "-out", "tls.crt");
    for (const name of ["ca.crt", "tls.crt", "tls.key"]) files.make(`${folder}/${name}`, () => made(name));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
