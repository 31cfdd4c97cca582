/**
 * What a list folds away, as the messages say: offers, and whoever writes too fast. Pure functions, like
 * conversation_state.js.
 *
 * Who writes on too fast is folded for longer, never for shorter: the later of two times is true, whoever told it first.
 *
 * @typedef {import("./frames.js").OwnView} OwnView
 * @typedef {import("./conversation_state.js").ConversationState} ConversationState
 */

/** Roles to whom a shop may offer something; its own people see what they send. */
const OFFERED_TO = ["customer", "member"];

/**
 * The newer of two views, folded until the later of both times.
 * @param {OwnView} held
 * @param {OwnView} [told]
 * @returns {OwnView}
 */
export function newer(held, told) {
  if (told === undefined) return held;
  return { ...(told.version >= held.version ? told : held), folded_until: later(held.folded_until, told.folded_until ?? null) };
}

/**
 * A view after a message of somebody else.
 * @param {OwnView} own
 * @param {import("./frames.js").Message} message
 * @returns {OwnView}
 */
export function hastened(own, { at, folded_ms: foldedMs }) {
  if (!foldedMs) return own;
  return { ...own, folded_until: later(own.folded_until, new Date(Date.parse(at) + foldedMs).toISOString()) };
}

/**
 * Have `own` say whether the conversation lies in the folded box.
 * @param {ConversationState} state
 * @returns {ConversationState} frozen
 */
export function folding(state) {
  const { own, role, enterpriseId, lastMessage } = state;
  // A customer is alone on his side: what he wrote too fast as a visitor is his own.
  const until = role === "customer" ? null : own.folded_until;
  const offers = lastMessage?.class === "marketing" && enterpriseId !== null && OFFERED_TO.includes(role);
  const folded = offers || until !== null;
  const same = own.folded === folded && own.folded_until === until;
  return Object.freeze(same ? state : { ...state, own: Object.freeze({ ...own, folded, folded_until: until }) });
}

/**
 * What was folded because the other side wrote too fast lies open again once its time has come.
 * @param {ConversationState} state
 * @param {number} now milliseconds, by the server's clock
 * @returns {ConversationState}
 */
export function unfold(state, now) {
  const until = state.own.folded_until;
  return until === null || now < Date.parse(until) ? state : folding({ ...state, own: { ...state.own, folded_until: null } });
}

/** @param {string | null} one @param {string | null} other @returns {string | null} in one form, whoever has told it */
function later(one, other) {
  const known = [one, other].flatMap((at) => (at === null ? [] : [Date.parse(at)]));
  return known.length === 0 ? null : new Date(Math.max(...known)).toISOString();
}
