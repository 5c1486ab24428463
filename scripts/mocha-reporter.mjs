import Mocha from "mocha";

const GRACE_MS = 10_000;

/** Dots, then the failures, then one closing line that scripts can read: `412 passed, 0 failed`. */
export default class ClosingLineReporter extends Mocha.reporters.Dot {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : "";
    process.stdout.write(`${passes} passed, ${failures} failed${skipped}\n`);
    endWhenSomethingIsLeftOpen();
  }
}

/** The timer is unref'd: it fires only when something else still keeps the process alive, which is a fault. */
function endWhenSomethingIsLeftOpen() {
  const timer = setTimeout(() => {
    const open = process.getActiveResourcesInfo().filter((name) => name !== "TTYWrap");
    process.stderr.write(`The tests ended, but these keep the process alive: ${open.join(", ")}\n`);
    process.exit(1);
  }, GRACE_MS);
  timer.unref();
}
