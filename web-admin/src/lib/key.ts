// One effect per key: the same input sent again, after a broken answer, carries the same key; another input another.
import { useRef } from "react";

/** A key nobody has used; also where the page is not served over HTTPS and the browser offers no `randomUUID`. */
export const freshKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Remembers the key of the input that was sent last. */
export function keyring() {
  let last: { input: string; key: string } | undefined;
  return {
    of(input: unknown) {
      const said = JSON.stringify(input);
      if (last?.input !== said) last = { input: said, key: freshKey() };
      return last.key;
    },
    /** The input had its effect: the same again is meant to have another. */
    used() {
      last = undefined;
    },
  };
}

/** A ring of keys for as long as a form is open. */
export function useKeyring() {
  const ring = useRef<ReturnType<typeof keyring>>(undefined);
  ring.current ??= keyring();
  return ring.current;
}
