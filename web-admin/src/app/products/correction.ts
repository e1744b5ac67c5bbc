/** Why the stock is corrected: something came, something went, or somebody counted. */
export type Correction = "came" | "went" | "counted";

/** How many more there are, or fewer when negative. */
export function deltaOf(kind: Correction, count: number, onHand: number): number {
  if (kind === "counted") return count - onHand;
  return kind === "went" ? -count : count;
}
