// The welcome page and a small shop to try the engine with. No framework: a view is a function that returns elements and
// the subscriptions it needs; the address (#/, #/group-buy/…, #/team/…) says which one.
//
// Who you are lives in sessionStorage, so two windows are two customers.
import { ask, context, Failed, Live } from "./live.js";
import { texts } from "./texts.js";

// ---------- small tools

const $ = (id) => document.getElementById(id);
const main = $("main");

/** An element: `h("a", { href, class, onclick, "aria-label" }, "text", child, …)`; false and null children vanish. */
function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(9).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

const remembered = localStorage.getItem("liebian.language");
let language = remembered in texts ? remembered : "zh-CN";
let t = texts[language];
context.language = () => language;

const decimals = { JPY: 0, KWD: 3 };
/** Minor units to text, without a float in between. */
function money({ amount, currency }) {
  const exponent = decimals[currency] ?? 2;
  const digits = String(amount).replace("-", "").padStart(exponent + 1, "0");
  const cut = digits.length - exponent;
  const major = `${Number(amount) < 0 ? "-" : ""}${digits.slice(0, cut)}${exponent ? `.${digits.slice(cut)}` : ""}`;
  return new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(major);
}
const moment = (at) => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
const clock = (at) => new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23" }).format(at);
function remaining(millis) {
  const left = Math.max(0, Math.ceil(millis / 1000));
  const parts = [Math.floor(left / 3600) % 24, Math.floor(left / 60) % 60, left % 60];
  const text = parts.map((part) => String(part).padStart(2, "0")).join(":");
  return left >= 86_400 ? `${t.days(Math.floor(left / 86_400))} ${text}` : text;
}
const uid = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const say = (text) => {
  $("say").textContent = text;
};
function toast(text, detail) {
  const box = h("p", { class: "toast" }, text, detail && h("small", {}, detail));
  $("toasts").append(box);
  setTimeout(() => box.remove(), 7000);
}
function complain(error) {
  if (!(error instanceof Failed)) throw error;
  const text = error.code === "NETWORK" ? t.network : error.code === "UNAUTHENTICATED" ? t.signInFirst : t.failedRequest;
  toast(text, error.requestId && `${t.requestId} ${error.requestId}`);
}

function face(customer, size) {
  const letter = [...(customer.nickname || "?")][0];
  const style = { "--size": `${size}px` };
  if (customer.avatarUrl) return h("img", { class: "face", src: customer.avatarUrl, alt: "", style });
  const hue = [...customer.id].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 360, 7);
  return h(
    "span",
    { class: "face", "aria-hidden": "true", style: { ...style, background: `hsl(${hue} 55% 45%)` } },
    letter,
  );
}

/** The leader's crown, drawn here because not every machine has a font with one. */
function crown() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 20", class: "crown", role: "img", "aria-label": t.leader })) svg.setAttribute(name, value);
  path.setAttribute("d", "M2 4l5 5 5-8 5 8 5-5-2 14H4z");
  svg.append(path);
  return svg;
}

// ---------- who you are

const FACES = 10;
let demo = []; // the customers one may be; empty outside demo mode
let me = JSON.parse(sessionStorage.getItem("liebian.me") ?? "null"); // { customer, accessToken, expiresAt }

async function obtain(customer) {
  const response = await fetch("/demo/sign-in", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ customer: customer.id }),
  }).catch(() => undefined);
  if (!response?.ok) return complain(new Failed("NETWORK", ""));
  me = { customer, ...(await response.json()) };
  sessionStorage.setItem("liebian.me", JSON.stringify(me));
}
async function signInAs(customer) {
  await obtain(customer);
  live.restart();
}
function signOut() {
  me = null;
  sessionStorage.removeItem("liebian.me");
  live.restart();
}
/** Demo tokens live for minutes; before one runs out the same customer signs in again. */
context.token = async () => {
  if (me && Date.parse(me.expiresAt) - Date.now() < 30_000) {
    const customer = me.customer;
    me = null;
    await obtain(customer);
  }
  return me?.accessToken;
};

// ---------- live data

