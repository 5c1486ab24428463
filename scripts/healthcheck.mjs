// Exits 0 when the address answers with a success within two seconds: the health check of a container without curl.
const [, , address] = process.argv;
try {
  const { ok } = await fetch(address, { signal: AbortSignal.timeout(2000) });
  process.exit(ok ? 0 : 1);
} catch {
  process.exit(1);
}
