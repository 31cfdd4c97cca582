/** A fresh random id of 22 characters (132 bits): for `client_msg_id` and `Idempotency-Key`. */
export function randomId() {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  // Not crypto.randomUUID: it exists only on https and localhost, and a first try often runs in a local network.
  return Array.from(crypto.getRandomValues(new Uint8Array(22)), (byte) => alphabet[byte & 63]).join("");
}