let pill;
let connection = ["connecting"];
const live = new Live((...state) => {
  connection = state;
  showConnection();
});
function showConnection() {
  const [state, since] = connection;
  document.body.dataset.connection = state;
  if (!pill) return;
  pill.className = `pill ${state}`;
  pill.lastChild.textContent = state === "stale" ? t.stale(clock(since)) : t[state];
}
function connectionPill() {
  pill = h("output", { class: "pill" }, h("i", { "aria-hidden": "true" }), h("span"));
  showConnection();
  return pill;
}

let leave = []; // what to undo when the view changes
const subscribe = (...args) => leave.push(live.subscribe(...args));
let offset = 0; // server clock − this clock
/** Runs now and each second while the view is shown. */
function everySecond(run) {
  run();
  const timer = setInterval(run, 1000);
  leave.push(() => clearInterval(timer));
}

// ---------- documents

const team = `id state size seatsTaken virtualSeats needed deadline
  seats { seatNo state isLeader customer { id nickname avatarUrl } }`;
const skus = `sizes skus { skuId optionsLabel originalPrice { amount currency } prices { size price { amount currency } leaderPrice { amount currency } } }`;
const documents = {
  home: `query Home {
    categories { id name }
    groupBuys(first: 12) { edges { node { id title imageUrl endsAt openTeamCount ${skus} } } }
  }`,
  products: `query Products($first: Int, $after: String, $filter: ProductFilter) {
    products(first: $first, after: $after, filter: $filter) {
      edges { node { id title subtitle cover { url } priceRange { min { amount currency } max { amount currency } } } }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  groupBuy: `query GroupBuy($id: ID!) { groupBuy(id: $id) { id title imageUrl state endsAt rules ${skus} } }`,
  openTeams: `subscription OpenTeams($id: ID!, $after: String) {
    groupBuyOpenTeams(groupBuyId: $id, after: $after) {
      cursor gap serverTime teams { id needed deadline leader { id nickname avatarUrl } }
    }
  }`,
  progress: `subscription TeamProgress($id: ID!, $after: String) {
    groupBuyTeamProgress(id: $id, after: $after) {
      cursor gap serverTime team { ${team} groupBuy { id title imageUrl rules ${skus} } }
    }
  }`,
  order: `subscription OrderUpdated($id: ID!, $after: String) {
    orderUpdated(id: $id, after: $after) { cursor gap serverTime order { id orderNo status } }
  }`,
  quote: `mutation Quote($input: QuoteCreateInput!) {
    quoteCreate(input: $input) {
      quote { id expiresAt total { amount currency } trace { step amount { amount currency } } }
      userErrors { code message }
    }
  }`,
  open: `mutation Open($input: GroupBuyTeamOpenInput!) {
    groupBuyTeamOpen(input: $input) { team { id } order { id orderNo status } userErrors { code message } }
  }`,
  join: `mutation Join($input: GroupBuyTeamJoinInput!) {
    groupBuyTeamJoin(input: $input) { team { id } order { id orderNo status } userErrors { code message } }
  }`,
  pay: `mutation Pay($input: OrderPayInput!) {
    orderPay(input: $input) { payment { id state action { kind url } } userErrors { code message } }
  }`,
};

const address = { recipient: "演示顾客", phone: "13800000000", region: "浙江省杭州市西湖区", street: "文三路 1 号" };

// ---------- the frame

function frame() {
  document.documentElement.lang = language;
  document.title = `${t.tagline} · Liebian`;
  $("skip").textContent = t.skip;
  $("bar").replaceChildren(
    h("a", { class: "brand", href: "#/" }, h("img", { src: "logo.svg", alt: "", width: 30, height: 30 }), h("b", {}, "裂变"), h("span", {}, "Liebian")),
    h(
      "div",
      { class: "bar-end" },
      me &&
        h(
          "span",
          { class: "me", title: t.signedInAs(me.customer.nickname) },
          face(me.customer, 28),
          h("span", { class: "wide" }, me.customer.nickname),
          h("button", { class: "link", onclick: () => act(signOut) }, t.signOut),
        ),
      h(
        "select",
        { "aria-label": `${t.language} · Language`, onchange: (event) => speak(event.target.value) },
        Object.keys(texts).map((code) => h("option", { value: code, lang: code, selected: code === language }, code === "en" ? "English" : "中文")),
      ),
    ),
  );
  $("foot").replaceChildren(h("p", {}, `${t.docs} `), h("p", {}, "Liebian · Apache-2.0"));
}
function speak(code) {
  language = code;
  t = texts[code];
  localStorage.setItem("liebian.language", code);
  show();
}
/** Does something about who you are, then shows the page as that person. */
async function act(run) {
  await run();
  show();
}

// ---------- views

function whoAreYou() {
  if (demo.length === 0) return h("p", { class: "notice" }, t.notDemo);
  const faceButton = (customer) =>
    h(
      "li",
      {},
      h(
        "button",
        { "aria-pressed": String(me?.customer.id === customer.id), onclick: () => act(() => signInAs(customer)) },
        face(customer, 52),
        h("span", {}, customer.nickname),
      ),
    );
  // A handful is enough to choose from; whoever is signed in is among them.
  const near = demo.filter((customer, n) => n < FACES || customer.id === me?.customer.id);
  const faces = h("ul", { class: "faces" }, near.map(faceButton));
  const more = h("li", {}, h("button", { class: "more", onclick: () => faces.replaceChildren(...demo.map(faceButton)) }, t.moreFaces(demo.length)));
  if (near.length < demo.length) faces.append(more);
  return h(
    "section",
    { class: "who", "aria-labelledby": "who" },
    h("div", {}, h("h2", { id: "who" }, me ? t.signedInAs(me.customer.nickname) : t.who), h("p", { class: "quiet" }, t.whoText)),
    faces,
  );
}

const rung = (sku, size) => sku.prices.find((price) => price.size === size);
/** The lowest price of a campaign, with what the same costs alone. */
function cheapest(campaign) {
  const all = campaign.skus.flatMap((sku) => sku.prices.map(({ price }) => ({ price, originalPrice: sku.originalPrice })));
  return all.length > 0 && all.reduce((low, each) => (each.price.amount < low.price.amount ? each : low));
}
const prices = (offer) =>
  offer &&
  h(
    "p",
    { class: "prices" },
    h("strong", { "aria-label": `${t.teamPrice} ${money(offer.price)}` }, money(offer.price)),
    offer.originalPrice && h("s", { "aria-label": `${t.singlePrice} ${money(offer.originalPrice)}` }, money(offer.originalPrice)),
  );
const picture = (url, title) => (url ? h("img", { class: "picture", src: url, alt: title, loading: "lazy" }) : h("div", { class: "picture" }));

async function home() {
  const { categories, groupBuys } = await ask(documents.home);
  return [
    h(
      "section",
      { class: "hero" },
      h("p", { class: "eyebrow" }, t.tagline),
      h("h1", { tabindex: -1 }, t.hero),
      h("p", { class: "lead" }, t.lead),
      h(
        "ol",
        { class: "steps", "aria-label": t.try },
        [1, 2, 3].map((n) => h("li", {}, h("b", {}, t[`step${n}`]), h("span", {}, t[`step${n}Text`]))),
      ),
    ),
    whoAreYou(),
    h(
      "section",
      { "aria-labelledby": "group-buys" },
      h("h2", { id: "group-buys" }, t.groupBuys),
      groupBuys.edges.length === 0 && h("p", { class: "quiet" }, t.noGroupBuys),
      h(
        "ul",
        { class: "grid wide-cards" },
        groupBuys.edges.map(({ node: campaign }) =>
          h(
            "li",
            { class: "card" },
            picture(campaign.imageUrl, ""),
            h(
              "div",
              { class: "card-text" },
              h("h3", {}, h("a", { href: `#/group-buy/${campaign.id}` }, campaign.title)),
              prices(cheapest(campaign)),
              h("p", { class: "quiet" }, h("span", { class: "tag" }, t.people(campaign.sizes.join(" / "))), " ", t.openTeams(campaign.openTeamCount)),
              h("span", { class: "button", "aria-hidden": "true" }, t.look),
            ),
          ),
        ),
      ),
    ),
    productSection(categories),
    h(
      "section",
      { "aria-labelledby": "build" },
      h("h2", { id: "build" }, t.build),
      h(
        "ul",
        { class: "grid links" },
        t.links.map(([href, name, what]) =>
          h("li", { class: "card" }, h("div", { class: "card-text" }, h("h3", {}, h("a", { href }, name)), h("p", { class: "quiet" }, what), h("code", {}, href))),
        ),
      ),
    ),
  ];
}

