// The page: three lists, live, and one mail. What a mail says is put in as text, never as HTML; its HTML has a frame
// of its own, which may do nothing. The policy of the page (trusted types) would not let it be otherwise.
"use strict";

const LIMIT = 200; // rows of a list
const SOURCE_LIMIT = 512 * 1024; // as the server's MAX_SOURCE
const LISTS = { received: "received", sent: "outbox", told: "told" }; // a change's kind, and its list
const EMPTY = {
  received: "No mail has been received yet. Send one to the SMTP port, or with the button above.",
  outbox: "Nothing has been sent yet. Mail that goes out through SES’s APIs is here, as its recipients would get it.",
  told: "No event has been published yet. Events come with a configuration set that has an event destination.",
};
const TONES = {
  PASS: "good", FAIL: "bad", GRAY: "warn", PROCESSING_FAILED: "warn",
  Delivery: "good", Send: "", Bounce: "bad", Complaint: "bad", Reject: "bad", "Rendering Failure": "bad",
  DeliveryDelay: "warn", delivered: "good", bounced: "bad", complained: "bad", rejected: "bad",
  globally_suppressed: "warn", suppressed: "warn", out_of_office: "warn",
};

const $ = (id) => document.getElementById(id);
const rows = { received: [], outbox: [], told: [] };
const state = { list: "received", query: "", route: "", opened: 0 };

// An element with attributes and children; text is text.
function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const pill = (text, tone) => el("span", { class: "pill", "data-tone": (tone ?? TONES[text]) || null }, text);

async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error || `The server says ${answer.status}.`);
  return answer.json();
}

function time(iso) {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return "";
  const today = moment.toDateString() === new Date().toDateString();
  const how = today ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" };
  return moment.toLocaleString(undefined, how);
}

function full(iso) {
  const moment = new Date(iso);
  return Number.isNaN(moment.getTime()) ? "" : moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(bytes < 1e4 ? 1 : 0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

const plain = (text) => String(text ?? "").replaceAll("_", " ");
const several = (list) => (list && list.length > 1 ? `${list[0]} and ${list.length - 1} more` : (list && list[0]) || "");

// ---- the lists

function mark(list, row) {
  if (list === "received") {
    const amiss = Object.entries(row.verdicts || {}).filter(([, status]) => status === "FAIL").map(([check]) => check);
    return amiss.length ? pill(amiss.join(", "), "bad") : null;
  }
  const fates = [...new Set(Object.values(row.fates || {}))].filter((fate) => fate !== "delivered");
  return fates.length ? pill(plain(fates[0]), TONES[fates[0]] || "warn") : null;
}

// The name of an author, or the address where there is no name.
const author = (row) => (row.from || "").split("<")[0].replaceAll('"', "").trim() || row.from || row.source || "(null sender)";

function item(list, row) {
  if (list === "told") {
    return el("li", {}, el("a", { href: `#told/${row.number}` },
      el("span", { class: "who" }, pill(row.type)), el("time", { class: "when", datetime: row.timestamp }, time(row.timestamp)),
      el("span", { class: "what" }, several(row.recipients) || row.subject), el("span", { class: "whom" }, row.said || row.subject)));
  }
  const received = list === "received";
  const to = several(received ? row.recipients : row.destination);
  return el("li", {}, el("a", { href: `#${list}/${row.id}` },
    el("span", { class: "who", title: received ? row.from : null }, received ? author(row) : to),
    el("time", { class: "when", datetime: row.timestamp }, time(row.timestamp)),
    el("span", { class: "what" }, row.subject || "(no subject)"),
    el("span", { class: "whom" }, received ? `to ${to}` : `from ${author(row)}`),
    el("span", { class: "mark" }, mark(list, row))));
}

function draw(fresh = null) {
  const shown = rows[state.list];
  const focused = document.activeElement && document.activeElement.closest("#list a");
  const at = focused && focused.getAttribute("href");
  $("list").replaceChildren(...shown.map((row) => item(state.list, row)));
  if (fresh && shown[0] === fresh) $("list").firstElementChild.firstElementChild.classList.add("fresh");
  if (at) [...$("list").querySelectorAll("a")].find((link) => link.getAttribute("href") === at)?.focus({ preventScroll: true });
  $("nothing").hidden = shown.length > 0;
  $("nothing").textContent = state.query ? "No mail has all these words." : EMPTY[state.list];
  current();
  for (const tab of document.querySelectorAll("[role=tab][data-list]")) {
    const on = tab.dataset.list === state.list;
    tab.setAttribute("aria-selected", on);
    tab.tabIndex = on ? 0 : -1;
    const count = rows[tab.dataset.list].length;
    tab.querySelector(".count").textContent = count >= LIMIT ? `${LIMIT}+` : count || "";
    if (on) $("list").setAttribute("aria-labelledby", tab.id);
  }
}

function current() {
  for (const link of $("list").querySelectorAll("a")) {
    link.setAttribute("aria-current", link.getAttribute("href") === `#${state.route}`);
  }
}

const matches = (row, words) => {
  const hay = [row.subject, row.from, row.source, row.id, row.mail, row.type, row.said, ...(row.recipients || []), ...(row.destination || [])]
    .join("\n").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => hay.includes(word));
};

async function load() {
  const query = state.query;
  const asked = `limit=${LIMIT}&q=${encodeURIComponent(query)}`;
  const [received, outbox, told] = await Promise.all([
    get(`/_local/received?${asked}`), get(`/_local/outbox?${asked}`), get(`/_local/told?limit=${query ? 1000 : LIMIT}`),
  ]);
  if (query !== state.query) return;
  Object.assign(rows, { received, outbox, told: told.filter((row) => matches(row, query)).slice(0, LIMIT) });
  draw();
}

function show(list) {
  state.list = list;
  draw();
}

// ---- live

let drawing = 0;
function arrive(kind, row) {
  const list = LISTS[kind];
  if (state.query && !matches(row, state.query)) return;
  rows[list] = [row, ...rows[list].filter((one) => (row.id ? one.id !== row.id : one.number !== row.number))].slice(0, LIMIT);
  // Of a burst of mails the last is drawn, once a frame.
  cancelAnimationFrame(drawing);
  drawing = requestAnimationFrame(() => draw(list === state.list ? row : null));
  if (kind === "told" && state.route === `outbox/${row.mail}`) refresh();
}

let refreshing = 0;
function refresh() {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => open(state.route, true), 150);
}

