// The live page of the local server. What it shows comes from the API and from /_local/, and goes into the document as text only.

const LOCALE = "en-GB";
const NEWEST = 60;
const MOST = 1_000;
const KEPT = 2_000;
const ORDERS_KEY = "fashionistas.orders";
const ORDERS_KEPT = 8;

const byId = (id) => document.getElementById(id);

// ── Talking to the server ────────────────────────────────────────────────────────────────────────────────────────────

class NoAnswer extends Error {}

class Refusal extends Error {
  constructor(response, body) {
    super(body.detail ?? body.message ?? `The server answered ${response.status}.`);
    this.status = response.status;
    this.title = body.title;
    this.code = body.code ?? `http ${response.status}`;
    this.requestId = body.requestId;
    this.fields = body.errors ?? [];
    this.retryAfter = Number(response.headers.get("retry-after")) || undefined;
  }
}

/** One request. Throws NoAnswer when there is no server, and Refusal with the problem when it says no. */
async function call(method, path, { body, headers = {} } = {}) {
  let response, text;
  try {
    const sent = body === undefined ? { headers } : { headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
    response = await fetch(path, { method, cache: "no-store", signal: AbortSignal.timeout(20_000), ...sent });
    text = await response.text();
  } catch {
    heard(false);
    throw new NoAnswer("The server does not answer.");
  }
  heard(true);
  const value = jsonOf(text) ?? {};
  if (!response.ok) throw new Refusal(response, value);
  return { value, retryAfter: Number(response.headers.get("retry-after")) || undefined };
}

function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Repeats `work` while somebody looks at the page. @returns a function that does it at once */
function repeat(work, pause) {
  let timer, running, again;
  async function run() {
    clearTimeout(timer);
    if (document.hidden) return;
    if (running) return void (again = true);
    running = true;
    await work().catch((error) => error instanceof NoAnswer || error instanceof Refusal || reportError(error));
    running = false;
    timer = setTimeout(run, again ? 100 : pause());
    again = false;
  }
  document.addEventListener("visibilitychange", run);
  void run();
  return run;
}

// ── Is it there? ─────────────────────────────────────────────────────────────────────────────────────────────────────

const server = { up: undefined, since: Date.now(), failures: 0 };

function heard(answered) {
  server.failures = answered ? 0 : server.failures + 1;
  if (server.up === answered) return;
  const before = server.up;
  const away = Math.max(1, Math.round((Date.now() - server.since) / 1_000));
  Object.assign(server, { up: answered, since: Date.now() });
  setState("health", answered ? "on" : "off", answered ? "Healthy" : "No answer");
  if (!answered) notify(`The server stopped answering at ${clock(Date.now())}. This page keeps asking and goes on by itself when it is back.`);
  else if (before === false) {
    notify(`The server is back after ${plural(away, "second")}. Everything here has been read again.`, 8_000);
    void readEverything();
  }
}

/** One second; longer and longer while there is no answer. */
const rhythm = (ms) => () => (server.up === false ? Math.min(5_000, 500 * 2 ** Math.min(server.failures, 6)) : ms);

async function checkHealth() {
  try {
    const { value } = await call("GET", "/health");
    setState("health", value.status === "ok" ? "on" : "off", value.status === "ok" ? "Healthy" : `Health: ${value.status}`);
  } catch (error) {
    if (error instanceof Refusal) setState("health", "off", `Unwell (${error.status})`);
  }
}

function setState(id, state, words) {
  byId(id).dataset.state = state;
  write(byId(`${id}-text`), words);
}

let noticeTimer;
function notify(words, ms) {
  clearTimeout(noticeTimer);
  write(byId("notice"), words);
  byId("notice").hidden = false;
  if (ms) noticeTimer = setTimeout(() => (byId("notice").hidden = true), ms);
}

/** Tells people who do not see the page, a little at a time. */
const announce = (() => {
  let timer, latest;
  return (words) => {
    latest = words;
    timer ??= setTimeout(() => {
      timer = undefined;
      byId("announcer").textContent = latest;
    }, 2_000);
  };
})();

// ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const plural = (n, noun) => `${n.toLocaleString(LOCALE)} ${noun}${n === 1 ? "" : "s"}`;
const inWords = (name) => String(name).replaceAll("_", " ");
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function textOf(text) {
  if (text === null || text === undefined) return "";
  return typeof text === "object" ? (text.en ?? Object.values(text)[0] ?? "") : String(text);
}

const formats = new Map();
function format(kind, options) {
  const key = kind.name + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new kind(LOCALE, options));
  return formats.get(key);
}

