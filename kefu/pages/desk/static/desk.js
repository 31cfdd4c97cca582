// What the desk does in the browser itself: presses become commands, times tick, drafts survive, the thread follows.
import * as modal from "./modal.js";
import * as side from "./side.js";

const root = () => document.getElementById("desk");
const drafts = new Map(Object.entries(JSON.parse(sessionStorage.getItem("kefu.drafts") || "{}")));
// What a message answers, by conversation: the composer is made anew when the session changes hands.
const quotes = new Map();
const narrow = matchMedia("(max-width: 760px)");
let typing = false;
let typingEnd = 0;
let pending = null;
// What was on its way when the connection was lost: whoever sends it again sends the same message, not a second one.
let lost = null;
let offering = false;

// The server hears with each press which conversation was on the screen: it may have opened another one by then.
function tell(detail) {
  const conversation = document.querySelector(".head-who")?.dataset.conversation ?? "";
  root()?.dispatchEvent(new CustomEvent("desk", { detail: { conversation, ...detail } }));
}

// --- commands ---------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-do]");
  if (!target || target.tagName === "FORM") return;
  const told = { ...target.dataset };
  if (told.do === "pane") return show(told.pane);
  if (told.do === "insert") return insert(told.text);
  if (told.do === "dismiss") return modal.shut();
  if (told.do === "quote") return quote(sessionStorage.getItem("kefu.open"), told);
  if (told.do === "unquote") return quote(sessionStorage.getItem("kefu.open"), null);
  modal.asked(told.do);
  if (told.do === "open") {
    // A dialog is about the conversation that is left, and so is what was being typed.
    modal.shut();
    say(false);
    show("talk");
    sessionStorage.setItem("kefu.open", told.conversation);
  }
  tell(told);
});

// The lists are drawn anew while somebody presses on them: the browser makes no click of it, for what was pressed is gone.
let pressed = null;
document.addEventListener("pointerdown", (event) => {
  pressed = event.target.closest("button[data-do]");
});
document.addEventListener("pointerup", (event) => {
  const now = event.target.closest?.("button[data-do]");
  if (now && pressed && !pressed.isConnected && isSame(now, pressed)) now.click();
  pressed = null;
});

function isSame(one, other) {
  return JSON.stringify(one.dataset) === JSON.stringify(other.dataset);
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-do]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.do === "send") return send(form);
  tell({ ...form.dataset, ...Object.fromEntries(new FormData(form)) });
  // What was refused can be mended: the dialog closes when it was sent.
  if (!["search_products", "send_offer", "send_program"].includes(form.dataset.do)) form.reset();
});

document.addEventListener("change", (event) => {
  if (event.target.dataset.change) tell({ do: event.target.dataset.change, value: event.target.value });
});

function show(pane) {
  root().dataset.pane = pane;
}

// --- writing ----------------------------------------------------------------------------------------------------

const box = () => document.querySelector(".write textarea");

function keep(conversation, text) {
  if (text) drafts.set(conversation, text);
  else drafts.delete(conversation);
  sessionStorage.setItem("kefu.drafts", JSON.stringify(Object.fromEntries(drafts)));
}

