/** A page of the metrics port. */
export async function scrape(port: number, path = "/metrics"): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.text();
}

/** The figure of the first line with this name and all these labels (`action="orders.place"`); undefined: none. */
export function figure(page: string, name: string, ...labels: string[]): number | undefined {
  const line = page
    .split("\n")
    .find((one) => /^[\w:]+/.exec(one)?.[0] === name && labels.every((label) => one.includes(label)));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ") + 1));
}
