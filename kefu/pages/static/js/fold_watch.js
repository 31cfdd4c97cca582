/**
 * Keeps true what the list folds away. The server says it with each summary (`own.folded`) and sends no word when it
 * changes: somebody begins to write too fast, stops, or an offer is followed by an answer. So it is asked again, seldom.
 */
import { toastError } from "./notices.js";

/** So many messages of the other side are heard before the server is asked whether that is too fast. */
const ASK_EVERY = 5;
const ASK_SOON_MS = 500;
/** What is folded may unfold in silence. */
const ASK_AGAIN_MS = 60_000;

export class FoldWatch {
  /** @param {import("/client/kefu.js").KefuClient} client */
  constructor(client) {
    this._client = client;
    /** @type {Map<string, number>} */
    this._heard = new Map();
    /** @type {Map<string, number>} */
    this._timers = new Map();
  }

  /** A message has come. @param {{conversationId: string, message: import("/client/frames.js").Message}} arrival */
  arrived({ conversationId: id, message }) {
    const state = this._client.conversation(id);
    if (state === null || state.kind === "group" || message.sender_id === state.selfId) return;
    const heard = (this._heard.get(id) ?? 0) + 1;
    this._heard.set(id, heard);
    if (state.own.folded || heard % ASK_EVERY === 0) this._askIn(id, ASK_SOON_MS);
  }

  /** A conversation is not what it was. @param {string} id */
  changed(id) {
    if (foldedForHaste(this._client.conversation(id))) this._askIn(id, ASK_AGAIN_MS);
  }

  /** @param {string} id @param {number} ms */
  _askIn(id, ms) {
    if (this._timers.has(id) && ms === ASK_AGAIN_MS) return;
    clearTimeout(this._timers.get(id));
    this._timers.set(id, window.setTimeout(() => {
      this._timers.delete(id);
      this._client.refreshConversation(id).catch(toastError);
    }, ms));
  }
}

/**
 * Whether the list folds a conversation because its other side writes too fast.
 * @param {import("/client/conversation_state.js").ConversationState | null} state
 */
export function foldedForHaste(state) {
  return state !== null && state.own.folded && /** @type {any} */ (state.lastMessage)?.class !== "marketing";
}
