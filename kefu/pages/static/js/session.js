/**
 * Who this tab is. The address names the person of the demo, never the token: that stays in the tab's sessionStorage,
 * or in localStorage for whoever has logged in with his name and wants to stay so.
 *
 * @typedef {{id: string, name: string, about: string}} Person
 * @typedef {{person: string, token: string, account: import("/client/frames.js").Account}} Session
 */
import { KefuError, KefuHttp } from "/client/kefu.js";
import { lang } from "./texts.js";

const KEPT_AS = "kefu.session";
const http = new KefuHttp({ baseUrl: location.origin, lang });

/** @returns {Promise<Person[]>} */
export async function demoPeople() {
  return (await http.request("GET", "/demo/people")).people;
}

/** @param {string} person the address of his chat page */
export function chatAddress(person) {
  return `/chat?person=${encodeURIComponent(person)}`;
}

/**
 * The session of this tab; signs the person of the address in if need be.
 * @returns {Promise<Session | null>} null when the address names nobody
 */
export async function enter() {
  const kept = readKept(sessionStorage) ?? readKept(localStorage);
  const person = new URLSearchParams(location.search).get("person");
  // A window that was opened by another one inherits its sessionStorage: only the person of the address counts.
  if (kept !== null && (person === null || kept.person === person)) return kept;
  if (person === null) return null;
  const { token, account } = await http.request("POST", `/demo/people/${encodeURIComponent(person)}/login`, { query: { device: deviceName() } });
  const session = { person, token, account };
  keepSession(session, false);
  return session;
}

/** @param {Session} session @param {boolean} lasting in this browser until one logs out, not only in this tab */
export function keepSession(session, lasting) {
  (lasting ? localStorage : sessionStorage).setItem(KEPT_AS, JSON.stringify(session));
}

/** This browser in words, for the list of devices. @param {string} [agent] */
export function deviceName(agent = navigator.userAgent) {
  const [, browser] = [["Edg/", "Edge"], ["MicroMessenger", "微信"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"], ["", "Web"]].find(([sign]) => agent.includes(sign)) ?? [];
  const [, system] = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS X", "macOS"], ["Linux", "Linux"], ["", ""]].find(([sign]) => agent.includes(sign)) ?? [];
  return [browser, system].filter(Boolean).join(" · ");
}

/** Forget the token. */
export function forget() {
  for (const storage of [sessionStorage, localStorage]) storage.removeItem(KEPT_AS);
}

/** @param {Storage} storage @returns {Session | null} */
function readKept(storage) {
  try {
    const kept = JSON.parse(storage.getItem(KEPT_AS) ?? "null");
    return typeof kept?.token === "string" && typeof kept.person === "string" ? kept : null;
  } catch {
    return null; // not ours, or broken: sign in again
  }
}

/** @param {unknown} error */
export function isGone(error) {
  return error instanceof KefuError && error.status === 404;
}