function productSection(categories) {
  let search = "";
  let categoryId;
  let after;
  let latest = 0;
  const list = h("ul", { class: "grid" });
  const status = h("p", { class: "quiet", "aria-live": "polite" });
  const more = h("button", { class: "button plain", onclick: () => load(true) }, t.more);
  async function load(append) {
    const mine = ++latest;
    if (!append) after = undefined;
    status.textContent = t.loading;
    try {
      const { products } = await ask(documents.products, { first: 12, after, filter: { search: search || undefined, categoryId } });
      if (mine !== latest) return;
      const cards = products.edges.map(({ node: product }) =>
        h(
          "li",
          { class: "card" },
          picture(product.cover?.url, ""),
          h(
            "div",
            { class: "card-text" },
            h("h3", {}, product.title),
            product.subtitle && h("p", { class: "quiet" }, product.subtitle),
            h("p", { class: "prices" }, h("strong", {}, money(product.priceRange.min)), product.priceRange.max.amount > product.priceRange.min.amount && h("span", { class: "quiet" }, t.from)),
          ),
        ),
      );
      if (append) list.append(...cards);
      else list.replaceChildren(...cards);
      after = products.pageInfo.endCursor;
      more.hidden = !products.pageInfo.hasNextPage;
      status.textContent = list.children.length === 0 ? t.noProducts : "";
    } catch (error) {
      status.textContent = "";
      complain(error);
    }
  }
  let typing;
  const chips = [{ id: undefined, name: t.all }, ...categories].map((category) =>
    h(
      "button",
      {
        class: "chip",
        "aria-pressed": String(category.id === categoryId),
        onclick: (event) => {
          categoryId = category.id;
          for (const chip of chips) chip.setAttribute("aria-pressed", String(chip === event.currentTarget));
          load();
        },
      },
      category.name,
    ),
  );
  load();
  return h(
    "section",
    { "aria-labelledby": "products" },
    h("h2", { id: "products" }, t.products),
    h(
      "div",
      { class: "filters" },
      h("input", {
        type: "search",
        placeholder: t.search,
        "aria-label": t.search,
        oninput: (event) => {
          search = event.target.value.trim();
          clearTimeout(typing);
          typing = setTimeout(load, 250);
        },
      }),
      h("div", { class: "chips", role: "group", "aria-label": t.categories }, chips),
    ),
    list,
    status,
    more,
  );
}

