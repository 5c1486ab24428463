/** The error that a call is refused with; throws when it succeeds. */
export async function refused(call: Promise<unknown>): Promise<{ code: number; type: string }> {
  let answer: unknown;
  try {
    answer = await call;
  } catch (error) {
    return error as { code: number; type: string };
  }
  throw new Error(`Not refused but ${JSON.stringify(answer)}`);
}
