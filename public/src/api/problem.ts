/** A refused or failed request, as `application/problem+json` tells it; `OFFLINE` when no answer came. */
export interface Problem extends Error {
  readonly type: "problem";
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId?: string;
  readonly errors?: readonly { pointer: string; message: string }[];
  /** What `OUT_OF_STOCK` names. */
  readonly items?: readonly { sku: string; available: number }[];
  readonly reason?: string;
}

/** The error to throw for a problem document. */
export const problem = (
  facts: { status: number; code: string; detail: string } & Partial<Problem>,
): Problem => Object.assign(new Error(facts.detail), facts, { type: "problem" as const });

export const isProblem = (error: unknown): error is Problem =>
  (error as { type?: unknown } | null)?.type === "problem";

export const hasCode = (error: unknown, ...codes: string[]): error is Problem =>
  isProblem(error) && codes.includes(error.code);

/** The server says that there is no such thing, or none for who asks; anything else leaves that open. */
export const isMissing = (error: unknown): boolean =>
  isProblem(error) && [401, 403, 404, 410].includes(error.status);

/** Whether it is unknown what the server did: no answer came, or it broke while working. */
export const isUndecided = (error: unknown): boolean =>
  isProblem(error) && (error.status === 0 || error.status >= 500 || error.code === "IN_FLIGHT");

/** Reads a refusal's body, whatever a proxy on the way made of it. */
export async function readProblem(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => undefined)) as Partial<Problem> | undefined;
  return problem({
    ...body,
    status: response.status,
    code: body?.code ?? "UNKNOWN",
    detail: body?.detail ?? response.statusText,
    requestId: body?.requestId ?? response.headers.get("x-request-id") ?? undefined,
  });
}
