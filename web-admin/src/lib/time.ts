// Time on screen: formats in the reader's language, and counts down by the server's clock, not by this machine's.
import { useEffect, useState } from "react";

export const formatTime = (at: string, language: string) =>
  new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));

export const formatClock = (at: number, language: string) =>
  new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(
    at,
  );

export type Countdown = { days: number; hours: number; minutes: number; seconds: number; over: boolean };

export function countdown(millis: number): Countdown {
  const left = Math.max(0, Math.ceil(millis / 1000));
  return {
    days: Math.floor(left / 86_400),
    hours: Math.floor(left / 3600) % 24,
    minutes: Math.floor(left / 60) % 60,
    seconds: left % 60,
    over: left === 0,
  };
}

/** `2 天 03:04:05` without the words: days apart, the rest as a clock. */
export const clockOf = ({ hours, minutes, seconds }: Countdown) =>
  [hours, minutes, seconds].map((part) => String(part).padStart(2, "0")).join(":");

/** Milliseconds until `deadline` by the server's clock, re-rendering as each second turns; `offset` = server − here. */
export function useRemaining(deadline: string | null | undefined, offset: number): number {
  const [now, setNow] = useState(() => Date.now());
  const left = deadline ? Date.parse(deadline) - (now + offset) : 0;
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setNow(Date.now()), (left % 1000) + 1);
    return () => clearTimeout(timer);
  }, [left]);
  return Math.max(0, left);
}
