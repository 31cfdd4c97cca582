/**
 * The client of the Kefu messenger for browsers: ES modules without a build step and without dependencies.
 * This file is the door; what it does not name is internal. The contract is `messaging_core/protocol.md`.
 */
export { KefuAccount } from "./account.js";
export { KefuClient } from "./client.js";
export {
  alertOf, applyCursor, applyEvent, applyOwn, fromSummary, hasOlder, isArchived, isChange, isGap, mergeSummary, prependHistory, unreadOf,
} from "./conversation_state.js";
export { KefuError } from "./errors.js";
export { unfold } from "./folding.js";
export { checkServerFrame, clientFrame, readServerFrame } from "./frames.js";
export { KefuHttp } from "./http.js";
export { randomId } from "./ids.js";
export { KefuMedia } from "./media.js";
export { KefuPeople } from "./people.js";
export { KefuWallet } from "./wallet.js";
