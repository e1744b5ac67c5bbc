import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { bargainProofQuery, verifyBargain } from "../dist/bargain.js";

const { algorithm, vectors } = JSON.parse(readFileSync(new URL("../../../docs/bargain-vectors.json", import.meta.url), "utf8"));

for (const { name, proof, verdict, breaks } of vectors) {
  test(`bargain: ${name}`, async () => {
    assert.deepEqual(await verifyBargain(proof), { verdict, breaks });
  });
}

test("bargain: there are vectors of every verdict", () => {
  assert.equal(algorithm, "liebian.bargain.v1");
  assert.deepEqual([...new Set(vectors.map(({ verdict }) => verdict))].sort(), ["BROKEN", "PROVED", "SEALED"]);
});

test("bargain: one bit of anything and it is broken", async () => {
  const { proof } = vectors.find(({ verdict }) => verdict === "PROVED");
  let broken = 0;
  for (const [at, cut] of proof.made.entries()) {
    const made = proof.made.with(at, { ...cut, helperId: cut.helperId.replace(/.$/, (last) => (last === "0" ? "1" : "0")) });
    if ((await verifyBargain({ ...proof, made })).verdict === "BROKEN") broken += 1;
  }
  // Another helper may draw the same share by chance, and the last share is the last share, whoever draws it.
  assert.ok(broken >= proof.cuts / 2 && broken < proof.cuts, `${broken} of ${proof.cuts}`);
  const { verdict } = await verifyBargain({ ...proof, recordId: proof.recordId.replace(/.$/, "x") });
  assert.equal(verdict, "BROKEN");
});

test("bargain: the query asks for every member of a proof", () => {
  const { proof } = vectors[0];
  for (const member of [...Object.keys(proof), ...Object.keys(proof.made[0])]) assert.match(bargainProofQuery, new RegExp(`\\b${member}\\b`));
});