function live() {
  const stream = new EventSource("/_local/stream");
  const say = (is, text) => { $("live").dataset.state = is; $("live-text").textContent = text; };
  stream.addEventListener("open", () => { say("live", "live"); load().catch(complain); });
  stream.addEventListener("error", () => {
    say("waiting", "not connected");
    if (stream.readyState === EventSource.CLOSED) setTimeout(live, 3000);
  });
  for (const kind of Object.keys(LISTS)) stream.addEventListener(kind, (event) => arrive(kind, JSON.parse(event.data)));
}

// ---- one mail

function complain(error) {
  $("reading").replaceChildren(el("div", { class: "inside" }, back(), el("p", { class: "wrong", role: "alert" }, error.message)));
}

function back() {
  return el("a", { class: "quiet back", href: "#" }, "← Back");
}

function welcome() {
  const port = state.smtp ? [el("p", {}, "Point your mail program at ", el("code", {}, `smtp://${location.hostname}:${state.smtp}`))] : [];
  $("reading").replaceChildren(el("div", { class: "welcome" },
    el("img", { src: "/_local/page/icon.svg", width: 52, height: 52, alt: "" }),
    el("h1", {}, "Choose a mail"),
    el("p", {}, "Whatever is received, sent or told appears at the left by itself."), ...port));
}

async function open(route, again = false) {
  const [list, id] = route.split("/");
  const number = ++state.opened;
  state.route = route;
  document.body.classList.toggle("open", Boolean(id));
  current();
  if (!id) return welcome();
  if (list !== state.list && !again && rows[list]) show(list);
  try {
    const path = `/_local/${list}/${encodeURIComponent(id)}`;
    const found = list === "told" ? await get(path) : await get(`${path}/shown`);
    if (number !== state.opened) return;
    const view = again ? $("reading").querySelector(".views [aria-selected=true]")?.dataset.view : null;
    $("reading").replaceChildren(list === "told" ? event(found) : mail(list, path, found, view));
    if (!again) {
      $("reading").scrollTop = 0;
      if (getComputedStyle($("reading")).display !== "none" && matchMedia("(max-width: 760px)").matches) $("reading").focus();
    }
  } catch (error) {
    if (number === state.opened) complain(error);
  }
}

