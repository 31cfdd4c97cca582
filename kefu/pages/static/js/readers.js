/** Who has read a message of a group, and who has not yet. */
import { at } from "./act_texts.js";
import { dialogBox } from "./dialog_box.js";
import { h } from "./dom.js";
import { toastError } from "./notices.js";
import { personRow } from "./own_parts.js";

/** @param {import("/client/kefu.js").KefuClient} client @param {string} id @param {{seq: number, sender_id: string}} message */
export async function openReaders(client, id, { seq, sender_id: senderId }) {
  try {
    const [read, members] = await Promise.all([allReaders(client.http, id, seq), client.loadMembers(id)]);
    const known = new Set(read.map(({ account_id: accountId }) => accountId));
    const rest = members.filter((each) => each.account_id !== senderId && !known.has(each.account_id)).map((each) => ({ name: each.nickname || each.name }));
    dialogBox("readers", at("readers"), people("readers.read", read), people("readers.unread", rest));
  } catch (error) {
    toastError(error);
  }
}

/** @param {import("/client/kefu.js").KefuHttp} http @param {string} id @param {number} seq */
async function allReaders(http, id, seq) {
  const found = [];
  let cursor = null;
  do {
    const page = await http.readers(id, seq, { cursor });
    found.push(...page.items);
    cursor = page.next_cursor ?? null;
  } while (cursor !== null);
  return found;
}

/** @param {string} key @param {{name: string}[]} found */
function people(key, found) {
  return h("section", null, h("h3", null, at(key, { n: found.length })), found.length > 0 ? h("ul", { class: "own-card own-rows", "data-list": key }, ...found.map(({ name }) => personRow(name, ""))) : null);
}
