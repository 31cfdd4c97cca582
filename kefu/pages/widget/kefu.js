/**
 * The customer's widget. One tag on any page of a site whose origin the site key names:
 *
 *     <script type="module" src="https://chat.example/widget/kefu.js" data-site-key="kf_e_..." data-lang="zh"></script>
 *
 * Attributes, all but the key optional: `data-lang` zh | en · `data-theme` light | dark (else as the device) ·
 * `data-greeting` · `data-questions` first questions, separated by | · `data-token` of a signed-in customer ·
 * `data-open` to start open. Colours: the CSS property `--kefu-accent`.
 *
 * From the page: `Kefu.open()`, `Kefu.close()`, `Kefu.signIn(token)`, `Kefu.signOut()`, `Kefu.unread`, and the event
 * `kefu:unread` on `window`. This file and what it imports is all that a page loads until somebody opens the widget.
 */
import { KefuWidget } from "./widget.js";

const TAG = "kefu-widget";

/** @param {DOMStringMap} data of the script tag */
function readOptions({ siteKey = "", lang, theme, greeting, questions = "", token, open }) {
  const page = document.documentElement.lang.toLowerCase();
  return {
    baseUrl: new URL(import.meta.url).origin,
    siteKey,
    lang: /** @type {"zh" | "en"} */ ((lang ?? page).startsWith("en") ? "en" : "zh"),
    theme: theme === "light" || theme === "dark" ? theme : null,
    greeting: greeting ?? null,
    questions: questions.split("|").map((each) => each.trim()).filter(Boolean),
    token: token || null,
    open: open !== undefined,
  };
}

function start() {
  const script = [...document.scripts].find(({ src }) => src === import.meta.url);
  if (script === undefined || !script.dataset.siteKey) {
    console.error("Kefu: the script tag needs data-site-key / 请在 script 标签上写 data-site-key");
    return;
  }
  customElements.define(TAG, KefuWidget);
  const widget = /** @type {KefuWidget} */ (document.createElement(TAG));
  widget.setUp(readOptions(script.dataset));
  Object.defineProperty(window, "Kefu", {
    value: Object.freeze({
      open: () => widget.open(),
      close: () => widget.close(),
      signIn: (/** @type {string} */ token) => widget.signIn(token),
      signOut: () => widget.signIn(null),
      get unread() { return widget.unread; },
    }),
  });
  document.body.append(widget);
}

// An async tag may come before the body is there; a second tag of the same address runs no second time.
if (document.body) start();
else document.addEventListener("DOMContentLoaded", start, { once: true });
