/**
 * Polls until `probe` answers something truthy (or stops throwing) and answers that.
 * @param within milliseconds until it gives up; the message says what was still wrong
 */
export async function eventually<T>(probe: () => T | Promise<T>, within = 10_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + within;
  for (let pause = 2; ; pause = Math.min(pause * 2, 50)) {
    let last: unknown;
    try {
      const value = await probe();
      if (value) return value;
      last = new Error(`still ${JSON.stringify(value)}`);
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`Not within ${within} ms`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