function fit(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, 168)}px`;
}

function send(form) {
  const area = form.querySelector("textarea");
  const text = area.value.trim();
  const conversation = form.dataset.conversation;
  if (!text || pending) return;
  // The key stays the same until the server has said yes or no: a second press cannot send twice.
  const again = lost?.conversation === conversation && lost.text === text;
  pending = { conversation, text, key: again ? lost.key : newKey() };
  lost = null;
  form.classList.add("sending");
  offer([]);
  say(false);
  tell({ do: "send", conversation, text, key: pending.key, reply: quotes.get(conversation)?.seq || "" });
}

function newKey() {
  return `d${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}`;
}

function quote(conversation, told) {
  if (told) quotes.set(conversation, told);
  else quotes.delete(conversation);
  if (!box()) return window.desk.toast("接管会话后即可引用回复", true);
  showQuote();
  if (told) box().focus();
}

function showQuote() {
  const bar = document.querySelector(".quoting");
  const told = quotes.get(bar.closest("form").dataset.conversation);
  bar.hidden = !told;
  bar.querySelector("span").textContent = told?.said ?? "";
}

function insert(text) {
  const area = box();
  modal.shut();
  if (!area) return;
  area.value = area.value.startsWith("/") ? text : area.value + text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
  offer([]);
}

function say(on) {
  clearTimeout(typingEnd);
  if (on) typingEnd = setTimeout(() => say(false), 4000);
  if (on === typing) return;
  typing = on;
  tell({ do: "type", on: String(on) });
}

document.addEventListener("input", (event) => {
  const area = event.target;
  if (area.matches(".search input")) return later("search", () => tell({ do: "search_products", query: area.value }));
  if (!area.matches(".write textarea")) return;
  fit(area);
  keep(area.form.dataset.conversation, area.value);
  offering = area.value.startsWith("/") && !area.value.includes("\n");
  if (offering) {
    later("slash", () => tell({ do: "slash", text: area.value.slice(1) }));
  } else {
    offer([]);
    if (area.value) say(true);
  }
});

const waiting = new Map();
function later(name, work) {
  clearTimeout(waiting.get(name));
  waiting.set(name, setTimeout(work, 120));
}

document.addEventListener("keydown", (event) => {
  const area = event.target;
  if (event.altKey && /^[1-4]$/.test(event.key)) {
    document.querySelectorAll(".tabs button")[Number(event.key) - 1]?.click();
    event.preventDefault();
    return;
  }
  if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const rows = [...document.querySelectorAll(".entry")];
    const next = rows.findIndex((row) => row.classList.contains("chosen")) + (event.key === "ArrowDown" ? 1 : -1);
    rows[Math.max(0, Math.min(rows.length - 1, next))]?.click();
    event.preventDefault();
    return;
  }
  if (!area.matches?.(".write textarea") || event.isComposing) return;
  const offered = [...document.querySelectorAll(".phrases button")];
  if (offered.length) {
    const at = offered.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const to = (at + (event.key === "ArrowDown" ? 1 : -1) + offered.length) % offered.length;
      offered.forEach((one, place) => one.setAttribute("aria-selected", String(place === to)));
      event.preventDefault();
      return;
    }
    if (event.key === "Escape") {
      offering = false;
      offer([]);
      event.preventDefault();
      return;
    }
    if (event.key === "Enter" || event.key === "Tab") {
      insert(offered[Math.max(0, at)].dataset.text);
      event.preventDefault();
      return;
    }
  }
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    area.form.requestSubmit();
  }
});

// `typed` is what they were looked up for: an answer that was overtaken is not shown.
function offer(rows, typed = "") {
  const place = document.querySelector(".phrases");
  if (!place) return;
  if (rows.length && (!offering || box()?.value.slice(1) !== typed)) return;
  place.hidden = !rows.length;
  place.replaceChildren(
    ...rows.map((row, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.role = "option";
      button.dataset.do = "insert";
      button.dataset.text = row.text;
      button.setAttribute("aria-selected", String(at === 0));
      const title = document.createElement("strong");
      title.textContent = row.title;
      const text = document.createElement("span");
      text.textContent = row.text;
      button.append(title, text);
      return button;
    }),
  );
}

// --- times ------------------------------------------------------------------------------------------------------

const two = (number) => String(number).padStart(2, "0");

function clock(iso) {
  const at = new Date(iso);
  const now = new Date();
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return time;
  const day = `${at.getMonth() + 1}月${at.getDate()}日`;
  return at.getFullYear() === now.getFullYear() ? `${day} ${time}` : `${at.getFullYear()}年${day}`;
}

function tick() {
  for (const place of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - new Date(place.dataset.since)) / 1000));
    const text = seconds < 3600 ? `${Math.floor(seconds / 60)}:${two(seconds % 60)}` : `${Math.floor(seconds / 3600)}小时`;
    if (place.textContent !== text) place.textContent = text;
    place.classList.toggle("long", seconds > 120);
  }
}

function dress() {
  for (const place of document.querySelectorAll("time[data-at]:empty")) {
    place.dateTime = place.dataset.at;
    place.textContent = clock(place.dataset.at);
  }
  tick();
  mark();
  const form = document.querySelector("form.write:not([data-ready])");
  if (form) {
    form.dataset.ready = "1";
    const area = form.querySelector("textarea");
    area.value = drafts.get(form.dataset.conversation) || "";
    fit(area);
    showQuote();
    // Whoever already writes somewhere else, a label or a note, goes on there.
    if (!narrow.matches && !document.activeElement?.matches("input, textarea")) area.focus();
  }
}

// --- the thread -------------------------------------------------------------------------------------------------

let seenTo = 0;
let follows = true;

function mark() {
  for (const message of document.querySelectorAll(".msg.from-agent, .msg.from-bot")) {
    const seen = Number(message.dataset.msgNo) <= seenTo;
    const place = message.querySelector(".seen");
    if (place.textContent !== (seen ? "已读" : "")) place.textContent = seen ? "已读" : "";
  }
}

function follow() {
  const thread = document.getElementById("thread");
  if (thread && follows) thread.scrollTop = thread.scrollHeight;
}

document.addEventListener(
  "scroll",
  (event) => {
    const thread = event.target;
    if (thread.id === "thread") follows = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 120;
  },
  true,
);

let dressing = 0;
function changed() {
  // At once: a key that is pressed before the next frame belongs into the field that was just made anew.
  side.restore();
  if (dressing) return;
  dressing = requestAnimationFrame(() => {
    dressing = 0;
    dress();
    follow();
  });
}

// --- what the server asks for -----------------------------------------------------------------------------------

window.desk = {
  opened() {
    follows = true;
    requestAnimationFrame(follow);
  },
  seen(to) {
    seenTo = to;
    mark();
  },
  sent(key) {
    const done = [pending, lost].find((one) => one?.key === key);
    if (!done) return;
    const { conversation, text } = done;
    const area = box();
    if (area && area.form.dataset.conversation === conversation && area.value.trim() === text) {
      area.value = "";
      fit(area);
    }
    if ((drafts.get(conversation) || "").trim() === text) keep(conversation, "");
    quotes.delete(conversation);
    if (area) showQuote();
    if (done === lost) lost = null;
    else desk.unsent();
    follows = true;
    follow();
  },
  unsent() {
    pending = null;
    document.querySelector(".write")?.classList.remove("sending");
  },
  offer,
  show(name, html) {
    modal.show(name, html);
    dress();
  },
  shut: modal.shut,
  found(html) {
    const place = document.getElementById("found-products");
    if (place) place.innerHTML = html;
  },
  toast(text, wrong) {
    const toast = document.createElement("div");
    toast.className = wrong ? "toast wrong" : "toast";
    toast.role = wrong ? "alert" : "status";
    toast.textContent = text;
    modal.place().append(toast);
    setTimeout(() => toast.remove(), wrong ? 6000 : 2600);
  },
};

// After a restart of the server the page is built anew: the conversation that was open is opened again.
function reopen() {
  if (!window.socket?.connected) return void setTimeout(reopen, 100);
  // An address that names a conversation opens it once; after that the tab remembers what it has open.
  const named = new URLSearchParams(location.search).get("open");
  if (named) {
    sessionStorage.setItem("kefu.open", named);
    history.replaceState(null, "", location.pathname);
    show("talk");
  }
  const conversation = named || sessionStorage.getItem("kefu.open");
  if (conversation) tell({ do: "open", conversation });
}

function begin() {
  const place = root();
  if (!place) return void requestAnimationFrame(begin);
  new MutationObserver(changed).observe(place, { childList: true, subtree: true });
  changed();
  reopen();
  setInterval(tick, 1000);
  const offline = document.querySelector(".connection-lost");
  setInterval(() => {
    const away = window.socket ? !window.socket.connected : false;
    if (offline && offline.hidden === away) {
      offline.hidden = !away;
      if (away) {
        lost = pending ?? lost;
        desk.unsent();
      }
    }
  }, 500);
}
begin();