async function groupBuyView(id) {
  const { groupBuy } = await ask(documents.groupBuy, { id });
  if (!groupBuy) return gone();
  const list = h("ul", { class: "waiting" });
  let teams = [];
  const tick = () => {
    for (const row of list.children) {
      const time = row.querySelector("time");
      if (time?.dateTime) time.textContent = t.left(remaining(Date.parse(time.dateTime) - Date.now() - offset));
    }
  };
  subscribe(documents.openTeams, { id }, "groupBuyOpenTeams", (frame) => {
    offset = Date.parse(frame.serverTime) - Date.now();
    teams = frame.teams;
    list.replaceChildren(
      ...(teams.length === 0
        ? [h("li", { class: "quiet" }, t.nobody)]
        : teams.map((open) =>
            h(
              "li",
              {},
              open.leader && face(open.leader, 44),
              h("span", { class: "grow" }, h("b", {}, open.leader?.nickname ?? t.somebody), h("br"), h("span", { class: "need" }, t.needs(open.needed)), " ", open.deadline && h("time", { class: "quiet", datetime: open.deadline })),
              h("a", { class: "button small", href: `#/team/${open.id}`, "aria-label": `${t.joinShort}: ${open.leader?.nickname ?? ""}` }, t.joinShort),
            ),
          )),
    );
    tick();
  });
  everySecond(tick);
  return [
    back("#/", t.home),
    h(
      "section",
      { class: "sale" },
      h("div", {}, picture(groupBuy.imageUrl, groupBuy.title)),
      h(
        "div",
        {},
        h("h1", { tabindex: -1 }, groupBuy.title),
        prices(cheapest(groupBuy)),
        h("p", {}, h("span", { class: "tag" }, t.people(groupBuy.sizes.join(" / "))), " ", h("span", { class: "quiet" }, t.endsAt(moment(groupBuy.endsAt)))),
        purchase(groupBuy, { title: t.open }),
      ),
    ),
    h("section", { "aria-labelledby": "waiting" }, h("div", { class: "head" }, h("h2", { id: "waiting" }, t.waiting), connectionPill()), list),
  ];
}

