/** Colours of both schemes, and the launcher. Constructed sheets: no style tag, so a strict policy of the page is fine. */

const LIGHT = `
  --surface: #ffffff; --bg: #f3f6f4; --hover: #eef3f0; --ink: #15201c; --soft: #4d5b55; --faint: #5f6c66; --line: #e2e8e4;
  --accent-now: var(--kefu-accent, #0b7a5b); --on-accent: #ffffff; --own-ink: #ffffff; --tint: color-mix(in srgb, var(--accent-now) 10%, #ffffff);
  --link: var(--accent-now); --other: #ffffff; --alert: #c5252b; --alert-bg: #fdecec; --warm: #c9420d; --warn-bg: #fff3d6; --warn-ink: #6f4a00;
  --shadow: 0 1px 2px rgb(16 32 26 / 8%), 0 12px 40px rgb(16 32 26 / 20%); --shadow-small: 0 1px 2px rgb(16 32 26 / 9%);
  color-scheme: light;`;
const DARK = `
  --surface: #171e1b; --bg: #101614; --hover: #222b28; --ink: #e8eeeb; --soft: #aab6b1; --faint: #93a19b; --line: #2a3430;
  --accent-now: var(--kefu-accent, #12785b); --on-accent: #ffffff; --own-ink: #f2fbf7; --tint: color-mix(in srgb, var(--accent-now) 30%, #171e1b);
  --link: color-mix(in srgb, var(--accent-now) 45%, #b9f5df); --other: #232c29; --alert: #ff8589; --alert-bg: #3a1d1f; --warm: #ff9a5f; --warn-bg: #382c0f; --warn-ink: #f3cf7d;
  --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 14px 44px rgb(0 0 0 / 55%); --shadow-small: 0 1px 2px rgb(0 0 0 / 35%);
  color-scheme: dark;`;

export const launcherStyles = new CSSStyleSheet();
launcherStyles.replaceSync(`
:host { all: initial; position: fixed; inset: auto 0 0 auto; z-index: 2147483000; display: block; width: 0; height: 0; ${LIGHT}
  font: 400 15px/1.5 "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  color: var(--ink); -webkit-font-smoothing: antialiased; -webkit-text-size-adjust: 100%; }
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { ${DARK} } }
:host([theme="dark"]) { ${DARK} }
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
button { font: inherit; color: inherit; cursor: pointer; background: none; border: 0; padding: 0; margin: 0; -webkit-tap-highlight-color: transparent; touch-action: manipulation; }
button:disabled { cursor: default; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.icon { width: 22px; height: 22px; flex: none; fill: none; stroke: currentcolor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.launcher { position: fixed; right: calc(20px + env(safe-area-inset-right)); bottom: calc(20px + env(safe-area-inset-bottom)); display: grid; place-items: center; width: 60px; height: 60px; border-radius: 50%; background: var(--accent-now); color: var(--on-accent); box-shadow: var(--shadow); transition: transform .16s; }
.launcher:focus-visible { outline: 3px solid var(--surface); outline-offset: -6px; }
.launcher:hover { transform: scale(1.05); }
.launcher:active { transform: scale(.96); }
.launcher.busy { opacity: .8; cursor: progress; }
.launcher .icon { grid-area: 1 / 1; width: 28px; height: 28px; transition: transform .2s, opacity .2s; }
.launcher .icon-down, .launcher[aria-expanded="true"] .icon-chat { opacity: 0; transform: scale(.5); }
.launcher[aria-expanded="true"] .icon-down { opacity: 1; transform: none; }
.badge { position: absolute; top: -4px; right: -4px; min-width: 24px; height: 24px; padding: 0 7px; border-radius: 12px; background: #d92c33; color: #fff; font-size: 13px; font-weight: 700; line-height: 24px; text-align: center; box-shadow: 0 0 0 2px #fff; font-variant-numeric: tabular-nums; }
@media (max-width: 520px) { .launcher[aria-expanded="true"] { display: none; } .launcher { right: calc(16px + env(safe-area-inset-right)); bottom: calc(16px + env(safe-area-inset-bottom)); } }
@media (prefers-reduced-motion: reduce) { *, ::before, ::after { animation: none !important; transition: none !important; } }
@media print { :host { display: none; } }
`);
