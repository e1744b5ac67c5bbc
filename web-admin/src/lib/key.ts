// One effect per key: the same input sent again, after a broken answer, carries the same key; another input another.
import { useRef } from "react";

/** A key nobody has used; also where the page is not served over HTTPS and the browser offers no `randomUUID`. */
export const freshKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** What was sent last, and under which key. */
export type Sent = { input: string; key: string };

/** Remembers the key of the input that was sent last. */
export function keyring(last?: Sent) {
  return {
    of(input: unknown) {
      const said = JSON.stringify(input);
      if (last?.input !== said) last = { input: said, key: freshKey() };
      return last.key;
    },
    /** To be kept where a reload does not reach, and handed to the next ring. */
    sent: () => last,
    /** The input had its effect: the same again is meant to have another. */
    used() {
      last = undefined;
    },
  };
}

/** A ring of keys for as long as a form is open. */
export function useKeyring(last?: Sent) {
  const ring = useRef<ReturnType<typeof keyring>>(undefined);
  ring.current ??= keyring(last);
  return ring.current;
}
