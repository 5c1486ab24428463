import { createServer, type AddressInfo, type Socket } from "node:net";

export interface ReceivedMail {
  to: string;
  data: string;
}

export interface SmtpServer {
  url: string;
  mails: ReceivedMail[];
  /** What RCPT answers instead of 250; undefined: accept. */
  refusal: string | undefined;
  close(): Promise<void>;
}

/** A small SMTP server that keeps what it is given. */
export async function smtpServer(): Promise<SmtpServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    talk(socket, state);
  });
  const state: SmtpServer = {
    url: "",
    mails: [],
    refusal: undefined,
    close: () =>
      new Promise((resolve) => {
        sockets.forEach((socket) => socket.destroy());
        server.close(() => resolve());
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  state.url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

function talk(socket: Socket, state: SmtpServer): void {
  let to = "";
  let data: string[] | undefined;
  let rest = "";
  const say = (text: string) => socket.write(`${text}\r\n`);
  const line = (text: string): void => {
    if (data) {
      if (text !== ".") return void data.push(text.startsWith("..") ? text.slice(1) : text);
      state.mails.push({ to, data: data.join("\r\n") });
      data = undefined;
      return void say("250 kept");
    }
    const verb = text.slice(0, 4).toUpperCase();
    if (verb === "EHLO" || verb === "HELO") say("250 test");
    else if (verb === "RCPT") {
      to = /<([^>]*)>/.exec(text)?.[1] ?? "";
      say(state.refusal ?? "250 ok");
    } else if (verb === "DATA") {
      data = [];
      say("354 go on");
    } else if (verb === "QUIT") socket.end("221 bye\r\n");
    else say("250 ok");
  };
  say("220 test");
  socket.on("data", (chunk) => {
    const parts = (rest + chunk.toString("utf8")).split("\r\n");
    rest = parts.pop() ?? "";
    parts.forEach(line);
  });
}

/** The text part of a quoted-printable, 7bit or base64 mail, decoded roughly enough to search in. */
export function readable(data: string): string {
  const joined = data.replaceAll(/=\r\n/g, "");
  return joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
