/** Who may message one, and the two lists that go before that. */
import { h } from "./dom.js";
import { check, nothing, personRow, picker, pill, section } from "./own_parts.js";
import { own } from "./own_texts.js";

/** @typedef {import("./own_panel.js").Around} Around */
const WHO = /** @type {const} */ (["everyone", "followers", "mutual", "groups"]);

/** @param {Around} around @returns {Promise<Node[]>} */
export async function privacyTab(around) {
  const { people } = around;
  const [privacy, groups, black, white, known] = await Promise.all([
    people.privacy(), people.groups(), people.listed("blacklist"), people.listed("whitelist"), around.known(),
  ]);
  return [whoSection(around, privacy, groups), listSection(around, "blacklist", black, known), listSection(around, "whitelist", white, known)];
}

/**
 * @param {Around} around
 * @param {import("/client/people.js").Privacy} privacy
 * @param {import("/client/people.js").ContactGroup[]} groups
 */
function whoSection({ people, act }, privacy, groups) {
  // All of it is sent: what was changed a moment ago must be in it, though its answer is on its way.
  const save = (/** @type {Partial<import("/client/people.js").Privacy>} */ change) => void act(people.setPrivacy(Object.assign(privacy, change)));
  const choices = WHO.map((who) => {
    const input = h("input", { type: "radio", name: "own-who", value: who, checked: privacy.who === who, "data-key": `who:${who}` });
    input.addEventListener("change", () => save({ who }));
    return h("label", { class: "own-check" }, input, h("span", null, own(`who.${who}`)));
  });
  const chosen = new Set(privacy.group_ids);
  const allowed = groups.map(({ id, name }) => check(`may:${id}`, name, chosen.has(id), (on) => {
    if (on) chosen.add(id);
    else chosen.delete(id);
    save({ group_ids: [...chosen] });
  }));
  const which = groups.length > 0 ? h("div", { class: "own-inner" }, ...allowed) : nothing(own("who.groups.none"));
  return section(own("who"), own("who.more"), h("div", { class: "own-card", role: "radiogroup", "aria-label": own("who") }, ...choices, privacy.who === "groups" ? which : null),
    h("div", { class: "own-card" }, check("findable", own("findable"), privacy.findable, (findable) => save({ findable }))));
}

/**
 * @param {Around} around
 * @param {"blacklist" | "whitelist"} name
 * @param {import("/client/people.js").Listed[]} items
 * @param {{id: string, name: string}[]} known
 */
function listSection({ people, act }, name, items, known) {
  const listed = new Set(items.map(({ account }) => account.id));
  const rows = items.map(({ account }) => personRow(account.name, "", pill(`${name}:${account.id}`, own("remove"), () => void act(people.list(name, account.id, false)), { label: own("remove.who", { name: account.name }) })));
  return section(own(name), own(`${name}.more`), rows.length > 0 ? h("ul", { class: "own-card own-rows", "data-list": name }, ...rows) : null,
    picker(known.filter(({ id }) => !listed.has(id)), `${own("add")}：${own(name)}`, (id) => void act(people.list(name, id, true))));
}
