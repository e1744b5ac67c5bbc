// What happened between two pictures of a team, for the list of happenings and for screen readers.
import type { Team } from "./team";

export type Change = {
  kind: "reserved" | "confirmed" | "released" | "refunded" | "formed" | "failed";
  name?: string;
  seatNo?: number;
};

const kinds = { RESERVED: "reserved", CONFIRMED: "confirmed", RELEASED: "released", REFUNDED: "refunded" } as const;

/** The changes, the weightiest first; the first picture has nothing to compare with and so no changes. */
export function changes(before: Team | undefined, after: Team): Change[] {
  if (!before) return [];
  const news: Change[] = [];
  const holder = (team: Team, seatNo: number) => team.seats.find((seat) => seat.seatNo === seatNo && seat.customer);
  for (const seat of after.seats) {
    const was = holder(before, seat.seatNo);
    if (!seat.customer || (was?.customer?.id === seat.customer.id && was.state === seat.state)) continue;
    news.push({ kind: kinds[seat.state], name: seat.customer.nickname, seatNo: seat.seatNo });
  }
  for (const seat of before.seats) {
    if (!seat.customer || seat.state === "RELEASED" || holder(after, seat.seatNo)) continue;
    news.push({ kind: "released", name: seat.customer.nickname, seatNo: seat.seatNo });
  }
  if (before.state !== after.state && after.state !== "OPEN") {
    news.unshift({ kind: after.state === "FORMED" ? "formed" : "failed" });
  }
  return news;
}