/** Choose, see the price the server quotes, order a seat, pay: in `team`, or in a new one whose size is chosen too. */
function purchase(groupBuy, { title, team, ordered = (opened) => location.assign(`#/team/${opened.id}`) }) {
  if (!me) return h("div", { class: "panel" }, h("p", {}, t.signInFirst), whoAreYou());
  let quote;
  let key;
  let skuId = groupBuy.skus[0]?.skuId;
  let size = team?.size ?? groupBuy.sizes[0];
  let latest = 0;
  const price = h("div", { class: "quote", "aria-live": "polite" });
  const button = h("button", { class: "button big", type: "submit", disabled: true }, t.pay);
  const refused = h("p", { class: "refused", role: "alert" });

  async function ask4price() {
    const mine = ++latest;
    quote = undefined;
    button.disabled = true;
    price.textContent = t.pricing;
    refused.textContent = "";
    try {
      const play = { kind: "group_buy", id: groupBuy.id, ...(team ? { teamId: team.id } : { teamSize: size }) };
      const input = { lines: [{ skuId, quantity: 1 }], play };
      const { quoteCreate } = await ask(documents.quote, { input });
      if (mine !== latest) return;
      price.textContent = "";
      refused.textContent = quoteCreate.userErrors.map(({ message }) => message).join(" ");
      quote = quoteCreate.quote;
      if (!quote) return;
      key = uid(); // one key for one quote: pressing twice orders once
      const why = quote.trace.filter(({ amount }) => amount.amount !== 0).map(({ step, amount }) => `${t.steps[step] ?? step} ${money(amount)}`);
      price.append(h("span", {}, t.total), h("strong", {}, money(quote.total)), h("small", { class: "quiet" }, why.join(" · ")));
      button.disabled = false;
    } catch (error) {
      price.textContent = "";
      complain(error);
    }
  }

  async function order(event) {
    event.preventDefault();
    if (!quote || button.disabled) return;
    const whenFull = event.target.elements.whenFull.value;
    // Opened while the click still counts, so that no pop-up blocker minds; it goes to the cashier when that is known.
    const cashier = window.open("", "_blank", "popup,width=460,height=720");
    button.disabled = true;
    button.textContent = t.placing;
    try {
      const expectedTotal = { amount: quote.total.amount, currency: quote.total.currency };
      const common = { quoteId: quote.id, expectedTotal, whenFull, idempotencyKey: key, shippingAddress: address };
      const answer = team
        ? (await ask(documents.join, { input: { teamId: team.id, ...common } })).groupBuyTeamJoin
        : (await ask(documents.open, { input: { groupBuyId: groupBuy.id, ...common } })).groupBuyTeamOpen;
      if (!answer.order) {
        cashier?.close();
        refused.textContent = answer.userErrors.map(({ message }) => message).join(" ");
        await ask4price().then(() => {
          refused.textContent = answer.userErrors.map(({ message }) => message).join(" ");
        });
        return;
      }
      keepOrder(answer.team.id, answer.order);
      await pay(answer.order.id, cashier);
      ordered(answer.team, answer.order);
    } catch (error) {
      cashier?.close();
      button.disabled = false;
      complain(error);
    } finally {
      button.textContent = t.pay;
    }
  }

  const choice = (name, value, checked, label, aside, onchange) =>
    h("label", {}, h("input", { type: "radio", name, value, checked, onchange }), h("span", {}, label), aside);
  /** What I pay for it: in a team of my own the leader's price, in another's a member's. */
  const mine = (sku, of = size) => {
    const at = rung(sku, of);
    return at ? money(team ? at.price : at.leaderPrice) : "";
  };
  const labels = new Map(groupBuy.skus.map((sku) => [sku.skuId, h("b")]));
  const sizeLabels = new Map(groupBuy.sizes.map((each) => [each, h("b")]));
  const chosen = () => {
    const sku = groupBuy.skus.find((each) => each.skuId === skuId);
    for (const each of groupBuy.skus) labels.get(each.skuId).textContent = mine(each);
    for (const each of groupBuy.sizes) sizeLabels.get(each).textContent = sku ? mine(sku, each) : "";
    ask4price();
  };
  chosen();
  return h(
    "form",
    { class: "panel", onsubmit: order, "aria-label": title },
    h("h2", {}, title),
    !team &&
      groupBuy.sizes.length > 1 &&
      h(
        "fieldset",
        { class: "variants" },
        h("legend", {}, t.size),
        groupBuy.sizes.map((each) =>
          choice("size", each, each === size, t.people(each), sizeLabels.get(each), () => {
            size = each;
            chosen();
          }),
        ),
      ),
    h(
      "fieldset",
      { class: "variants" },
      h("legend", {}, t.variant),
      groupBuy.skus.map((sku) =>
        choice("sku", sku.skuId, sku.skuId === skuId, sku.optionsLabel || t.onlyVariant, labels.get(sku.skuId), () => {
          skuId = sku.skuId;
          chosen();
        }),
      ),
    ),
    h(
      "label",
      { class: "field" },
      h("span", {}, t.whenFull),
      h("select", { name: "whenFull" }, Object.entries(t.whenFullOptions).map(([value, label]) => h("option", { value }, label))),
    ),
    h("details", { class: "quiet" }, h("summary", {}, t.rules), h("ul", { class: "rules" }, groupBuy.rules.map((rule) => h("li", {}, rule)))),
    h("p", { class: "quiet" }, t.address(`${address.recipient} · ${address.region} ${address.street}`)),
    refused,
    h("div", { class: "pay" }, price, button),
  );
}

