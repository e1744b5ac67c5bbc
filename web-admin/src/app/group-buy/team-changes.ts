// What happened between two pictures of a team, for the list of happenings and for screen readers.
import type { Team } from "./team";

export type Change = {
  kind: "reserved" | "confirmed" | "released" | "refunded" | "opened" | "formed" | "failed";
  name?: string;
  seatNo?: number;
};

/** Who sits there, by customer: nobody holds two seats of one team at a time, but may have given one up before. */
const sitting = (team: Team) =>
  new Map(
    team.seats.flatMap((seat) =>
      seat.customer && (seat.state === "RESERVED" || seat.state === "CONFIRMED")
        ? [[seat.customer.id, seat] as const]
        : [],
    ),
  );

/** The changes, the weightiest first; the first picture has nothing to compare with and so no changes. */
export function changes(before: Team | undefined, after: Team): Change[] {
  if (!before) return [];
  const [were, are] = [sitting(before), sitting(after)];
  const news: Change[] = [];
  for (const [id, { seatNo, state, customer }] of are) {
    if (were.get(id)?.state === state) continue;
    news.push({ kind: state === "CONFIRMED" ? "confirmed" : "reserved", name: customer?.nickname, seatNo });
  }
  for (const [id, { seatNo, customer }] of were) {
    if (are.has(id)) continue;
    const refunded = after.seats.some((seat) => seat.customer?.id === id && seat.state === "REFUNDED");
    news.push({ kind: refunded ? "refunded" : "released", name: customer?.nickname, seatNo });
  }
  if (before.state !== after.state && after.state === "FORMED") news.unshift({ kind: "formed" });
  if (before.state !== after.state && after.state === "FAILED") news.unshift({ kind: "failed" });
  if (before.state === "PENDING" && after.state === "OPEN") news.push({ kind: "opened" });
  return news;
}
