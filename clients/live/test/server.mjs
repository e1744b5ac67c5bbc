// The real server with a network in between that can be cut.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { createClient } from "graphql-ws/client";
import WebSocket from "ws";

const workspace = fileURLToPath(new URL("../../../", import.meta.url));

/** Starts `live-server`: that of LIVE_SERVER, or one built now. */
export async function startServer() {
  const [program, ...args] = process.env.LIVE_SERVER
    ? [process.env.LIVE_SERVER]
    : ["cargo", "run", "--quiet", "--package", "realtime", "--example", "live-server"];
  const server = spawn(program, args, { cwd: workspace, stdio: ["ignore", "pipe", "inherit"] });
  const [address] = await once(createInterface(server.stdout), "line");
  const [host, port] = address.split(":");
  const client = createClient({ url: `ws://${address}/`, webSocketImpl: WebSocket });
  const grow = async (by) => {
    const answer = client.iterate({ query: "mutation($by: Int!) { grow(by: $by) }", variables: { by } });
    const { value } = await answer.next();
    if (value.errors) throw new Error(JSON.stringify(value.errors));
    return value.data.grow;
  };
  return {
    host,
    port: Number(port),
    grow,
    stop: async () => {
      await client.dispose();
      server.kill();
    },
  };
}

/** A network between the client and the server. */
export class Network {
  #pairs = new Set();
  #down = false;

  static async to(server) {
    const network = new Network();
    network.listener = createServer((near) => {
      if (network.#down) return near.destroy();
      const far = connect(server.port, server.host);
      const pair = { near, far };
      network.#pairs.add(pair);
      for (const [from, into] of [[near, far], [far, near]]) {
        from.on("data", (bytes) => {
          if (pair.frozen) return;
          // The next thing the server says ends in the middle.
          if (pair.torn && from === far) into.write(bytes.subarray(0, bytes.length >> 1), () => into.destroy());
          else into.write(bytes);
        });
        from.on("error", () => {});
        from.on("close", () => {
          into.destroy();
          network.#pairs.delete(pair);
        });
      }
    });
    network.listener.listen(0, "127.0.0.1");
    await once(network.listener, "listening");
    return network;
  }

  get url() {
    return `ws://127.0.0.1:${this.listener.address().port}/`;
  }

  get connections() {
    return this.#pairs.size;
  }

  /** Every connection breaks; new ones are fine. */
  cut() {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  /** Every connection breaks within the next frame. */
  cutWithin() {
    for (const pair of this.#pairs) pair.torn = true;
  }

  /** Nothing gets through any more, and nobody is told. */
  freeze() {
    for (const pair of this.#pairs) pair.frozen = true;
  }

  down() {
    this.#down = true;
    this.cut();
  }

  up() {
    this.#down = false;
  }

  close() {
    this.cut();
    this.listener.close();
  }
}
