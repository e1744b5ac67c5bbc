// Counts what was checked and ends the process with the verdict.

/** The URL under test: the first argument. */
export function target() {
  const url = process.argv[2];
  if (!url) {
    console.error('usage: node SCRIPT URL');
    process.exit(2);
  }
  return url;
}

export class Report {
  #name;
  #passed = 0;
  #failed = 0;

  constructor(name) {
    this.#name = name;
  }

  /** Notes one check. */
  add(what, ok, why = '') {
    if (ok) this.#passed += 1;
    else {
      this.#failed += 1;
      console.log(`${this.#name}: FAILED ${what}\n    ${why}`);
    }
  }

  /** Runs one check; a throw or too long a silence fail it. */
  async check(what, run, limit = 10_000) {
    let timer;
    try {
      await Promise.race([
        run(),
        new Promise((_, reject) => {
          timer = setTimeout(() => reject(new Error(`no answer in ${limit} ms`)), limit);
        }),
      ]);
      this.add(what, true);
    } catch (error) {
      this.add(what, false, error?.stack ?? error?.reason ?? String(error));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Prints the count line and exits; fewer checks than `least` fail, too. */
  finish(least = 1) {
    const ran = this.#passed + this.#failed;
    if (ran < least) this.add(`${least} checks`, false, `only ${ran} ran`);
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    process.exit(this.#failed === 0 ? 0 : 1);
  }
}

/** Fails with what was expected. */
export function expect(actual, wanted, what = 'value') {
  const [a, w] = [JSON.stringify(actual), JSON.stringify(wanted)];
  if (a !== w) throw new Error(`${what}: ${a} instead of ${w}`);
}
