/**
 * The server's time on this device.
 *
 * A sample is what the server said and when it was heard, so it can only be too old, never too new: the best estimate is
 * the largest. A shared payload may be minutes old, which makes a small sample and changes nothing.
 */
export class ServerClock {
  #offset: number | undefined;

  constructor(readonly local: () => number = Date.now) {}

  /** A new connection: what was estimated before may be from before the device slept. */
  restart(serverTime: string): void {
    this.#offset = undefined;
    this.hear(serverTime);
  }

  /** The server has said its time. */
  hear(serverTime: string): void {
    const offset = Date.parse(serverTime) - this.local();
    if (Number.isFinite(offset)) this.#offset = Math.max(this.#offset ?? -Infinity, offset);
  }

  /** Milliseconds since 1970 by the server's clock. */
  now(): number {
    return this.local() + (this.#offset ?? 0);
  }

  /** Milliseconds left until a deadline the server named; never negative. */
  left(deadline: string | number): number {
    return Math.max(0, (typeof deadline === "number" ? deadline : Date.parse(deadline)) - this.now());
  }

  /** Calls `tick` with the milliseconds left: now, at every full second left, and once with 0. Answers how to stop. */
  countdown(deadline: string | number, tick: (left: number) => void): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const step = (): void => {
      const left = this.left(deadline);
      timer = left > 0 ? setTimeout(step, left % 1000 || 1000) : undefined;
      tick(left);
    };
    step();
    return () => clearTimeout(timer);
  }
}
