/** Where one is logged in. */
import { confirmed } from "./dialogs.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { toast } from "./notices.js";
import { accountSections } from "./own_account.js";
import { pill, section } from "./own_parts.js";
import { own } from "./own_texts.js";
import { clockTime, dayName } from "./time.js";

/** @typedef {import("./own_panel.js").Around} Around */
const SHOWN = 20;

/** @param {Around} around @returns {Promise<Node[]>} */
export async function devicesTab(around) {
  const { people, act } = around;
  const devices = (await people.devices()).sort((one, other) => Number(other.current) - Number(one.current) || other.last_seen_at.localeCompare(one.last_seen_at));
  const others = devices.filter(({ current }) => !current);
  const endAll = async () => {
    if (!(await confirmed(own("devices.end.sure")))) return;
    await act(people.endOtherDevices().then(({ ended }) => toast(own("devices.ended", { n: ended }), "info")));
  };
  const list = h("ul", { class: "own-card own-rows", "data-list": "devices" }, ...devices.slice(0, SHOWN).map((device) => deviceRow(around, device)));
  const rest = devices.slice(SHOWN);
  const more = rest.length === 0 ? null : pill("more", own("more"), () => {
    list.append(...rest.map((device) => deviceRow(around, device)));
    more.remove();
  });
  return [
    ...(await accountSections(around)),
    section(own("devices"), own("devices.more"), list, more),
    ...(others.length > 0 ? [h("button", { type: "button", class: "button danger", id: "own-end-others", on: { click: () => void endAll() } }, own("devices.end"))] : []),
  ];
}

/** @param {Around} around @param {import("/client/people.js").Device} device */
function deviceRow({ people, act }, { id, name, enterprise_id: enterpriseId, created_at: createdAt, last_seen_at: seenAt, current, online }) {
  const called = name || own("device");
  const time = (/** @type {string} */ at) => `${dayName(at)} ${clockTime(at)}`;
  const end = async () => {
    if (await confirmed(own("device.end.sure", { name: called }))) await act(people.endDevice(id));
  };
  const about = [online ? own("device.online") : own("device.seen", { at: time(seenAt) }), own("device.since", { at: time(createdAt) }), enterpriseId && own("device.staff")].filter(Boolean).join(" · ");
  return h("li", { class: "own-row" }, h("span", { class: `own-mark${online ? " is-on" : ""}` }, icon("device")),
    h("span", { class: "person-text" }, h("span", { class: "title" }, called), h("span", { class: "about" }, about)),
    current ? h("span", { class: "own-tag" }, own("device.current")) : pill(`end:${id}`, own("device.end"), () => void end(), { label: own("device.end.who", { name: called }) }));
}