function envelope(pairs) {
  return el("dl", { class: "envelope" }, ...pairs.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function mail(list, path, found, wanted) {
  const about = found.about;
  const received = list === "received";
  const to = (received ? about.recipients : about.destination) || [];
  const header = (name) => (found.headers.find(([one]) => one.toLowerCase() === name) || [])[1];
  const fates = Object.entries(about.fates || {});
  const inside = el("div", { class: "inside" },
    back(),
    el("h1", {}, about.subject || "(no subject)"),
    envelope([
      ["From", about.from], ["To", header("to")], ["Cc", header("cc")],
      [received ? "Received" : "Sent", full(about.timestamp)],
    ]),
    received ? verdicts(about) : el("div", { class: "pills" }, ...fates.slice(0, 50).map(([one, fate]) => pill(`${one}: ${plain(fate)}`, TONES[fate] ?? "warn"))),
    linked(found.linked));
  const views = [
    ["text", "Text", found.text !== null, () => [el("pre", { class: "text" }, found.text || "(an empty text)")]],
    ["html", "HTML", found.html, () => [
      el("iframe", { src: `${path}/html`, sandbox: "", referrerpolicy: "no-referrer", title: "The mail’s HTML" }),
      el("p", { class: "note" }, "Nothing runs in it, nothing is loaded from elsewhere, and links lead nowhere."),
    ]],
    ["headers", "Headers", true, () => [fields(found.headers), found.headers_left_out ? el("p", { class: "note" }, `${found.headers_left_out} more are in the source.`) : null]],
    ["source", "Source", true, () => source(path, about.bytes)],
    ["way", "Envelope", true, () => (received ? way(about, to) : sentWay(about, to, found.told))],
  ].filter(([, , there]) => there);
  const first = found.broken ? "source" : views.some(([name]) => name === "html") && found.text === null ? "html" : found.text === null ? "source" : "text";
  if (found.files.length) inside.append(files(found.files, path));
  if (found.broken) inside.append(el("p", { class: "wrong" }, found.broken));
  inside.append(...tabbed(views, views.some(([name]) => name === wanted) ? wanted : first, path));
  return inside;
}

function tabbed(views, first, path) {
  const view = el("div", { class: "view", role: "tabpanel", id: "view" });
  const bar = el("div", { class: "views" });
  const tabs = el("div", { role: "tablist", "aria-label": "How the mail is shown" });
  const choose = (name) => {
    for (const tab of tabs.children) {
      tab.setAttribute("aria-selected", tab.dataset.view === name);
      tab.tabIndex = tab.dataset.view === name ? 0 : -1;
    }
    view.setAttribute("aria-labelledby", `view-${name}`);
    view.replaceChildren(...views.find(([one]) => one === name)[3]().filter(Boolean));
  };
  for (const [name, label] of views) {
    const tab = el("button", { type: "button", role: "tab", id: `view-${name}`, "data-view": name, "aria-controls": "view" }, label);
    tab.addEventListener("click", () => choose(name));
    tabs.append(tab);
  }
  bar.append(tabs, el("a", { href: path, download: "" }, "Download .eml"));
  choose(first);
  return [bar, view];
}

function verdicts(about) {
  const pills = Object.entries(about.verdicts || {}).map(([check, status]) => pill(`${check} ${plain(status).toLowerCase()}`, TONES[status] || ""));
  return el("div", { class: "pills", "aria-label": "Verdicts" }, ...pills);
}

function linked(mails) {
  if (!mails.length) return null;
  return el("div", { class: "block" }, ...mails.map((one) => el("p", {}, el("span", { class: "note" }, one.how === "answers" ? "Answers " : "Answered by "),
    el("a", { href: `#${one.shelf}/${one.id}` }, one.subject || "(no subject)"), el("span", { class: "note" }, ` · ${full(one.timestamp)}`))));
}

function fields(pairs) {
  return el("table", { class: "fields" }, el("tbody", {}, ...pairs.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value)))));
}

