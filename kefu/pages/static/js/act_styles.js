/** The look of menus, quotations, reactions and the panel of a conversation. */
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.message .act-open { align-self: center; width: 32px; height: 32px; border: 0; border-radius: 50%; background: none; color: var(--faint); font-size: 18px; line-height: 1; cursor: pointer; opacity: 0; flex: none; }
.message:hover .act-open, .message:focus-within .act-open, .act-open[aria-expanded=true] { opacity: 1; }
@media (hover: none) { .message .act-open { opacity: .7; } }
.act-pick { display: none; align-self: center; width: 20px; height: 20px; margin: 0 8px; flex: none; accent-color: var(--accent); }
.is-choosing .act-pick { display: block; }
.act-menu { position: fixed; margin: 0; padding: 6px; border: 1px solid var(--line); border-radius: 14px; background: var(--surface); color: var(--ink); box-shadow: 0 8px 28px rgb(0 0 0 / 16%); min-width: 176px; max-width: 92vw; }
.act-menu button { display: block; width: 100%; min-height: 40px; padding: 8px 12px; border: 0; border-radius: 10px; background: none; color: inherit; font: inherit; text-align: start; cursor: pointer; }
.act-menu button:hover, .act-menu button:focus-visible { background: var(--hover, var(--tint)); }
.act-menu .act-emoji { display: flex; gap: 2px; padding-bottom: 4px; margin-bottom: 4px; border-bottom: 1px solid var(--line); }
.act-menu .act-emoji button { width: 40px; padding: 0; text-align: center; font-size: 20px; }
.act-quote { display: block; max-width: 100%; margin: 0 0 3px; padding: 4px 10px; border: 0; border-inline-start: 3px solid var(--line); border-radius: 6px; background: var(--hover, var(--tint)); color: var(--soft); font: inherit; font-size: 13px; text-align: start; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.act-reactions { display: flex; flex-wrap: wrap; gap: 4px; margin-top: 3px; }
.own .act-reactions { justify-content: flex-end; }
.act-reactions button { min-height: 28px; padding: 2px 9px; border: 1px solid var(--line); border-radius: 14px; background: var(--surface); color: var(--ink); font: inherit; font-size: 13px; cursor: pointer; }
.act-reactions button[aria-pressed=true] { border-color: var(--link, var(--ink)); font-weight: 600; }
.act-small { font-size: 12px; color: var(--soft); }
.act-gone { font-style: italic; color: var(--soft); font-size: 14px; padding: 6px 0; }
.act-merged { min-width: 200px; max-width: 320px; padding: 10px 14px; border: 1px solid var(--line); border-radius: 16px; background: var(--surface); color: var(--ink); }
.act-merged summary { font-weight: 600; cursor: pointer; }
.act-merged p { margin: 6px 0 0; font-size: 14px; color: var(--soft); overflow-wrap: anywhere; }
.act-bar { display: flex; align-items: center; gap: 10px; padding: 6px 16px; font-size: 13.5px; color: var(--soft); border-top: 1px solid var(--line); }
.act-bar span { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.act-bar button { min-height: 32px; border: 0; background: none; color: var(--link, inherit); font: inherit; cursor: pointer; }
.act-notice { margin: 0; padding: 8px 16px; font-size: 13.5px; background: var(--hover, var(--tint)); color: var(--ink); border-bottom: 1px solid var(--line); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.act-line { display: block; width: 100%; border: 0; border-bottom: 1px solid var(--line); font: inherit; font-size: 13.5px; text-align: start; cursor: pointer; flex: none; }
.act-waiting { color: var(--accent); }
#group-notice { max-height: 5.4em; flex: none; overflow-y: auto; overflow-wrap: anywhere; white-space: pre-line; }
.act-whole { overflow-wrap: anywhere; white-space: pre-line; }
.act-foot { display: flex; justify-content: flex-end; gap: 10px; margin-top: 16px; }
.act-boxes { display: flex; gap: 6px; padding: 6px 14px; }
.act-boxes button { min-height: 34px; padding: 4px 12px; border: 1px solid var(--line); border-radius: 17px; background: none; color: var(--soft); font: inherit; font-size: 13.5px; cursor: pointer; }
.act-boxes button[aria-pressed=true] { background: var(--hover, var(--tint)); color: var(--ink); font-weight: 600; }
.conversation.is-pinned { background: var(--hover, var(--tint)); }
.badge.is-muted { opacity: .55; }
.act-panel { display: grid; gap: 14px; }
.act-panel section { display: grid; gap: 8px; }
.act-panel h3 { margin: 4px 0 0; font-size: 14px; color: var(--soft); font-weight: 600; }
.act-panel label.act-check { display: flex; align-items: center; gap: 10px; min-height: 40px; }
.act-panel textarea, .act-panel input[type=text] { width: 100%; min-height: 40px; padding: 8px 10px; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); color: var(--ink); font: inherit; }
.act-panel .act-member { display: grid; gap: 2px; padding: 6px 0; border-bottom: 1px solid var(--line); }
.act-panel .act-buttons { display: flex; flex-wrap: wrap; gap: 6px; }
.act-panel .act-buttons button, .act-panel .act-wide { min-height: 36px; padding: 4px 12px; border: 1px solid var(--line); border-radius: 10px; background: none; color: var(--ink); font: inherit; font-size: 13.5px; cursor: pointer; }
.act-panel output { display: block; overflow-wrap: anywhere; font-size: 13.5px; color: var(--ink); user-select: all; }
.act-panel ol { margin: 0; padding: 0; list-style: none; font-size: 13px; color: var(--soft); display: grid; gap: 4px; }
`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
