import { connect } from "node:net";

/** Writes bytes to the store's port and answers all that comes back until the connection ends or falls silent. */
export function rawRequest(url: string, text: string, silence = 1000): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let received = "";
    const done = (): void => {
      socket.destroy();
      resolve(received);
    };
    socket.setTimeout(silence, done);
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => (received += String(chunk)));
    socket.on("error", done).on("close", done);
  });
}

export const statusOfRaw = (answer: string): number => Number(answer.slice(9, 12));
