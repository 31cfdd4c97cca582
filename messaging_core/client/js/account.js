/**
 * One's own account: signing up, logging in and out, name, log-in name and password.
 *
 * @typedef {import("./http.js").KefuHttp} KefuHttp
 * @typedef {{token: string, account: import("./frames.js").Account, device_id: string}} LoggedIn
 */
export class KefuAccount {
  /** @param {KefuHttp} http without a token before one is logged in */
  constructor(http) {
    this._http = http;
  }

  /** @param {{login: string, password: string, name: string, device: string}} who @returns {Promise<LoggedIn>} */
  signUp(who) {
    return this._http.request("POST", "/v1/sign-up", { body: who });
  }

  /** @param {{login: string, password: string, device: string}} who @returns {Promise<LoggedIn>} */
  logIn(who) {
    return this._http.request("POST", "/v1/log-in", { body: who });
  }

  /** End the token that asks. */
  logOut() {
    return this._http.request("POST", "/v1/log-out");
  }

  /** @returns {Promise<{account: import("./frames.js").Account, login: string | null}>} */
  me() {
    return this._http.request("GET", "/v1/me");
  }

  /** @param {{name?: string, time_zone?: string}} change */
  change(change) {
    return this._http.request("PATCH", "/v1/me", { body: change });
  }

  /** A log-in name for an account that has none. @param {string} login @param {string} password */
  setLogin(login, password) {
    return this._http.request("PUT", "/v1/me/login", { body: { login, password } });
  }

  /** Every other device is logged out. @param {string} password the present one @param {string} next */
  changePassword(password, next) {
    return this._http.request("PUT", "/v1/me/password", { body: { password, new_password: next } });
  }
}