function source(path, bytes) {
  const text = el("pre", { class: "source", tabindex: "0", "aria-label": "The mail’s source" }, "…");
  fetch(`${path}/source`).then((answer) => answer.text()).then((found) => { text.textContent = found; }, () => { text.textContent = "The server doesn’t answer."; });
  return [bytes > SOURCE_LIMIT ? el("p", { class: "note" }, `The first ${size(SOURCE_LIMIT)} of ${size(bytes)}; the download has all of it.`) : null, text];
}

function way(about, to) {
  const actions = about.actions || [];
  return [
    envelope([
      ["MAIL FROM", about.source === "" ? "<> (the null sender)" : about.source], ["RCPT TO", to.join(", ")],
      ["Client", [about.client_ip, about.helo && `says ${about.helo}`].filter(Boolean).join(", ")], ["TLS", about.tls || "none"],
      ["Size", size(about.bytes)], ["SES id", about.id],
    ]),
    actions.length ? el("table", {}, el("thead", {}, el("tr", {}, ...["Rule", "Action", "For", "What it did"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, ...actions.map((one) => el("tr", {}, el("td", {}, one.rule), el("td", {}, one.action), el("td", {}, (one.recipients || []).join(", ")), el("td", {}, one.outcome))))) : null,
  ];
}

function sentWay(about, to, told) {
  return [
    envelope([
      ["From", about.source], ["Recipients", to.join(", ")], ["Configuration set", about.configuration_set],
      ["Tags", (about.tags || []).map((tag) => `${tag.Name}=${tag.Value}`).join(", ")], ["Size", size(about.bytes)], ["SES id", about.id],
    ]),
    el("div", { class: "block" }, el("h2", {}, told.length ? "Events" : "No event of this mail was published."),
      ...told.map((one) => el("p", {}, pill(one.type), " ", el("a", { href: `#told/${one.number}` }, several(one.recipients) || one.type), el("span", { class: "note" }, ` ${one.said}`)))),
  ];
}

function files(list, path) {
  return el("section", { class: "block" }, el("h2", {}, list.length === 1 ? "1 file" : `${list.length} files`),
    el("div", { class: "files" }, ...list.map((one) => el("a", { href: `${path}/parts/${one.number}`, download: "", title: one.type }, el("span", {}, one.name), el("span", {}, size(one.bytes))))));
}

function event(body) {
  const about = body.mail || {};
  const type = body.eventType || body.notificationType || "Event";
  return el("div", { class: "inside" }, back(),
    el("h1", {}, type),
    envelope([["Subject", about.commonHeaders?.subject], ["Recipients", (about.destination || []).join(", ")], ["Mail sent", full(about.timestamp)]]),
    about.messageId ? el("p", {}, el("a", { href: `#outbox/${about.messageId}` }, "Open the mail")) : null,
    el("pre", { class: "source", tabindex: "0", "aria-label": "The event as it was published" }, JSON.stringify(body, null, 2)));
}

// ---- writing a mail

const form = $("compose-form");
let dropped = null; // a file, as it is: bytes that a text field would change

function mode(name) {
  for (const button of form.querySelectorAll("[data-mode]")) button.setAttribute("aria-pressed", button.dataset.mode === name);
  for (const part of form.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== name;
  form.dataset.mode = name;
}

async function take(file) {
  dropped = file;
  mode("source");
  form.elements.source.value = (await file.slice(0, SOURCE_LIMIT).text());
}

function answer(said, error) {
  const box = $("answer");
  box.hidden = false;
  box.dataset.taken = Boolean(said && said.taken);
  if (error) return box.replaceChildren(el("strong", {}, error));
  const known = said.taken && said.id;
  box.replaceChildren(
    el("strong", {}, said.taken ? "It was taken." : "It was not taken."),
    ...said.steps.map(([command, words]) => el("code", {}, `${command}  →  ${words}`)),
    ...(known ? [el("a", { href: `#received/${said.id}` }, "Open it")] : []));
  box.querySelector("a")?.addEventListener("click", () => $("compose").close());
  box.scrollIntoView({ block: "center" });
}

async function send(submitted) {
  submitted.preventDefault();
  const { from, to, subject, text, source } = form.elements;
  const wide = form.dataset.mode === "source";
  const query = new URLSearchParams({ from: from.value, to: to.value });
  const request = wide
    ? [`/_local/compose?${query}`, { method: "POST", headers: { "Content-Type": "message/rfc822" }, body: dropped || source.value }]
    : ["/_local/compose", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ from: from.value, to: to.value, subject: subject.value, text: text.value }) }];
  $("compose-send").disabled = true;
  try {
    const said = await fetch(...request).then((found) => found.json());
    answer(said, said.error);
  } catch {
    answer(null, "The server doesn’t answer.");
  } finally {
    $("compose-send").disabled = false;
  }
}

