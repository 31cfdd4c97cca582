// The desk's dialogs: the server says what stands in one, the browser alone knows whether it is open. So an answer that
// comes after Escape opens nothing, and one that comes while its dialog is open changes what stands in it.
const OPENERS = new Set(["phrases", "products", "coupons", "offer", "orders", "program", "transfer", "close"]);
let awaited = null;

const shown = () => document.querySelector("dialog.modal");

export const place = () => shown() ?? document.body;

export function asked(name) {
  if (OPENERS.has(name)) awaited = name;
}

export function shut() {
  awaited = null;
  shown()?.close();
}

export function show(name, html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const fresh = holder.content.firstElementChild;
  const open = shown();
  if (open?.dataset.name === name) return refill(open, fresh);
  if (awaited !== name) return;
  awaited = null;
  open?.close();
  fresh.dataset.name = name;
  fresh.addEventListener("close", () => fresh.remove());
  fresh.addEventListener("click", (event) => {
    if (event.target === fresh) fresh.close();
  });
  document.body.append(fresh);
  fresh.showModal();
}

// What is half written in the dialog stays, and so does the place where one writes.
function refill(open, fresh) {
  const at = document.activeElement?.getAttribute("name");
  for (const field of open.querySelectorAll("input[name], textarea[name]")) {
    const next = fresh.querySelector(`[name="${CSS.escape(field.name)}"]`);
    if (!next) continue;
    next.value = field.value;
    next.checked = field.checked;
  }
  open.replaceChildren(...fresh.childNodes);
  if (at) open.querySelector(`[name="${CSS.escape(at)}"]`)?.focus();
}

document.addEventListener("keydown", (event) => {
  // With a dialog open the browser closes it; before it is there, nothing shall open any more.
  if (event.key === "Escape") awaited = null;
});
