// The panel beside the thread is drawn anew with each step of a session: what is half written there stays, and so does
// which orders are unfolded.
const FIELDS = "form.note textarea, form[data-do=label] input";
const written = new Map();
const unfolded = new Set();
let writingIn = null;

const conversation = () => sessionStorage.getItem("kefu.open");
const keyOf = (field) => `${conversation()} ${field.form.dataset.do} ${field.form.dataset.subject ?? ""}`;
const orderOf = (details) => details.querySelector("summary b").textContent;

document.addEventListener("input", (event) => {
  if (event.target.matches(FIELDS)) written.set(keyOf(event.target), event.target.value);
});

document.addEventListener("reset", (event) => {
  for (const field of event.target.querySelectorAll(FIELDS)) written.delete(keyOf(field));
});

document.addEventListener("focusin", (event) => {
  writingIn = event.target.matches(FIELDS) ? keyOf(event.target) : null;
});

document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.("details.order") || !event.target.isConnected) return;
    if (event.target.open) unfolded.add(orderOf(event.target));
    else unfolded.delete(orderOf(event.target));
  },
  true,
);

export function restore() {
  for (const field of document.querySelectorAll(FIELDS)) {
    if (field.form.dataset.ready) continue;
    field.form.dataset.ready = "1";
    const key = keyOf(field);
    field.value = written.get(key) ?? "";
    if (key === writingIn && document.activeElement === document.body) field.focus();
  }
  for (const order of document.querySelectorAll("details.order:not([data-ready])")) {
    order.dataset.ready = "1";
    order.open ||= unfolded.has(orderOf(order));
  }
}