function compose() {
  if ($("compose").open) return;
  $("answer").hidden = true;
  $("compose").showModal();
  form.elements.from.focus();
}

// ---- hands on the keyboard

function step(by) {
  const links = [...$("list").querySelectorAll("a")];
  if (!links.length) return;
  const at = links.findIndex((link) => link === document.activeElement);
  const from = at >= 0 ? at : links.findIndex((link) => link.getAttribute("aria-current") === "true");
  links[Math.max(0, Math.min(links.length - 1, from < 0 ? 0 : from + by))].focus();
}

const KEYS = {
  "/": () => $("search").focus(), c: compose, j: () => step(1), k: () => step(-1),
  ArrowDown: () => step(1), ArrowUp: () => step(-1), Escape: () => { location.hash = ""; },
};

function key(pressed) {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || $("compose").open) return;
  const at = pressed.target;
  if (at.closest("input, textarea")) {
    if (pressed.key === "Escape") { at.value = ""; at.blur(); look(); }
    if (pressed.key === "ArrowDown") { pressed.preventDefault(); step(1); }
    return;
  }
  if (at.getAttribute("role") === "tab" && ["ArrowLeft", "ArrowRight"].includes(pressed.key)) {
    const tabs = [...at.parentElement.children];
    const next = tabs[(tabs.indexOf(at) + (pressed.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
    next.focus();
    next.click();
    return;
  }
  const scrolls = ["ArrowDown", "ArrowUp"].includes(pressed.key) && at.closest("#reading");
  if (KEYS[pressed.key] && !scrolls) {
    pressed.preventDefault();
    KEYS[pressed.key]();
  }
}

let looking = 0;
function look() {
  clearTimeout(looking);
  looking = setTimeout(() => { state.query = $("search").value.trim(); load().catch(complain); }, 120);
}

function begin() {
  for (const tab of document.querySelectorAll("[role=tab][data-list]")) tab.addEventListener("click", () => show(tab.dataset.list));
  for (const button of form.querySelectorAll("[data-mode]")) button.addEventListener("click", () => mode(button.dataset.mode));
  mode("form");
  form.addEventListener("submit", send);
  form.elements.source.addEventListener("input", () => { dropped = null; });
  form.elements.file.addEventListener("change", (chosen) => { if (chosen.target.files[0]) take(chosen.target.files[0]); });
  $("compose-open").addEventListener("click", compose);
  $("compose-close").addEventListener("click", () => $("compose").close());
  document.addEventListener("dragover", (over) => { over.preventDefault(); $("compose").classList.add("dropping"); });
  document.addEventListener("dragleave", () => $("compose").classList.remove("dropping"));
  document.addEventListener("drop", (drop) => {
    drop.preventDefault();
    $("compose").classList.remove("dropping");
    if (drop.dataTransfer.files[0]) { compose(); take(drop.dataTransfer.files[0]); }
  });
  document.addEventListener("keydown", key);
  $("search").addEventListener("input", look);
  window.addEventListener("hashchange", () => open(location.hash.slice(1)));
  get("/_local/health").then((health) => {
    state.smtp = health.smtp;
    $("smtp-port").textContent = ` (${health.smtp})`;
    if (!state.route) welcome();
  }, () => {});
  open(location.hash.slice(1));
  live();
}

begin();