const decimalsOf = (currency) => format(Intl.NumberFormat, { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
const price = ({ amount, currency }) =>
  format(Intl.NumberFormat, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(amount / 10 ** decimalsOf(currency));
const when = (instant, options) => format(Intl.DateTimeFormat, options).format(new Date(instant));

/** A time on this machine's clock, with its day when that is not today. */
function clock(instant, { milliseconds = false } = {}) {
  const at = new Date(instant);
  const today = at.toDateString() === new Date().toDateString();
  const time = when(at, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", ...(milliseconds ? { fractionalSecondDigits: 3 } : {}) });
  return today ? time : `${when(at, { day: "numeric", month: "short" })} ${time}`;
}

// ── The document ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Only touches the document when something is different: assistive technology hears changes, not repetitions. */
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function element(name, text, attributes = {}) {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** A copy of a template, and its named places. */
function copyOf(id) {
  const node = byId(id).content.firstElementChild.cloneNode(true);
  return { node, slots: Object.fromEntries([...node.querySelectorAll("[data-slot]")].map((slot) => [slot.dataset.slot, slot])) };
}

function show(node, text) {
  node.hidden = !text;
  write(node, text ?? "");
}

/** Makes `parent` hold exactly these nodes in this order, leaving alone what is there already. */
function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let place = parent.firstElementChild;
  for (const node of nodes) {
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
}

async function copyText(field, button) {
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    field.focus();
    field.select();
    announce("Copying is not allowed here. The text is selected.");
    return;
  }
  announce("Copied.");
  if (button.dataset.copied) return;
  const before = button.textContent;
  button.dataset.copied = "true";
  button.style.setProperty("min-width", `${Math.ceil(button.getBoundingClientRect().width)}px`);
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = before;
    delete button.dataset.copied;
  }, 1_500);
}

// ── Problems, as sentences ───────────────────────────────────────────────────────────────────────────────────────────

function showProblem(box, error, form) {
  clearProblem(box, form);
  if (!(error instanceof NoAnswer || error instanceof Refusal)) reportError(error);
  const title = error.title ? `${error.title}. ` : "";
  const wait = error.retryAfter ? ` Try again in ${plural(error.retryAfter, "second")}.` : "";
  box.append(element("p", title + error.message + wait));
  const elsewhere = (error.fields ?? []).filter((field) => !markField(form, field));
  if (elsewhere.length > 0) {
    const list = element("ul");
    for (const { path, message } of elsewhere) list.append(element("li", path ? `${path}: ${message}` : message));
    box.append(list);
  }
  if (error.code) {
    const line = element("p", undefined, { class: "code" });
    line.append(element("code", error.code));
    if (error.requestId) line.append(" ", element("code", error.requestId));
    box.append(line);
  }
  box.hidden = false;
}

function markField(form, { path, message }) {
  const field =
    form &&
    [...form.querySelectorAll("[data-field]")].find(({ dataset, hidden }) => !hidden && (path === dataset.field || path.startsWith(`${dataset.field}.`)));
  if (!field) return false;
  const input = field.querySelector("input");
  const id = `${input.id}-error`;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", [id, input.dataset.hint].filter(Boolean).join(" "));
  field.append(element("p", message, { class: "field-error", id }));
  return true;
}

function clearProblem(box, form) {
  box.hidden = true;
  box.replaceChildren();
  for (const node of form?.querySelectorAll(".field-error") ?? []) node.remove();
  for (const input of form?.querySelectorAll("[aria-invalid]") ?? []) {
    input.removeAttribute("aria-invalid");
    if (input.dataset.hint) input.setAttribute("aria-describedby", input.dataset.hint);
    else input.removeAttribute("aria-describedby");
  }
}

// ── Where things listen ──────────────────────────────────────────────────────────────────────────────────────────────

let baseUrl = location.origin;

async function readOverview() {
  const { value } = await call("GET", "/_local/overview");
  baseUrl = value.baseUrl ?? baseUrl;
  const rows = [
    ["API", value.baseUrl],
    ["WebSocket", `${String(value.baseUrl).replace(/^http/, "ws")}/ws/tickets`],
    ["Database", value.engine],
    ["Stripe", value.stripe],
    ["WATI", value.wati],
    ["Kept in", value.dataDir],
    ["Pages connected", String(value.connections ?? 0)],
  ];
  const list = byId("addresses");
  if (list.children.length !== rows.length) list.replaceChildren(...rows.map(([name]) => element("div", undefined, { "data-name": name })));
  for (const [n, [name, text]] of rows.entries()) {
    const row = list.children[n];
    if (row.children.length === 0) row.append(element("dt", name), element("dd"));
    write(row.lastElementChild, text ?? "");
    row.lastElementChild.title = text ?? "";
  }
}

// ── The week ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const week = { events: [], types: new Map(), shows: new Map(), rows: new Map() };

async function readWeek() {
  const { value } = await call("GET", "/events?limit=100");
  const events = value.items ?? [];
  week.events = events;
  week.incomplete = value.nextCursor !== null;
  renderWeek();
  const queue = [...events];
  const readers = Array.from({ length: 4 }, async () => {
    for (let event = queue.shift(); event; event = queue.shift()) await readTypes(event);
  });
  await Promise.all(readers);
  renderWeek();
  renderTypeChoice();
  live.watch(events.map(({ id }) => id));
}

async function readTypes({ id }) {
  try {
    const { value } = await call("GET", `/tickets?eventId=${encodeURIComponent(id)}&limit=100`);
    week.types.set(id, value.items ?? []);
  } catch (error) {
    // An event can go while its tickets are being read.
    if (!(error instanceof Refusal)) throw error;
    week.types.set(id, []);
  }
}

function renderWeek() {
  for (const event of week.events) {
    if (!week.shows.has(event.id)) week.shows.set(event.id, copyOf("show-template"));
    renderShow(event, week.shows.get(event.id).slots);
  }
  arrange(
    byId("shows"),
    week.events.map(({ id }) => week.shows.get(id).node),
  );
  show(
    byId("shows-empty"),
    week.events.length === 0
      ? "No shows yet. Start with pnpm dev, without --no-demo, or create one: POST /events with the organizer’s token from below."
      : week.incomplete
        ? "The first hundred; the others are at GET /events."
        : "",
  );
  write(byId("occasion"), occasion(week.events));
}

function occasion(events) {
  if (events.length === 0) return "On this machine, live";
  const cities = [...new Set(events.map(({ venue }) => venue?.city).filter(Boolean))].slice(0, 3).join(", ");
  const starts = events.map(({ startsAt }) => new Date(startsAt)).toSorted((a, b) => a - b);
  const days = format(Intl.DateTimeFormat, { day: "numeric", month: "long", year: "numeric", timeZone: zoneOf(events[0]) }).formatRange(
    starts[0],
    starts.at(-1),
  );
  return `${cities}, ${days.replaceAll(" – ", "–")}`;
}

function zoneOf({ timeZone }) {
  try {
    return format(Intl.DateTimeFormat, { timeZone }) && timeZone;
  } catch {
    return "UTC";
  }
}

/** "18:30–20:00", and the day it ends on when that is another one. */
function hoursOf({ startsAt, endsAt }, timeZone) {
  const time = { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const [first, last] = [startsAt, endsAt].map((instant) => when(instant, { timeZone, day: "numeric", month: "long" }));
  return `${when(startsAt, time)}–${when(endsAt, time)}${first === last ? "" : `, ${last}`}`;
}

function renderShow(event, slots) {
  const timeZone = zoneOf(event);
  const at = (options) => when(event.startsAt, { timeZone, ...options });
  write(slots.weekday, at({ weekday: "long" }));
  write(slots.day, at({ day: "numeric" }));
  write(slots.month, at(at({ year: "numeric" }) === String(new Date().getFullYear()) ? { month: "long" } : { month: "long", year: "numeric" }));
  write(slots.hours, hoursOf(event, timeZone));
  slots.hours.dateTime = event.startsAt;
  write(slots.zone, timeZone.replaceAll("_", " "));
  slots.status.dataset.status = event.status;
  write(slots.status, capital(inWords(event.status)));
  write(slots.title, textOf(event.title));
  const others = typeof event.title === "object" ? Object.entries(event.title).filter(([, title]) => title !== textOf(event.title)) : [];
  show(slots.also, others.map(([, title]) => title).join(" · "));
  if (others.length === 1) slots.also.lang = others[0][0];
  const { name, address, city, country } = event.venue ?? {};
  write(slots.venue, [name, address, [city, country].filter(Boolean).join(" ")].filter(Boolean).join(", "));
  show(slots.about, textOf(event.description));
  const types = week.types.get(event.id);
  slots.empty.hidden = types === undefined || types.length > 0;
  arrange(slots.types, (types ?? []).map(typeRow));
}

function typeRow(type) {
  if (!week.rows.has(type.id)) {
    const row = { ...copyOf("type-template"), left: undefined };
    row.slots.choose.addEventListener("click", () => choose(type.id, { go: true }));
    week.rows.set(type.id, row);
    row.type = type;
    setLeft(type.id, type.availableQuantity);
  }
  const row = week.rows.get(type.id);
  row.type = type;
  if (!live.knows(type.eventId)) setLeft(type.id, type.availableQuantity);
  const { slots, node } = row;
  const name = textOf(type.name);
  write(slots.name, name);
  write(slots.price, type.kind === "free" ? "Free" : price(type.basePrice));
  write(slots.note, noteOn(type));
  slots.choose.setAttribute("aria-label", `Choose ${name}`);
  slots.choose.disabled = !type.isActive;
  node.classList.toggle("inactive", !type.isActive);
  renderLeft(row);
  return node;
}

function noteOn(type) {
  const now = new Date().toISOString();
  if (!type.isActive) return "not offered";
  if (type.salesStartAt && type.salesStartAt > now) return `on sale from ${clock(type.salesStartAt)}`;
  if (type.salesEndAt && type.salesEndAt <= now) return "sale over";
  return [type.kind === "donation" ? "suggested, give what you like" : "", type.highDemand ? "high demand" : ""].filter(Boolean).join(", ");
}

/** What is left of a type now, and a moment's hint of what changed. */
function setLeft(typeId, left) {
  const row = week.rows.get(typeId);
  if (!row) return;
  const before = row.left;
  row.left = left;
  renderLeft(row);
  if (typeId === chosenType()?.id) renderHint();
  if (typeof before !== "number" || typeof left !== "number" || before === left) return;
  row.change = (row.change ?? 0) + left - before;
  write(row.slots.delta, row.change === 0 ? "" : `${row.change > 0 ? "+" : "−"}${Math.abs(row.change)}`);
  row.node.classList.add("changed");
  clearTimeout(row.timer);
  row.timer = setTimeout(() => {
    row.change = 0;
    row.node.classList.remove("changed");
  }, 2_500);
  announce(`${textOf(row.type.name)}: ${leftInWords(row)}.`);
}

function leftInWords({ left, type }) {
  if (left === null || left === undefined) return "as many as you like";
  if (left === 0) return "none left";
  return type.quantityTotal === null
    ? `${left.toLocaleString(LOCALE)} left`
    : `${left.toLocaleString(LOCALE)} of ${type.quantityTotal.toLocaleString(LOCALE)} left`;
}

function renderLeft(row) {
  const { slots, left, type, node } = row;
  const words = leftInWords(row);
  write(slots.left, words);
  const total = type.quantityTotal ?? eventOf(type.eventId)?.capacity ?? left;
  const share = left === null || left === undefined ? 1 : total > 0 ? Math.min(1, left / total) : 0;
  slots.fill.style.setProperty("--share", String(share));
  node.dataset.stock = left === 0 ? "none" : share <= 0.1 ? "low" : "some";
  slots.meter.setAttribute("aria-label", textOf(type.name));
  slots.meter.setAttribute("aria-valuemax", String(total ?? 1));
  slots.meter.setAttribute("aria-valuenow", String(left ?? 1));
  slots.meter.setAttribute("aria-valuetext", words);
}

// ── Live: the WebSocket ──────────────────────────────────────────────────────────────────────────────────────────────

const live = (() => {
  const PING_MS = 120_000;
  // A connection may send a hundred messages a minute.
  const AT_ONCE = 60;
  const sequences = new Map();
  let watched = [];
  let socket, retryTimer, pingTimer, pongTimer;
  let attempts = 0;

  async function connect() {
    clearTimeout(retryTimer);
    if (socket) return;
    setState("live", "waiting", attempts === 0 ? "Connecting" : `Reconnecting, try ${attempts}`);
    socket = "asking";
    try {
      const { value } = await call("POST", "/realtime/tickets", { body: { channel: "tickets" } });
      socket = new WebSocket(value.url);
    } catch {
      socket = undefined;
      return retry();
    }
    const mine = socket;
    mine.addEventListener("open", () => {
      attempts = 0;
      setState("live", "on", "Live");
      subscribeAll();
      void overviewRun();
      pingTimer = setInterval(ping, PING_MS);
    });
    mine.addEventListener("message", ({ data }) => mine === socket && receive(jsonOf(data)));
    mine.addEventListener("close", () => mine === socket && retry());
  }

  function retry() {
    if (socket instanceof WebSocket) socket.close();
    socket = undefined;
    sequences.clear();
    clearInterval(pingTimer);
    clearTimeout(pongTimer);
    clearTimeout(retryTimer);
    attempts += 1;
    const wait = Math.min(15_000, 500 * 2 ** Math.min(attempts - 1, 5)) * (0.75 + Math.random() / 2);
    setState("live", "off", "Reconnecting");
    retryTimer = setTimeout(connect, wait);
  }

  function ping() {
    send({ action: "ping" });
    clearTimeout(pongTimer);
    pongTimer = setTimeout(retry, 15_000);
  }

  function send(message) {
    if (socket instanceof WebSocket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  function subscribe(eventId) {
    sequences.set(eventId, undefined);
    send({ action: "subscribe", eventId });
  }

  function subscribeAll() {
    for (const [n, eventId] of watched.entries()) {
      if (sequences.has(eventId)) continue;
      if (n < AT_ONCE) subscribe(eventId);
      else setTimeout(() => sequences.has(eventId) || subscribe(eventId), (n - AT_ONCE + 1) * 1_500);
    }
  }

  function receive(message) {
    clearTimeout(pongTimer);
    switch (message?.type) {
      case "snapshot":
        sequences.set(message.eventId, message.sequence);
        for (const { ticketTypeId, availableQuantity } of message.ticketTypes) setLeft(ticketTypeId, availableQuantity);
        return setStatus(message.eventId, message.status);
      case "ticket_availability_changed": {
        const { eventId, sequence } = message;
        const last = sequences.get(eventId);
        // Between the subscription and its snapshot, and what the snapshot had already: nothing to do.
        if (last === undefined || sequence <= last) return;
        if (sequence > last + 1) return subscribe(eventId);
        sequences.set(eventId, sequence);
        setLeft(message.ticketTypeId, message.availableQuantity);
        return stories.read();
      }
      case "error":
        return notify(`The WebSocket says: ${message.message} (${message.code})`, 10_000);
    }
  }

  function setStatus(eventId, status) {
    const event = week.events.find(({ id }) => id === eventId);
    if (!event || event.status === status) return;
    event.status = status;
    renderShow(event, week.shows.get(eventId).slots);
  }

  return {
    watch(eventIds) {
      watched = eventIds;
      if (socket instanceof WebSocket && socket.readyState === WebSocket.OPEN) subscribeAll();
      else void connect();
    },
    /** Does the socket tell what is left of this event's types? */
    knows: (eventId) => sequences.get(eventId) !== undefined,
    now() {
      attempts = 0;
      if (!socket) void connect();
    },
  };
})();

// ── Box office: the form ─────────────────────────────────────────────────────────────────────────────────────────────

const BUYERS = [
  { name: "Anna Rossi", email: "anna@example.com", phone: "+39 333 1234567" },
  { name: "Luca Bianchi", email: "luca@example.com", phone: "+39 347 7654321" },
  { name: "Giulia Ferrari", email: "giulia@example.com", phone: "+39 320 4567890" },
  { name: "Claire Dubois", email: "claire@example.com", phone: "+33 6 12 34 56 78" },
  { name: "Marta Conti", email: "marta@example.com", phone: "+39 338 1110000" },
];

const form = byId("purchase");
let buyerNumber = 0;
/** The purchase without an answer yet: sent again, it has to be the same one. */
let unanswered;

const allTypes = () => week.events.flatMap(({ id }) => (week.types.get(id) ?? []).filter(({ isActive }) => isActive));
const chosenType = () => week.rows.get(form.elements.type.value)?.type;
const eventOf = (eventId) => week.events.find(({ id }) => id === eventId);

function renderTypeChoice() {
  const select = form.elements.type;
  const signature = JSON.stringify(
    week.events.map(({ id, title }) => [title, (week.types.get(id) ?? []).map((type) => [type.id, type.name, type.basePrice, type.isActive])]),
  );
  if (select.dataset.signature === signature) return renderHint();
  select.dataset.signature = signature;
  const chosen = select.value;
  select.replaceChildren(
    ...week.events.map((event) => {
      const group = element("optgroup", undefined, { label: textOf(event.title) });
      for (const type of (week.types.get(event.id) ?? []).filter(({ isActive }) => isActive))
        group.append(element("option", `${textOf(type.name)}, ${type.kind === "free" ? "free" : price(type.basePrice)}`, { value: type.id }));
      return group;
    }),
  );
  const first = allTypes()[0]?.id;
  const nothing = first === undefined;
  if (nothing) select.replaceChildren(element("option", "Nothing on offer", { value: "" }));
  for (const control of form.elements) if (control !== form) control.disabled = nothing;
  choose(allTypes().some(({ id }) => id === chosen) ? chosen : (first ?? ""));
}

function choose(typeId, { go = false } = {}) {
  const changed = form.elements.type.value !== typeId || form.dataset.type !== typeId;
  form.elements.type.value = typeId;
  form.dataset.type = typeId;
  for (const [id, { slots, node }] of week.rows) {
    slots.choose.setAttribute("aria-pressed", String(id === typeId));
    write(slots.choose, id === typeId ? "Chosen" : "Choose");
    node.classList.toggle("chosen", id === typeId);
  }
  const type = chosenType();
  if (changed && type) {
    byId("amount-field").hidden = type.kind !== "donation";
    const { currency, amount } = type.basePrice;
    write(byId("amount-currency"), currency);
    form.elements.amount.value = (amount / 10 ** decimalsOf(currency)).toFixed(decimalsOf(currency));
    form.elements.quantity.value = String(Math.min(Math.max(2, type.minPerOrder), type.maxPerOrder));
    clearProblem(byId("purchase-problem"), form);
  }
  renderHint();
  if (go) {
    byId("box-office").scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    form.elements.quantity.focus({ preventScroll: true });
  }
}

function renderHint() {
  const type = chosenType();
  const row = type && week.rows.get(type.id);
  const limits =
    type &&
    [`${type.minPerOrder > 1 ? `${type.minPerOrder} to ` : "at most "}${type.maxPerOrder} an order`, type.maxPerBuyer ? `${type.maxPerBuyer} a person` : ""]
      .filter(Boolean)
      .join(", ");
  write(byId("type-hint"), type ? `${capital(leftInWords(row))}; ${limits}.` : "");
  const total = type && totalOf(type);
  write(byId("buy"), !type ? "Hold the seats" : type.kind === "free" ? "Get the tickets" : total ? `Hold the seats, ${price(total)}` : "Hold the seats");
  byId("curl").value = type ? curlOf(type) : "There is nothing on offer to buy.";
}

function totalOf(type) {
  const amount = type.kind === "donation" ? minorUnits(form.elements.amount.value, type.basePrice.currency) : type.basePrice.amount;
  const quantity = Number(form.elements.quantity.value);
  return amount !== undefined && quantity > 0 ? { amount: amount * quantity, currency: type.basePrice.currency } : undefined;
}

/** "20", "20.5" or "20,50" in whole minor units, without a rounding on the way. */
function minorUnits(text, currency) {
  const decimals = decimalsOf(currency);
  const [, whole, part = ""] = /^(\d{1,8})(?:[.,](\d*))?$/.exec(text.trim()) ?? [];
  return whole === undefined || part.length > decimals ? undefined : Number(whole + part.padEnd(decimals, "0"));
}

function purchaseBody(type) {
  const { quantity, amount, name, email, phone, whatsapp } = form.elements;
  return {
    quantity: quantity.value === "" ? 0 : Number(quantity.value),
    ...(type.kind === "donation" ? { amount: minorUnits(amount.value, type.basePrice.currency) } : {}),
    buyer: { name: name.value, email: email.value, ...(phone.value.trim() ? { phone: phone.value } : {}) },
    whatsappOptIn: whatsapp.checked,
  };
}

function curlOf(type) {
  const body = JSON.stringify(purchaseBody(type)).replaceAll("'", `'\\''`);
  return `curl -s ${baseUrl}/tickets/${type.id}/purchase \\\n  -H 'content-type: application/json' \\\n  -H "Idempotency-Key: $(uuidgen)" \\\n  -d '${body}'`;
}

function fillBuyer() {
  const buyer = BUYERS[buyerNumber % BUYERS.length];
  const round = Math.floor(buyerNumber / BUYERS.length);
  buyerNumber += 1;
  form.elements.name.value = buyer.name;
  form.elements.email.value = round === 0 ? buyer.email : buyer.email.replace("@", `+${round + 1}@`);
  form.elements.phone.value = buyer.phone;
  renderHint();
}

async function buy() {
  const type = chosenType();
  if (!type) return;
  const problem = byId("purchase-problem");
  clearProblem(problem, form);
  const body = purchaseBody(type);
  if (type.kind === "donation" && body.amount === undefined) {
    return showProblem(
      problem,
      Object.assign(new NoAnswer("Check the amount."), {
        fields: [{ path: "amount", message: `Write an amount like ${(20).toFixed(decimalsOf(type.basePrice.currency))}.` }],
      }),
      form,
    );
  }
  const same = JSON.stringify([type.id, body]);
  if (unanswered?.same !== same) unanswered = { same, key: crypto.randomUUID() };
  byId("buy").disabled = true;
  try {
    const { value, retryAfter } = await call("POST", `/tickets/${encodeURIComponent(type.id)}/purchase`, {
      body,
      headers: { "Idempotency-Key": unanswered.key },
    });
    unanswered = undefined;
    orders.open(value, retryAfter);
  } catch (error) {
    if (error instanceof NoAnswer) error.message += " Press again when it is back: it goes out with the same Idempotency-Key, so it happens once.";
    else if (error.status < 500 && error.code !== "idempotency_key.in_progress") unanswered = undefined;
    showProblem(problem, error, form);
    form.querySelector("[aria-invalid]")?.focus();
  } finally {
    byId("buy").disabled = false;
    void stories.read();
  }
}

function step(by) {
  const field = form.elements.quantity;
  field.value = String(Math.max(1, Math.min(50, (Number(field.value) || 0) + by)));
  renderHint();
}

// ── Box office: the order ────────────────────────────────────────────────────────────────────────────────────────────

const orders = (() => {
  const STATUS = {
    held: "The seats are held; the payment has not begun.",
    awaiting_payment: "The seats are held. Waiting for the card.",
    fulfilled: "Paid. The tickets are out.",
    given: "The tickets are out. There was nothing to pay.",
    expiring: "Ending: the payment is being cancelled first.",
    expired: "The time is over; the seats are back on sale.",
    cancelled: "Cancelled; the seats are back on sale.",
  };
  const OPEN = ["held", "awaiting_payment", "expiring"];
  /** This browser's orders, newest first: { id, token, intent, intentStatus, label }. They outlive a reload and a restart. */
  let kept = read();
  let current;
  let order;
  let warned;

  function read() {
    const value = jsonOf(localStorage.getItem(ORDERS_KEY) ?? "[]");
    return Array.isArray(value) ? value : [];
  }

  function keep(entries) {
    kept = entries.slice(0, ORDERS_KEPT);
    localStorage.setItem(ORDERS_KEY, JSON.stringify(kept));
    byId("order-picker").hidden = kept.length < 2;
    byId("order-select").replaceChildren(...kept.map(({ id, label }) => element("option", label, { value: id })));
    if (current) byId("order-select").value = current.id;
  }

  function update(facts) {
    Object.assign(current, facts);
    keep(kept);
  }

  const headers = () => ({ "Order-Token": current.token });
  const path = () => `/orders/${encodeURIComponent(current.id)}`;

  /** Shows a checkout the API has just answered. */
  function open({ order: placed, payment, orderToken }, retryAfter) {
    current = {
      id: placed.id,
      token: orderToken,
      intent: payment?.paymentIntentId,
      label: `${clock(placed.createdAt)}, ${placed.lines.map(({ quantity, name }) => `${quantity} × ${textOf(name)}`).join(", ")}`,
    };
    keep([current, ...kept.filter(({ id }) => id !== placed.id)]);
    warned = undefined;
    clearProblem(byId("order-problem"));
    render(placed);
    if (!payment && placed.status === "held" && retryAfter) say(`Many are paying right now. Start the payment in ${plural(retryAfter, "second")}.`);
    byId("order").focus({ preventScroll: true });
    byId("orders").scrollIntoView({ block: "nearest" });
  }

  async function refresh() {
    if (!current) return;
    const asked = current.id;
    try {
      const { value } = await call("GET", path(), { headers: headers() });
      if (asked === current?.id) render(value);
    } catch (error) {
      if (error.code === "order.not_found") forget(asked);
    }
  }

  function forget(id) {
    keep(kept.filter((one) => one.id !== id));
    current = kept[0];
    order = undefined;
    byId("order").hidden = true;
    byId("order-empty").hidden = current !== undefined;
    void refresh();
  }

  async function pick(id) {
    current = kept.find((one) => one.id === id);
    warned = undefined;
    clearProblem(byId("order-problem"));
    await refresh();
  }

  async function act(work) {
    const problem = byId("order-problem");
    clearProblem(problem);
    const buttons = byId("order-acts").querySelectorAll("button");
    const focused = document.activeElement;
    for (const button of buttons) button.disabled = true;
    try {
      await work();
    } catch (error) {
      showProblem(problem, error);
    }
    for (const button of buttons) button.disabled = false;
    if (document.activeElement === document.body) focused?.focus();
    await refresh();
    void stories.read();
  }

  const acts = {
    card: (outcome) =>
      act(async () => {
        if (!current.intent) await acts.startPayment();
        const { value } = await call("POST", "/_local/pay", { body: { paymentIntentId: current.intent, outcome } });
        update({ intentStatus: value.status });
      }),
    async startPayment() {
      const { value, retryAfter } = await call("POST", `${path()}/pay`, { headers: headers() });
      update({ intent: value.payment?.paymentIntentId ?? current.intent, intentStatus: undefined });
      render(value.order);
      if (!value.payment && retryAfter) say(`Many are paying right now. Try again in ${plural(retryAfter, "second")}.`);
    },
    retry: () => act(acts.startPayment),
    extend: () => act(async () => render((await call("POST", `${path()}/extend`, { headers: headers() })).value)),
    cancel: () => act(async () => render((await call("POST", `${path()}/cancel`, { headers: headers() })).value)),
  };

  function say(words) {
    write(byId("order-status"), words);
  }

  function render(fresh) {
    order = fresh;
    byId("order").hidden = false;
    byId("order-empty").hidden = true;
    byId("order").dataset.status = order.status;
    const waits = OPEN.includes(order.status);
    const undecided = current.intentStatus === "processing";
    const declined = waits && order.paymentError && !undecided ? ` The last card was declined (${order.paymentError.code}); the seats stay held.` : "";
    const processing = order.status === "awaiting_payment" && undecided ? "The bank has not decided yet; the seats stay held until it does." : undefined;
    const status = order.status === "fulfilled" && order.total.amount === 0 ? "given" : order.status;
    say((processing ?? STATUS[status] ?? capital(inWords(status))) + declined);
    byId("order-lines").replaceChildren(
      ...[...order.lines.map(({ quantity, name, total }) => line(`${quantity} × ${textOf(name)}`, price(total))), line("Total", price(order.total))],
    );
    write(byId("order-id"), order.id);
    byId("order-acts").hidden = !waits;
    write(byId("pay-succeed"), undecided ? "Bank confirms" : "Card succeeds");
    write(byId("pay-decline"), undecided ? "Bank declines" : "Declined");
    byId("pay-processing").hidden = undecided;
    byId("order-extend").hidden = order.extended;
    write(byId("order-pay"), current.intent ? "Retry payment" : "Start payment");
    renderStubs();
    tick();
    renderThread();
  }

  function line(name, total) {
    const { node, slots } = copyOf("line-template");
    write(slots.name, name);
    write(slots.total, total);
    return node;
  }

  function renderStubs() {
    const list = byId("stubs");
    const signature = JSON.stringify([order.id, order.tickets, week.events.length]);
    if (list.dataset.signature === signature) return;
    list.dataset.signature = signature;
    const event = eventOf(order.eventId);
    list.replaceChildren(
      ...order.tickets.map((ticket, n) => {
        const { node, slots } = copyOf("stub-template");
        write(slots.show, event ? textOf(event.title) : order.eventId);
        write(
          slots.type,
          `${textOf(order.lines.find(({ ticketTypeId }) => ticketTypeId === ticket.ticketTypeId)?.name)}${ticket.status === "valid" ? "" : `, ${ticket.status}`}`,
        );
        write(
          slots.when,
          event
            ? `${when(event.startsAt, { timeZone: zoneOf(event), weekday: "short", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })}, ${event.venue?.name ?? ""}`
            : "",
        );
        slots.credential.id = `credential-${n}`;
        slots.label.htmlFor = `credential-${n}`;
        write(slots.label, `Credential ${n + 1} of ${order.tickets.length}`);
        slots.credential.value = ticket.credential;
        slots.copy.setAttribute("aria-label", `Copy credential ${n + 1}`);
        slots.copy.addEventListener("click", () => void copyText(slots.credential, slots.copy));
        return node;
      }),
    );
  }

  /** What the stories say about this order, its payment and its message; oldest first. */
  function renderThread() {
    const about = [current?.id, current?.intent].filter(Boolean);
    const mine = stories.all().filter(({ text }) => about.some((id) => text.includes(id.toLowerCase())));
    byId("thread").replaceChildren(
      ...mine.toReversed().map(({ event }) => {
        const item = element("li");
        const words = element("span", event.type);
        words.append(" ", element("span", gistOf(event), { class: "gist" }));
        item.append(element("time", clock(event.occurredAt), { datetime: event.occurredAt }), words);
        return item;
      }),
    );
    byId("thread").parentElement.hidden = mine.length === 0;
  }

  /** Every second: the countdown. */
  function tick() {
    const counts = order && OPEN.includes(order.status) && order.status !== "expiring" && order.expiresAt;
    byId("countdown").hidden = !counts;
    if (!counts) return;
    const seconds = Math.max(0, Math.ceil((new Date(order.expiresAt) - Date.now()) / 1_000));
    write(byId("countdown-clock"), `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
    byId("countdown").classList.toggle("soon", seconds <= 60);
    const mark = [0, 60, 300].find((limit) => seconds <= limit);
    if (mark !== undefined && mark !== warned) announce(mark === 0 ? "The time to pay is over." : `${plural(mark / 60, "minute")} left to pay.`);
    warned = mark;
  }

  return {
    open,
    refresh,
    pick,
    acts,
    tick,
    /** New stories: is one of them about the order on show? */
    heardOf(fresh) {
      if (!current) return;
      renderThread();
      if (fresh.some(({ text }) => text.includes(current.id.toLowerCase()))) void refresh();
    },
    isOpen: () => order !== undefined && OPEN.includes(order.status),
    start() {
      keep(kept);
      current = kept[0];
      if (current) byId("order-empty").hidden = true;
      void refresh();
    },
  };
})();

// ── Stories: domain events ───────────────────────────────────────────────────────────────────────────────────────────

/** The part of a story's data that says most. */
const GISTS = {
  "order.held": ({ quantity }) => plural(quantity, "seat"),
  "order.payment_started": ({ attempt }) => (attempt > 1 ? `attempt ${attempt}` : ""),
  "order.payment_declined": ({ code }) => inWords(code),
  "order.payment_cancelled": ({ attempt }) => `attempt ${attempt}`,
  "order.paid": price,
  "order.fulfilled": ({ ticketIds, whatsappOptIn }) => plural(ticketIds.length, "ticket") + (whatsappOptIn ? ", tell on WhatsApp" : ""),
  "order.extended": ({ expiresAt }) => `until ${clock(expiresAt)}`,
  "order.expiring": ({ reason }) => inWords(reason),
  "event.status_changed": ({ from, to }) => `${inWords(from)} → ${inWords(to)}`,
  "event.stock_recorded": ({ soldOut }) => (soldOut.length === 0 ? "seats again" : `${plural(soldOut.length, "type")} sold out`),
  "webhook.stripe_received": ({ type }) => type,
  "webhook.wati_received": ({ type }) => type,
};

function gistOf({ type, data }) {
  try {
    return String(GISTS[type]?.(data) ?? "");
  } catch {
    return "";
  }
}

const stories = (() => {
  const PAGE = 20;
  let all = [];
  let known = new Set();
  let shown = PAGE;
  let first = true;

  async function poll() {
    const initial = first;
    let items = await newest(initial ? 200 : NEWEST);
    first = false;
    const overlaps = () => items.some(({ id }) => known.has(id));
    if (!initial && known.size > 0 && items.length >= NEWEST && !overlaps()) items = await newest(MOST);
    const missed = !initial && known.size > 0 && items.length >= MOST && !overlaps();
    const fresh = items.filter(({ id }) => !known.has(id)).map(storyOf);
    if (missed) fresh.push({ gap: true, text: "", node: element("li", "More happened here than this page could read.", { class: "gap" }) });
    for (const story of fresh) {
      if (story.event) known.add(story.event.id);
      story.fresh = !initial;
    }
    all = [...fresh, ...all].slice(0, KEPT);
    if (known.size > 2 * KEPT) known = new Set(all.flatMap(({ event }) => (event ? [event.id] : [])));
    render();
    if (fresh.length === 0) return;
    orders.heardOf(fresh);
    if (!initial) react(fresh.flatMap(({ event }) => (event ? [event.type] : [])));
  }

  const newest = async (limit) => (await call("GET", `/_local/domain-events?limit=${limit}`)).value.items ?? [];

  /** What else on the page is out of date now. */
  function react(types) {
    announce(`${types.length === 1 ? "One new story" : `${types.length} new stories, the last one`}: ${types[0]}.`);
    if (types.some((type) => /^(event|ticket_type)\./.test(type))) readWeekSoon();
    if (types.some((type) => type === "webhook.wati_received" || type === "order.fulfilled")) void messages.read();
  }

  const storyOf = (event) => ({ event, text: JSON.stringify(event).toLowerCase(), node: undefined });

  function nodeOf(story) {
    if (story.node) return story.node;
    const { event } = story;
    const { node, slots } = copyOf("story-template");
    write(slots.time, clock(event.occurredAt, { milliseconds: true }));
    slots.time.dateTime = event.occurredAt;
    write(slots.type, event.type);
    write(slots.gist, gistOf(event));
    const id = event.aggregate.id;
    slots.idHead.parentElement.title = id;
    write(slots.idHead, id.slice(0, -6));
    write(slots.idTail, id.slice(-6));
    write(slots.actor, event.actor.id ? `${event.actor.kind} ${event.actor.id}` : event.actor.kind);
    slots.actor.title = slots.actor.textContent;
    write(slots.noun, inWords(event.aggregate.type));
    node.firstElementChild.addEventListener("toggle", () => write(slots.json, JSON.stringify(event, null, 2)), { once: true });
    slots.thread.addEventListener("click", () => filterBy(event.correlationId));
    slots.about.addEventListener("click", () => filterBy(id));
    if (story.fresh) node.classList.add("fresh");
    return (story.node = node);
  }

  function filterBy(text) {
    byId("filter").value = text;
    shown = PAGE;
    render();
    byId("filter").focus();
  }

  function render() {
    const words = byId("filter").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const matching = words.length === 0 ? all : all.filter(({ gap, text }) => !gap && words.every((word) => text.includes(word)));
    arrange(byId("feed"), matching.slice(0, shown).map(nodeOf));
    const total = all.filter(({ gap }) => !gap).length;
    const read = total >= 200 ? "the latest " : "";
    renderLatest();
    write(
      byId("stories-count"),
      total === 0
        ? ""
        : words.length > 0
          ? `${matching.length.toLocaleString(LOCALE)} of ${read}${total.toLocaleString(LOCALE)}`
          : `${read}${total.toLocaleString(LOCALE)}, newest first`,
    );
    show(
      byId("feed-empty"),
      matching.length > 0
        ? ""
        : words.length > 0
          ? `Nothing matches “${byId("filter").value.trim()}”.`
          : "Nothing has happened yet. Buy a ticket, and it begins.",
    );
    show(byId("feed-more"), matching.length > shown ? `Show ${Math.min(PAGE, matching.length - shown)} older` : "");
  }

  function renderLatest() {
    const event = all[0]?.event;
    byId("latest").hidden = event === undefined;
    if (!event) return;
    write(byId("latest-time"), clock(event.occurredAt));
    write(byId("latest-type"), event.type);
    write(byId("latest-gist"), gistOf(event));
  }

  let run;
  return {
    all: () => all,
    start: () => (run = repeat(poll, rhythm(1_000))),
    read: () => run?.(),
    filter() {
      shown = PAGE;
      render();
    },
    more() {
      shown += PAGE;
      render();
    },
    /** After a restart nothing read before has to be true. */
    reset() {
      all = [];
      known = new Set();
      first = true;
    },
  };
})();

// ── Messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const messages = (() => {
  const PAGE = 4;
  const MARKS = { sent: "✓", delivered: "✓✓", read: "✓✓", replied: "✓✓", failed: "!" };
  const nodes = new Map();
  let all = [];
  let shown = PAGE;

  async function poll() {
    const { value } = await call("GET", "/_local/messages");
    all = (value.items ?? []).toReversed();
    render();
  }

  function render() {
    for (const id of nodes.keys()) if (!all.some((message) => message.id === id)) nodes.delete(id);
    arrange(byId("chat"), all.slice(0, shown).map(nodeOf));
    write(byId("messages-count"), all.length === 0 ? "" : `${all.length.toLocaleString(LOCALE)} sent`);
    byId("chat-empty").hidden = all.length > 0;
    show(byId("chat-more"), all.length > shown ? `Show ${plural(all.length - shown, "older message")}` : "");
  }

  function nodeOf(message) {
    if (!nodes.has(message.id)) nodes.set(message.id, copyOf("message-template"));
    const { node, slots } = nodes.get(message.id);
    write(slots.to, `+${message.phone}`);
    write(slots.template, message.template);
    write(slots.text, message.text);
    write(slots.time, clock(message.sentAt));
    slots.time.dateTime = message.sentAt;
    node.dataset.status = message.status;
    write(slots.marks, MARKS[message.status] ?? "");
    write(slots.status, message.status === "failed" ? `failed, WATI code ${message.failedCode}` : inWords(message.status));
    return node;
  }

  let run;
  return {
    // The stories say when there is something; this is for what they do not tell.
    start: () => (run = repeat(poll, rhythm(10_000))),
    read: () => run?.(),
    more() {
      shown = Infinity;
      render();
    },
  };
})();

// ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

const ROLES = ["attendee", "sponsor", "designer", "model", "organizer", "admin"];

function renderRoles() {
  byId("roles").replaceChildren(
    ...ROLES.map((role) => {
      const button = element("button", capital(role), { type: "button" });
      button.addEventListener("click", () => void giveToken(role, button));
      return button;
    }),
  );
}

async function giveToken(role, button) {
  clearProblem(byId("token-problem"));
  try {
    const { value } = await call("POST", "/_local/token", { body: { role } });
    byId("token").value = value.token;
    write(byId("token-label"), `The ${role}’s token`);
    byId("token-field").hidden = false;
    await copyText(byId("token"), button);
  } catch (error) {
    showProblem(byId("token-problem"), error);
  }
}

// ── Everything together ──────────────────────────────────────────────────────────────────────────────────────────────

let weekTimer;
const readWeekSoon = () => {
  weekTimer ??= setTimeout(() => {
    weekTimer = undefined;
    void weekRun();
  }, 300);
};

function readEverything() {
  stories.reset();
  live.now();
  for (const read of [weekRun, overviewRun, stories.read, messages.read]) void read();
  return orders.refresh();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void buy();
});
form.addEventListener("input", ({ target }) => (target === form.elements.type ? choose(target.value) : renderHint()));
byId("fewer").addEventListener("click", () => step(-1));
byId("more").addEventListener("click", () => step(1));
byId("somebody-else").addEventListener("click", fillBuyer);
byId("pay-succeed").addEventListener("click", () => void orders.acts.card("succeed"));
byId("pay-decline").addEventListener("click", () => void orders.acts.card("decline"));
byId("pay-processing").addEventListener("click", () => void orders.acts.card("processing"));
byId("order-pay").addEventListener("click", () => void orders.acts.retry());
byId("order-extend").addEventListener("click", () => void orders.acts.extend());
byId("order-cancel").addEventListener("click", () => void orders.acts.cancel());
byId("order-select").addEventListener("change", ({ target }) => void orders.pick(target.value));
byId("filter").addEventListener("input", () => stories.filter());
byId("feed-more").addEventListener("click", () => stories.more());
byId("chat-more").addEventListener("click", () => messages.more());
for (const button of document.querySelectorAll("[data-copies]")) button.addEventListener("click", () => void copyText(byId(button.dataset.copies), button));
window.addEventListener("online", () => live.now());

fillBuyer();
renderRoles();
const overviewRun = repeat(readOverview, rhythm(10_000));
const weekRun = repeat(readWeek, rhythm(60_000));
stories.start();
messages.start();
orders.start();
repeat(checkHealth, rhythm(5_000));
setInterval(() => {
  if (!document.hidden) orders.tick();
}, 1_000);
repeat(async () => {
  if (orders.isOpen()) await orders.refresh();
}, rhythm(5_000));
