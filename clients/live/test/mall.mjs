// Against the real mall, started by `tests/live_client.rs`, over a network that breaks all the time, also within frames.
// Prints every order the feed tells of; ends when it is told of so many, or shows what was wrong.
import assert from "node:assert/strict";

import WebSocket from "ws";

import { createLive } from "../dist/index.js";
import { Network } from "./server.mjs";

const { url, token, sku, orders, available } = JSON.parse(process.env.MALL);
const FEED = "subscription($after: String) { orderFeed(after: $after) { cursor gap serverTime fact { name order { id } } } }";
const STOCK = "subscription($id: ID!, $after: String) { skuStockChanged(skuId: $id, after: $after) { cursor gap available } }";

const { hostname, port } = new URL(url);
const online = async (path, options) => {
  const network = await Network.to({ host: hostname, port: Number(port) });
  const live = createLive({ url: `${network.url.slice(0, -1)}${path}`, webSocketImpl: WebSocket, wait: () => 20, ...options });
  return { network, live };
};

const staff = await online("/admin/graphql", { token: () => token });
const stranger = await online("/shop/graphql", {});
const failed = (error) => {
  console.error(error);
  process.exit(1);
};

const told = new Set();
let seen;
const everything = new Promise((resolve) => {
  staff.live.watch({ query: FEED }, {
    next: ({ cursor, gap, fact }) => {
      try {
        assert.equal(gap, false);
        const number = Number(cursor.split(":")[1]);
        if (fact) assert.equal(number, seen + 1, "no fact is skipped, none told twice");
        else if (seen !== undefined) assert.equal(number, seen, "it goes on where it was");
        else console.log("following");
        seen = number;
        if (fact?.name !== "trade.order_placed.v1") return;
        assert.ok(!told.has(fact.order.id), "an order is placed once");
        told.add(fact.order.id);
        console.log(fact.order.id);
        if (told.size === orders) resolve();
      } catch (error) {
        failed(error);
      }
    },
    error: failed,
  });
});
const latest = new Promise((resolve) => {
  stranger.live.watch({ query: STOCK, variables: { id: sku } }, {
    next: (frame) => frame.available === available && resolve(),
    error: failed,
  });
});

// One time between frames, one time within one.
let cuts = 0;
const breaking = setInterval(() => {
  cuts += 1;
  for (const { network } of [staff, stranger]) cuts % 2 ? network.cutWithin() : network.cut();
}, 60);

await Promise.all([everything, latest]);
clearInterval(breaking);
for (const { live, network } of [staff, stranger]) {
  live.close();
  network.close();
}
console.log(`done after ${cuts} cuts`);
