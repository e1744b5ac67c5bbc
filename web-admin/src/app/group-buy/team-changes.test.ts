import { expect, test } from "vitest";
import type { Team } from "./team";
import { changes } from "./team-changes";

type Seat = Team["seats"][number];
const seat = (seatNo: number, name: string, state: Seat["state"]): Seat => ({
  seatNo,
  state,
  isLeader: seatNo === 1,
  joinedAt: "2026-11-11T00:00:00Z",
  customer: { id: name, nickname: name, avatarUrl: null },
});
const team = (state: Team["state"], ...seats: Seat[]) => ({ state, size: 3, seats }) as Team;

test("the first picture is not news", () => {
  expect(changes(undefined, team("OPEN", seat(1, "ann", "CONFIRMED")))).toEqual([]);
});

test("a seat that is taken, then paid", () => {
  const before = team("OPEN", seat(1, "ann", "CONFIRMED"));
  const taken = team("OPEN", seat(1, "ann", "CONFIRMED"), seat(2, "bob", "RESERVED"));
  const paid = team("OPEN", seat(1, "ann", "CONFIRMED"), seat(2, "bob", "CONFIRMED"));
  expect(changes(before, taken)).toEqual([{ kind: "reserved", name: "bob", seatNo: 2 }]);
  expect(changes(taken, paid)).toEqual([{ kind: "confirmed", name: "bob", seatNo: 2 }]);
  expect(changes(paid, paid)).toEqual([]);
});

test("a seat that is given up, whether the server keeps or drops it", () => {
  const before = team("OPEN", seat(1, "ann", "CONFIRMED"), seat(2, "bob", "RESERVED"));
  const gone = [{ kind: "released", name: "bob", seatNo: 2 }];
  expect(changes(before, team("OPEN", seat(1, "ann", "CONFIRMED")))).toEqual(gone);
  expect(changes(before, team("OPEN", seat(1, "ann", "CONFIRMED"), seat(2, "bob", "RELEASED")))).toEqual(gone);
});

test("forming comes before the payment that caused it", () => {
  const before = team("OPEN", seat(1, "ann", "CONFIRMED"), seat(2, "bob", "CONFIRMED"), seat(3, "cai", "RESERVED"));
  const after = team("FORMED", seat(1, "ann", "CONFIRMED"), seat(2, "bob", "CONFIRMED"), seat(3, "cai", "CONFIRMED"));
  expect(changes(before, after).map(({ kind }) => kind)).toEqual(["formed", "confirmed"]);
});

test("somebody who gave a seat up and came back is news once", () => {
  const before = team("OPEN", seat(1, "ann", "CONFIRMED"), seat(2, "bob", "RELEASED"));
  const after = team("OPEN", seat(1, "ann", "CONFIRMED"), seat(2, "bob", "RELEASED"), seat(2, "bob", "RESERVED"));
  expect(changes(before, after)).toEqual([{ kind: "reserved", name: "bob", seatNo: 2 }]);
  expect(changes(after, after)).toEqual([]);
});

test("money that goes back", () => {
  const before = team("FAILED", seat(1, "ann", "CONFIRMED"));
  expect(changes(before, team("FAILED", seat(1, "ann", "REFUNDED")))).toEqual([
    { kind: "refunded", name: "ann", seatNo: 1 },
  ]);
});

test("the clock starts when the leader pays", () => {
  const kinds = changes(team("PENDING", seat(1, "ann", "RESERVED")), team("OPEN", seat(1, "ann", "CONFIRMED"))).map(
    ({ kind }) => kind,
  );
  expect(kinds).toEqual(["confirmed", "opened"]);
});
