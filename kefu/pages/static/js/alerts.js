/**
 * How a message that has come makes itself heard: a sound, a title that flashes, a notification of the desktop.
 *
 * What may be heard at all the server has said (`alert`: do-not-disturb, haste, special follows, offers); what is muted this
 * page keeps silent itself. How it is heard is a choice of this browser.
 */
import { at as said } from "./act_texts.js";
import { oneLine, titleOf } from "./describe.js";
import { own } from "./own_texts.js";
import { banner } from "./notices.js";

/** @typedef {{sound: boolean, flash: boolean, desktop: boolean}} Choice */
/** @type {Choice} */
const USUAL = { sound: true, flash: true, desktop: false };
/** What was missed comes in a burst: it is heard once. */
const APART_MS = 1_500;
const FLASH_MS = 1_000;

/** @param {string} accountId */
const keyOf = (accountId) => `kefu.alerts.${accountId}`;

/** How messages are heard in this browser. @param {string} accountId @returns {Choice} */
export function alertChoice(accountId) {
  try {
    return { ...USUAL, ...JSON.parse(localStorage.getItem(keyOf(accountId)) ?? "{}") };
  } catch {
    return USUAL;
  }
}

/** @param {string} accountId @param {Choice} choice */
export function setAlertChoice(accountId, choice) {
  localStorage.setItem(keyOf(accountId), JSON.stringify(choice));
}

/** Two short tones, made here: a page that plays no file needs none. Browsers allow it once something was pressed. */
export function playSound() {
  if (!navigator.userActivation.hasBeenActive) return;
  const context = new AudioContext();
  const gain = context.createGain();
  gain.connect(context.destination);
  gain.gain.setValueAtTime(0.12, context.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.35);
  for (const [index, hertz] of [784, 1046].entries()) {
    const tone = context.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(gain);
    tone.start(context.currentTime + index * 0.1);
    tone.stop(context.currentTime + 0.25 + index * 0.1);
    if (index === 1) tone.onended = () => void context.close();
  }
}

export class Alerts {
  /**
   * @param {object} options
   * @param {import("/client/kefu.js").KefuClient} options.client
   * @param {string} options.accountId
   * @param {(conversationId: string) => boolean} options.watched somebody looks at it right now
   * @param {(conversationId: string) => void} options.onChoose
   */
  constructor({ client, accountId, watched, onChoose }) {
    this._client = client;
    this._accountId = accountId;
    this._watched = watched;
    this._onChoose = onChoose;
    this._heardAt = -APART_MS;
    this._flashing = 0;
    /** The title as the list has it. */
    this._plain = document.title;
    window.addEventListener("focus", () => this._calm());
    document.addEventListener("visibilitychange", () => isLookedAt() && this._calm());
  }

  /** The title as it is when nothing flashes. @param {string} title */
  title(title) {
    this._plain = title;
    if (this._flashing === 0 && document.title !== title) document.title = title;
  }

  /** A message has come. @param {{conversationId: string, message: import("/client/frames.js").Message, alert: string | null}} arrival */
  arrived({ conversationId, message, alert }) {
    const state = this._client.conversation(conversationId);
    if (state === null || (alert !== "ring" && alert !== "banner") || this._watched(conversationId)) return;
    if (alert === "banner") banner(oneLine(message.kind, message.body), () => this._onChoose(conversationId));
    if (state.own.muted) return;
    const now = performance.now();
    if (now - this._heardAt < APART_MS) return;
    this._heardAt = now;
    const choice = alertChoice(this._accountId);
    if (choice.sound) playSound();
    if (isLookedAt()) return;
    if (choice.flash) this._flash(said("flash", { name: titleOf(state) }));
    if (choice.desktop) this._notify(state, message);
  }

  /** @param {string} title */
  _flash(title) {
    clearInterval(this._flashing);
    const turn = () => (document.title = document.title === title ? this._plain : title);
    turn();
    this._flashing = window.setInterval(turn, FLASH_MS);
  }

  _calm() {
    clearInterval(this._flashing);
    this._flashing = 0;
    document.title = this._plain;
  }

  /** @param {import("/client/conversation_state.js").ConversationState} state @param {import("/client/frames.js").Message} message */
  _notify(state, { kind, body }) {
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const shown = new Notification(titleOf(state), { body: oneLine(kind, body), tag: state.id, icon: "/static/icon.svg", silent: true });
    shown.onclick = () => {
      window.focus();
      this._onChoose(state.id);
      shown.close();
    };
  }
}

function isLookedAt() {
  return document.visibilityState === "visible" && document.hasFocus();
}

/**
 * Ask the browser for leave to show notifications.
 * @returns {Promise<string | null>} why not, in the reader's words; null: it may
 */
export async function askForNotifications() {
  if (!("Notification" in window)) return own("alerts.cannot");
  return (await Notification.requestPermission()) === "granted" ? null : own("alerts.refused");
}
