import type { Answer } from "./routes.ts";
import { problem, readProblem } from "./problem.ts";

type Login = Answer<"POST /auth/refresh">;

/** The access token lives in memory only; the refresh token in a cookie that scripts cannot read. */
let accessToken: string | undefined;
let running: Promise<Login> | undefined;
let onEnd: (() => void) | undefined;

const LOCK = "valence-refresh";

export const bearer = (): string | undefined => accessToken;
export const keepToken = (token: string | undefined): void => {
  accessToken = token;
};
/** What to do when the session has ended elsewhere. */
export const whenSessionEnds = (run: () => void): void => {
  onEnd = run;
};

/** Exchanges the cookie for an access token; one at a time over all tabs, because a token used twice ends its family. */
export function refresh(): Promise<Login> {
  running ??= withLock(exchange).finally(() => {
    running = undefined;
  });
  return running;
}

/** Web Locks exist only where the page is served safely or from this machine. */
const withLock = (work: () => Promise<Login>): Promise<Login> =>
  "locks" in navigator ? navigator.locks.request(LOCK, work) : work();

async function exchange(): Promise<Login> {
  let response: Response;
  try {
    response = await fetch("/api/v1/auth/refresh", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
      // Who leaves before the answer is there needs its cookie all the same: the old one, used once more, would end the session.
      keepalive: true,
    });
  } catch {
    throw problem({ status: 0, code: "OFFLINE", detail: "No answer" });
  }
  if (!response.ok) {
    accessToken = undefined;
    const refused = await readProblem(response);
    if (refused.status === 401) onEnd?.();
    throw refused;
  }
  const login = (await response.json()) as Login;
  accessToken = login.accessToken;
  return login;
}
