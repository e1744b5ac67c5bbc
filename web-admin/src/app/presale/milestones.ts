// What happens to a presale when: windows that touch are one moment.
type Windows = {
  mode: string;
  startsAt: string;
  endsAt: string;
  balanceFrom: string;
  balanceUntil: string;
  shipBy: string;
};
export type Milestone = {
  key: "starts" | "ends" | "endsAndBalance" | "balanceFrom" | "balanceUntil" | "ships";
  at: string;
};

export function milestones(presale: Windows): Milestone[] {
  const sells: Milestone = { key: "starts", at: presale.startsAt };
  const ships: Milestone = { key: "ships", at: presale.shipBy };
  if (presale.mode === "FULL") return [sells, { key: "ends", at: presale.endsAt }, ships];
  const touch = presale.endsAt === presale.balanceFrom;
  const middle: Milestone[] = touch
    ? [{ key: "endsAndBalance", at: presale.endsAt }]
    : [
        { key: "ends", at: presale.endsAt },
        { key: "balanceFrom", at: presale.balanceFrom },
      ];
  return [sells, ...middle, { key: "balanceUntil", at: presale.balanceUntil }, ships];
}
