/**
 * Proves the cuts of a bargain, from the proof alone: nothing of the server is trusted but the hash it showed when the
 * bargain began. `docs/bargain.md` has the algorithm, `docs/bargain-vectors.json` what it must answer.
 */

/** What `bargainProof` answers, as `bargainProofQuery` asks it. */
export interface BargainProof {
  version: string;
  recordId: string;
  currency: string;
  firstMinor: number;
  floorMinor: number;
  cuts: number;
  newCustomerDraws: number;
  seedHash: string;
  /** Absent while a cut can follow. */
  seed?: string | null;
  priceMinor: number;
  made: BargainCut[];
}

/** One cut. */
export interface BargainCut {
  no: number;
  helperId: string;
  salt: string;
  draws: number;
  amountMinor: number;
  priceMinor: number;
}

/** PROVED: every cut is right. SEALED: the amounts add up, the seed is not shown yet. BROKEN: something is wrong. */
export type BargainVerdict = "PROVED" | "SEALED" | "BROKEN";

/** What is wrong, and at which cut; `null`: at the whole. */
export interface BargainBreak {
  code:
    | "VERSION"
    | "DEAL"
    | "TOO_MANY_CUTS"
    | "CUT_NUMBER"
    | "HELPER_TWICE"
    | "SALT"
    | "DRAWS"
    | "PRICE"
    | "SEED_HASH"
    | "AMOUNT";
  no: number | null;
}

/** Asks everything a proof needs: `variables: { id }`. */
export const bargainProofQuery = `query BargainProof($id: ID!) {
  bargainProof(id: $id) {
    version recordId currency firstMinor floorMinor cuts newCustomerDraws seedHash seed priceMinor
    made { no helperId salt draws amountMinor priceMinor }
  }
}`;

const VERSION = "liebian.bargain.v1";
const MOST_CUTS = 1_000;
const MOST_DRAWS = 5;

/** Computes every cut again. */
export async function verifyBargain(proof: BargainProof): Promise<{ verdict: BargainVerdict; breaks: BargainBreak[] }> {
  const whole = (code: BargainBreak["code"]): BargainBreak => ({ code, no: null });
  if (proof.version !== VERSION) return { verdict: "BROKEN", breaks: [whole("VERSION")] };
  if (!isSound(proof)) return { verdict: "BROKEN", breaks: [whole("DEAL")] };
  const breaks = addsUp(proof);
  const { seed } = proof;
  if (seed === undefined || seed === null) return { verdict: breaks.length === 0 ? "SEALED" : "BROKEN", breaks };
  const bytes = unhex(seed);
  if (bytes && hex(await crypto.subtle.digest("SHA-256", bytes)) === proof.seedHash) {
    breaks.push(...(await drawnAgain(proof, await rolls(bytes))));
  } else {
    breaks.push(whole("SEED_HASH"));
  }
  return { verdict: breaks.length === 0 ? "PROVED" : "BROKEN", breaks };
}

/** A number for a message that nobody can guess without the seed. */
type Roll = (message: string) => Promise<bigint>;

/** The shares a proof's cuts are drawn from, in minor units. */
async function planOf({ recordId, firstMinor, floorMinor, cuts }: BargainProof, roll: Roll): Promise<bigint[]> {
  let surplus = BigInt(firstMinor) - BigInt(floorMinor) - BigInt(cuts);
  const shares: bigint[] = [];
  for (let k = 1; k <= cuts; k += 1) {
    const left = BigInt(cuts - k + 1);
    const extra =
      left === 1n
        ? surplus
        : (await roll(`${VERSION}|plan|${recordId}|${firstMinor}|${floorMinor}|${cuts}|${k}`)) % ((2n * surplus) / left + 1n);
    surplus -= extra;
    shares.push(1n + extra);
  }
  return shares;
}

async function drawnAgain(proof: BargainProof, roll: Roll): Promise<BargainBreak[]> {
  const left = await planOf(proof, roll);
  const breaks: BargainBreak[] = [];
  for (const [at, cut] of proof.made.slice(0, proof.cuts).entries()) {
    const no = at + 1;
    let best: number | undefined;
    for (let d = 1; d <= Math.min(cut.draws, MOST_DRAWS); d += 1) {
      const drawn = await roll(`${VERSION}|cut|${proof.recordId}|${no}|${cut.helperId}|${cut.salt}|${d}`);
      const place = Number(drawn % BigInt(left.length));
      // Of equal ones the first in the plan; the shares that are left keep its order.
      const better = best === undefined || share(left, place) > share(left, best);
      if (better || (share(left, place) === share(left, best ?? place) && place < (best ?? place))) best = place;
    }
    const [taken] = best === undefined ? [] : left.splice(best, 1);
    if (taken !== BigInt(cut.amountMinor)) breaks.push({ code: "AMOUNT", no });
  }
  return breaks;
}

function share(shares: bigint[], place: number): bigint {
  return shares[place] ?? 0n;
}

function isSound({ firstMinor, floorMinor, cuts, newCustomerDraws }: BargainProof): boolean {
  return (
    [firstMinor, floorMinor, cuts, newCustomerDraws].every(Number.isSafeInteger) &&
    floorMinor >= 0 &&
    cuts >= 1 &&
    cuts <= MOST_CUTS &&
    firstMinor - floorMinor >= cuts &&
    newCustomerDraws >= 1 &&
    newCustomerDraws <= MOST_DRAWS
  );
}

/** What can be seen without the seed. */
function addsUp(proof: BargainProof): BargainBreak[] {
  const breaks: BargainBreak[] = [];
  const helpers = new Set<string>();
  let price = proof.firstMinor;
  for (const [at, cut] of proof.made.entries()) {
    const broken = (code: BargainBreak["code"], is: boolean): void => {
      if (is) breaks.push({ code, no: at + 1 });
    };
    price -= cut.amountMinor;
    broken("CUT_NUMBER", cut.no !== at + 1);
    broken("HELPER_TWICE", helpers.has(cut.helperId));
    broken("SALT", !/^[A-Za-z0-9._-]{0,64}$/.test(cut.salt));
    broken("DRAWS", cut.draws !== 1 && cut.draws !== proof.newCustomerDraws);
    broken("PRICE", cut.priceMinor !== price);
    helpers.add(cut.helperId);
  }
  if (proof.priceMinor !== price) breaks.push({ code: "PRICE", no: null });
  if (proof.made.length > proof.cuts) breaks.push({ code: "TOO_MANY_CUTS", no: null });
  return breaks;
}

/** The first 16 bytes of HMAC-SHA256 under the seed, the first byte the highest. */
async function rolls(seed: Uint8Array<ArrayBuffer>): Promise<Roll> {
  const key = await crypto.subtle.importKey("raw", seed, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return async (message) => {
    const tag = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(message));
    return BigInt(`0x${hex(tag.slice(0, 16))}`);
  };
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unhex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[0-9a-f]{64}$/.test(text)) return undefined;
  return Uint8Array.from({ length: 32 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}
