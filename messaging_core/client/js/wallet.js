/**
 * Red packets and one's wallet; all money in fen.
 *
 * @typedef {import("./http.js").KefuHttp} KefuHttp
 * @typedef {{id: string, conversation_id: string, sender_id: string, split: "equal" | "random", note: string,
 *            total_fen: number, shares: number, remaining_shares: number, state: "open" | "emptied" | "refunded",
 *            created_at: string, expires_at: string, mine_fen: number | null,
 *            opened: {account_id: string, name: string, amount_fen: number | null, at: string}[]}} Packet
 * @typedef {{balance_fen: number, next_cursor: string | null,
 *            items: {id: string, amount_fen: number, kind: string, packet_id: string | null, at: string}[]}} Wallet
 */
export class KefuWallet {
  /** @param {KefuHttp} http */
  constructor(http) {
    this._http = http;
  }

  /** @param {{limit?: number, cursor?: string | null}} [page] @returns {Promise<Wallet>} the balance, and what has moved, newest first */
  wallet({ limit, cursor } = {}) {
    return this._http.request("GET", "/v1/wallet", { query: { limit, cursor } });
  }

  /** @returns {Promise<any[]>} one's coupons, newest first; `id` is the number by which one is redeemed */
  async coupons() {
    return (await this._http.request("GET", "/v1/coupons", { query: { limit: 50 } })).items;
  }

  /**
   * Send a red packet; the same `client_msg_id` pays once.
   * @param {string} conversationId
   * @param {{client_msg_id: string, total_fen: number, shares: number, split: "equal" | "random", note: string}} what
   * @returns {Promise<{packet: Packet, message_id: string, seq: number, duplicate: boolean}>}
   */
  sendPacket(conversationId, what) {
    return this._http.request("POST", `/v1/conversations/${conversationId}/red-packets`, { body: what });
  }

  /** @param {string} packetId @returns {Promise<Packet>} with who has opened it */
  async packet(packetId) {
    return (await this._http.request("GET", `/v1/red-packets/${packetId}`)).packet;
  }

  /** Take one's share; opened again it shows the same share. @param {string} packetId @returns {Promise<Packet>} */
  async openPacket(packetId) {
    return (await this._http.request("POST", `/v1/red-packets/${packetId}/open`)).packet;
  }
}
