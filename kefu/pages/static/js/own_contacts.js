/** Whom one follows and who follows one, contact groups, and finding somebody. */
import { h } from "./dom.js";
import { confirmed } from "./dialogs.js";
import { icon } from "./icons.js";
import { isGone } from "./session.js";
import { toast, toastError } from "./notices.js";
import { check, nothing, personRow, pill, section } from "./own_parts.js";
import { own } from "./own_texts.js";

/** @typedef {import("./own_panel.js").Around} Around */
/** @typedef {import("/client/people.js").Listed} Listed */
/** @typedef {{group: import("/client/people.js").ContactGroup, members: import("/client/people.js").Contact[]}} Filled */

/** @param {Around} around @returns {Promise<Node[]>} */
export async function contactsTab(around) {
  const { people } = around;
  const [following, followers, bare, known] = await Promise.all([people.listed("follows"), people.listed("followers"), people.groups(), around.known()]);
  const groups = await Promise.all(bare.map(({ id }) => people.group(id)));
  const met = new Set([...following, ...followers].map(({ account }) => account.id));
  const strangers = known.filter(({ id }) => !met.has(id));
  return [
    finder(around),
    followingSection(around, following, groups),
    section(own("followers"), null, rows("followers", followers.map((each) => followerRow(around, each))) ?? nothing(own("followers.none"))),
    strangers.length === 0 ? null : section(own("known"), null, rows("known", strangers.map(({ id, name }) => personRow(name, "", pill(`follow:${id}`, own("follow"), () => void around.act(people.follow(id)), { tone: "strong" }))))),
    groupsSection(around, groups),
  ].filter((part) => part !== null);
}

/** @param {string} name @param {Node[]} items */
const rows = (name, items) => (items.length === 0 ? null : h("ul", { class: "own-card own-rows", "data-list": name }, ...items));

/** @param {Around} around */
function finder({ people, act }) {
  const input = h("input", { type: "text", name: "login", minlength: 3, maxlength: 64, required: true, autocomplete: "off", autocapitalize: "off", placeholder: own("find"), "aria-label": own("find") });
  const found = h("ul", { class: "own-card own-rows", hidden: true });
  const form = h("form", { class: "own-form" }, input, h("button", { type: "submit", class: "own-pill strong" }, own("find.go")));
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      const { id, name } = await people.lookUp(input.value.trim());
      found.replaceChildren(personRow(name, "", pill(`found:${id}`, own("follow"), () => void act(people.follow(id)), { tone: "strong" })));
      found.hidden = false;
    } catch (error) {
      found.hidden = true;
      if (isGone(error)) toast(own("find.none"), "info");
      else toastError(error);
    }
  });
  return h("div", { class: "own-section" }, form, found);
}

/** @param {Around} around @param {Listed[]} items @param {Filled[]} groups */
function followingSection(around, items, groups) {
  const shown = items.map((each) => followingRow(around, each, groups));
  return section(own("following"), items.length > 0 ? own("special.more") : null, rows("follows", shown.flat()) ?? nothing(own("following.none")));
}

/** @param {Around} around @param {Listed} listed @param {Filled[]} groups */
function followingRow({ people, act }, { account: { id, name }, special = false, mutual }, groups) {
  const inside = groups.filter(({ members }) => members.some((member) => member.id === id));
  const about = [special && own("special"), mutual && own("mutual"), ...inside.map(({ group }) => group.name)].filter(Boolean).join(" · ");
  const sorting = h("div", { class: "own-sorting", "data-fold": `sort:${id}`, hidden: true }, ...(groups.length === 0 ? [nothing(own("groups.none"))] : groups.map(({ group, members }) => (
    check(`in:${group.id}:${id}`, group.name, members.some((member) => member.id === id), (on) => void act(people.sort(group.id, id, on)))))));
  const star = h("button", {
    type: "button", class: "icon-button quiet own-star", "data-key": `star:${id}`, "aria-pressed": String(special), "aria-label": own("special.on", { name }), title: own("special"),
    on: { click: () => void act(people.follow(id, !special)) },
  }, icon("star"));
  const sort = h("button", { type: "button", class: "icon-button quiet", "data-key": `sort:${id}`, "aria-label": own("sort", { name }), title: own("groups"), "aria-expanded": "false", on: { click: () => {
    sorting.hidden = !sorting.hidden;
    sort.setAttribute("aria-expanded", String(!sorting.hidden));
  } } }, icon("people"));
  const leave = async () => {
    if (await confirmed(own("unfollow.sure", { name }))) await act(people.unfollow(id));
  };
  const row = personRow(name, about, star, sort, pill(`unfollow:${id}`, own("unfollow"), () => void leave()));
  row.append(sorting);
  return row;
}

/** @param {Around} around @param {Listed} listed */
function followerRow({ people, act }, { account: { id, name }, mutual }) {
  return personRow(name, mutual ? own("mutual") : "", mutual ? null : pill(`back:${id}`, own("follow.back"), () => void act(people.follow(id)), { tone: "strong" }));
}

/** @param {Around} around @param {Filled[]} groups */
function groupsSection({ people, act }, groups) {
  const input = h("input", { type: "text", name: "group", maxlength: 60, required: true, autocomplete: "off", placeholder: own("group.new"), "aria-label": own("group.new") });
  const form = h("form", { class: "own-form" }, input, h("button", { type: "submit", class: "own-pill strong" }, own("group.make")));
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    void act(people.addGroup(input.value.trim()));
  });
  const shown = groups.map(({ group, members }) => groupRow({ people, act }, group, members));
  return section(own("groups"), null, rows("groups", shown) ?? nothing(own("groups.none")), form);
}

/** @param {Pick<Around, "people" | "act">} around @param {Filled["group"]} group @param {Filled["members"]} members */
function groupRow({ people, act }, { id, name }, members) {
  const input = h("input", { type: "text", value: name, maxlength: 60, required: true, autocomplete: "off", "aria-label": own("group.name") });
  const form = h("form", { class: "own-form own-sorting", "data-fold": `rename:${id}`, hidden: true }, input, h("button", { type: "submit", class: "own-pill strong" }, own("save")));
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    form.hidden = true;
    void act(people.renameGroup(id, input.value.trim()));
  });
  const begin = () => {
    form.hidden = !form.hidden;
    if (!form.hidden) input.select();
  };
  const remove = async () => {
    if (await confirmed(own("group.remove.sure", { name }))) await act(people.removeGroup(id));
  };
  const names = members.map((member) => member.name).join("、");
  return h("li", { class: "own-row" }, h("span", { class: "person-text" }, h("span", { class: "title" }, name), h("span", { class: "about" }, [own("group.people", { n: members.length }), names].filter(Boolean).join(" · "))),
    pill(`rename:${id}`, own("group.rename"), begin), h("button", { type: "button", class: "icon-button quiet", "aria-label": `${own("group.remove")} ${name}`, title: own("group.remove"), on: { click: () => void remove() } }, icon("close")), form);
}