/** Which order is mine in which team, for this window. */
const orderOf = (teamId) => me && JSON.parse(sessionStorage.getItem(`liebian.order.${me.customer.id}.${teamId}`) ?? "null");
const keepOrder = (teamId, { id, orderNo }) => sessionStorage.setItem(`liebian.order.${me.customer.id}.${teamId}`, JSON.stringify({ id, orderNo }));

async function pay(orderId, cashier) {
  const { orderPay } = await ask(documents.pay, { input: { orderId, gateway: "sandbox", idempotencyKey: uid() } });
  const url = orderPay.payment?.action?.url;
  if (!url) {
    cashier?.close();
    toast(orderPay.userErrors.map(({ message }) => message).join(" ") || t.failedRequest);
  } else if (cashier) cashier.location = url;
  else if (!window.open(url, "_blank")) toast(t.popup);
}

async function teamView(id) {
  const heading = h("h1", { tabindex: -1 });
  const trail = h("span", {});
  const banner = h("div", { class: "banner" });
  const time = h("span", { class: "clock", role: "timer", "aria-label": t.timeLeft });
  const seats = h("ul", { class: "seats", "aria-label": t.seats });
  const gap = h("p", { class: "notice", hidden: true }, t.gap);
  const below = h("div", {});
  let known;
  let shownFor; // what `below` was built for, so that a running purchase is not disturbed by each frame

  const tick = () => {
    if (known?.state !== "OPEN" || !known.deadline) return;
    const left = Date.parse(known.deadline) - Date.now() - offset;
    time.textContent = left > 0 ? remaining(left) : "";
    if (left <= 0) banner.querySelector("p").textContent = t.settling;
  };

  function draw(now, before) {
    const leader = now.seats.find((seat) => seat.isLeader)?.customer;
    heading.textContent = leader ? t.teamOf(leader.nickname) : t.team;
    trail.replaceChildren(back(`#/group-buy/${now.groupBuy.id}`, now.groupBuy.title));
    const look = { PENDING: "open", OPEN: "open", FORMED: "good", FAILED: "bad" }[now.state];
    const [strong, text] = {
      PENDING: [t.pending, t.notStarted],
      OPEN: [t.needed(now.needed), now.deadline ? t.neededText : t.notStarted],
      FORMED: [t.formed, t.formedText],
      FAILED: [t.failed, t.failedText],
    }[now.state];
    banner.className = `banner ${look}`;
    banner.replaceChildren(h("div", {}, h("strong", {}, strong), h("p", {}, text)), now.state === "OPEN" && now.deadline ? time : "");
    const held = now.seats
      .filter((seat) => seat.state !== "RELEASED" && (seat.state !== "REFUNDED" || now.state === "FAILED"))
      .sort((a, b) => a.seatNo - b.seatNo);
    const rest = Math.max(0, now.size - held.length);
    seats.replaceChildren(
      ...held.map((seat) => {
        const was = before?.seats.find((old) => old.customer?.id === seat.customer?.id && old.state === seat.state);
        const customer = seat.customer ?? { id: "?", nickname: t.somebody };
        return h(
          "li",
          { class: `seat ${seat.state.toLowerCase()}${before && !was ? " new" : ""}`, "data-seat": seat.state },
          h("span", { class: "circle" }, face(customer, 72), seat.isLeader && crown()),
          h("b", {}, customer.nickname, customer.id === me?.customer.id && h("small", {}, ` (${t.you})`)),
          h("span", { class: "seat-state" }, t.seatStates[seat.state]),
        );
      }),
      ...Array.from({ length: rest }, (_, n) => {
        const filled = n >= rest - now.virtualSeats;
        return h(
          "li",
          { class: "seat free", "data-seat": filled ? "virtual" : "free" },
          h("span", { class: "circle", "aria-hidden": "true" }, filled ? "✓" : "+"),
          h("span", { class: "quiet" }, filled ? t.virtual : t.free),
        );
      }),
    );
    if (before) announce(now, before);
    const seated = held.some((seat) => me && seat.customer?.id === me.customer.id);
    const joinable = now.state === "OPEN" && held.length < now.size;
    const situation = `${now.state} ${seated} ${joinable} ${me?.customer.id}`;
    if (situation === shownFor) return;
    shownFor = situation;
    // Who did not pay in time has an order but no seat: they may still pay it, or take another seat.
    const shown = [
      orderOf(id) ? myOrder(id) : seated && h("p", { class: "notice" }, t.yourSeat),
      seated && now.state === "OPEN" && invite(),
      !seated && joinable && joining(now),
      !seated && !joinable && now.state !== "PENDING" && again(now),
    ];
    below.replaceChildren(...shown.filter(Boolean));
  }

  /** Until the leader has paid, a team is told without its people; I know that I am one of them. */
  function withMe(told) {
    if (told.state !== "PENDING" || told.seats.length > 0 || !orderOf(id)) return told;
    return { ...told, seats: [{ seatNo: 1, state: "RESERVED", isLeader: true, customer: me.customer }] };
  }

  const joining = (now) => (demo.length > 0 || me ? purchase(now.groupBuy, { title: t.join, team: now, ordered: () => {} }) : h("p", { class: "notice" }, t.notDemo));
  const again = (now) => h("p", {}, h("a", { class: "button", href: `#/group-buy/${now.groupBuy.id}` }, t.open));

  function announce(now, before) {
    for (const seat of now.seats) {
      const known = before.seats.some((old) => old.seatNo === seat.seatNo && old.customer?.id === seat.customer?.id && old.state === seat.state);
      if (!known) say(t.said[seat.state](seat.customer?.nickname ?? t.somebody));
    }
    if (now.state === before.state) return;
    if (now.state === "FORMED") {
      say(t.formed);
      celebrate();
    } else if (now.state === "FAILED") say(t.failed);
    banner.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  await new Promise((arrived) => {
    subscribe(
      documents.progress,
      { id },
      "groupBuyTeamProgress",
      (frame) => {
        offset = Date.parse(frame.serverTime) - Date.now();
        gap.hidden = !frame.gap;
        // After a gap the picture is new as a whole: nothing in it is announced as if it had just happened.
        const now = withMe(frame.team);
        draw(now, frame.gap ? undefined : known);
        known = now;
        tick();
        arrived();
      },
      (error) => {
        if (!known) below.replaceChildren(...gone(error));
        else complain(error);
        arrived();
      },
    );
  });
  if (known) everySecond(tick);
  else return [below];
  return [trail, h("div", { class: "head" }, heading, connectionPill()), gap, h("section", { class: "team" }, banner, seats), below];
}

/** My order in this team, live: pay it, or see that it is paid. */
function myOrder(teamId) {
  const mine = orderOf(teamId);
  const status = h("p", { "aria-live": "polite" }, t.loading);
  const button = h("button", { class: "button", hidden: true, onclick: () => pay(mine.id, window.open("", "_blank", "popup,width=460,height=720")).catch(complain) }, t.payAgain);
  subscribe(documents.order, { id: mine.id }, "orderUpdated", ({ order }) => {
    status.textContent = t.orderStatus[order.status] ?? order.status;
    button.hidden = order.status !== "PENDING_PAYMENT";
  });
  return h("section", { class: "panel", "aria-label": t.order(mine.orderNo) }, h("div", { class: "head" }, h("b", {}, t.order(mine.orderNo)), button), status);
}

function invite() {
  const others = demo.filter((customer) => customer.id !== me?.customer.id).slice(0, 4);
  return h(
    "section",
    { class: "panel", "aria-labelledby": "invite" },
    h("h2", { id: "invite" }, t.invite),
    h("p", { class: "quiet" }, t.inviteText),
    h(
      "div",
      { class: "chips" },
      // rel=noopener: a window without an opener starts with a session of its own
      others.map((customer) =>
        h("a", { class: "chip", target: "_blank", rel: "noopener", href: `?as=${encodeURIComponent(customer.id)}${location.hash}` }, face(customer, 24), t.openAs(customer.nickname)),
      ),
      navigator.clipboard && h("button", { class: "chip", onclick: () => navigator.clipboard.writeText(location.href).then(() => toast(t.copied)) }, t.copy),
    ),
  );
}

function celebrate() {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const party = h("div", { class: "party", "aria-hidden": "true" });
  for (let n = 0; n < 60; n++) {
    const style = { "--x": `${Math.random() * 100}vw`, "--turn": `${Math.random() * 720}deg`, "--late": `${Math.random() * 0.6}s`, "--hue": String(Math.random() * 360) };
    party.append(h("i", { style }));
  }
  document.body.append(party);
  setTimeout(() => party.remove(), 4000);
}

const back = (href, text) => h("nav", { "aria-label": t.back }, h("a", { class: "back", href }, `‹ ${text}`));
const gone = (error) => [
  back("#/", t.home),
  h("h1", { tabindex: -1 }, error && !["NOT_FOUND", "BAD_USER_INPUT"].includes(error.code) ? t.failedRequest : t.gone),
  error?.requestId ? h("p", { class: "quiet" }, `${t.requestId} ${error.requestId}`) : "",
];

// ---------- which view

let shown = 0;
let showing = "";
async function show() {
  const mine = ++shown;
  for (const undo of leave) undo();
  leave = [];
  pill = undefined;
  frame();
  const [, name, id] = location.hash.split("/");
  const view = name === "team" && id ? () => teamView(id) : name === "group-buy" && id ? () => groupBuyView(id) : home;
  if (main.children.length === 0) main.replaceChildren(h("p", { class: "quiet loading", role: "status" }, t.loading));
  let content;
  try {
    content = await view();
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    content = [...gone(error), h("button", { class: "button", onclick: show }, t.more)];
    if (error.code === "NETWORK") content[1].textContent = t.network;
  }
  if (mine !== shown) return;
  main.replaceChildren(...content.filter(Boolean));
  const here = location.hash || "#/";
  if (showing && showing !== here) {
    main.querySelector("h1")?.focus({ preventScroll: true });
    scrollTo({ top: 0, behavior: "instant" });
  }
  showing = here;
  document.title = `${main.querySelector("h1")?.textContent ?? t.tagline} · 裂变`;
}

async function start() {
  demo = await fetch("/demo/customers").then(
    (response) => (response.ok ? response.json() : []),
    () => [],
  );
  const wanted = new URLSearchParams(location.search).get("as");
  const customer = demo.find(({ id }) => id === wanted);
  if (wanted) history.replaceState(null, "", location.pathname + location.hash);
  if (customer) await signInAs(customer);
  if (me && demo.length === 0) signOut();
  addEventListener("hashchange", show);
  await show();
}
start();
