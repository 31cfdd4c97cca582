// What the settings page does in the browser: forms become commands, faults stand beside their fields.
const root = () => document.getElementById("settings-page");
const form = () => document.getElementById("settings");
let dirty = false;
let edits = 0;
let savedEdits = 0;

function tell(detail) {
  root().dispatchEvent(new CustomEvent("desk", { detail }));
}

function fields(of) {
  return Object.fromEntries(new FormData(of));
}

function clock(iso) {
  const at = new Date(iso);
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

document.addEventListener("submit", (event) => {
  const target = event.target.closest("form[data-do]");
  if (!target) return;
  event.preventDefault();
  const told = { do: target.dataset.do, ...fields(target) };
  if (told.do === "save") savedEdits = edits;
  // The preview answers under what is filled in, saved or not.
  tell(told.do === "ask" ? { ...fields(form()), ...told } : told);
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("button[data-do]");
  if (target) tell({ ...target.dataset });
});

document.addEventListener("input", (event) => {
  if (event.target.form !== form()) return;
  edits += 1;
  mark(true);
  event.target.closest(".field, .day")?.classList.remove("wrong");
  if (event.target.name === "auto_reply") {
    const line = document.querySelector(".switch p");
    line.textContent = event.target.checked ? line.dataset.on : line.dataset.off;
  }
});

function mark(on) {
  dirty = on;
  const note = document.querySelector(".unsaved");
  if (note) note.hidden = !on;
}

window.addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});

window.page = {
  fault(field, text) {
    page.faultless();
    const place = document.querySelector(`[data-fault="${CSS.escape(field)}"]`);
    if (!place) return page.toast(text, true);
    place.textContent = text;
    place.hidden = false;
    const around = place.closest(".field, .day");
    around.classList.add("wrong");
    around.querySelector("input:not([type=checkbox]), textarea").focus();
  },
  faultless() {
    for (const place of document.querySelectorAll(".fault")) place.hidden = true;
    for (const around of document.querySelectorAll(".wrong:not(.toast)")) around.classList.remove("wrong");
  },
  // What was changed while the answer was on its way is not saved.
  saved: () => mark(edits !== savedEdits),
  changed: () => mark(true),
  toast(text, wrong) {
    const toast = document.createElement("div");
    toast.className = wrong ? "toast wrong" : "toast";
    toast.role = wrong ? "alert" : "status";
    toast.textContent = text;
    document.body.append(toast);
    setTimeout(() => toast.remove(), wrong ? 6000 : 2600);
  },
};

function dress() {
  for (const place of document.querySelectorAll("time[data-at]:empty")) {
    if (place.dataset.at) place.textContent = clock(place.dataset.at);
  }
}

function begin() {
  const place = root();
  if (!place) return void requestAnimationFrame(begin);
  new MutationObserver(dress).observe(place, { childList: true, subtree: true });
  dress();
}
begin();
