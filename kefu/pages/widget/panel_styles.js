/** The look of the panel; the colours are in launcher_styles.js. */

export const panelStyles = new CSSStyleSheet();
panelStyles.replaceSync(`
h2, h3, p { margin: 0; font: inherit; }
a { color: inherit; }
.sr-only { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.link { color: var(--link); font-weight: 600; }
.link:hover { text-decoration: underline; text-underline-offset: 3px; }

.panel { position: fixed; right: calc(20px + env(safe-area-inset-right)); bottom: calc(94px + env(safe-area-inset-bottom)); display: flex; flex-direction: column; width: 392px; height: min(660px, calc(100dvh - 116px)); border-radius: 22px; overflow: hidden; background: var(--bg); color: var(--ink); box-shadow: var(--shadow), 0 0 0 1px color-mix(in srgb, var(--line) 70%, transparent); animation: rise .2s ease-out; }
.panel:focus { outline: none; }
@keyframes rise { from { opacity: 0; transform: translateY(14px); } }

header { display: flex; align-items: center; gap: 11px; padding: 14px 12px 14px 16px; background: var(--accent-now); color: var(--on-accent); flex: none; }
header :focus-visible { outline-color: currentcolor; }
.emblem { display: grid; place-items: center; width: 40px; height: 40px; border-radius: 13px; background: rgb(255 255 255 / 16%); flex: none; }
.heading { flex: 1; min-width: 0; }
h2 { font-size: 16.5px; font-weight: 650; line-height: 1.35; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.state { display: flex; align-items: center; gap: 6px; font-size: 13px; line-height: 1.4; overflow: hidden; white-space: nowrap; }
.state::before { content: ""; width: 8px; height: 8px; border-radius: 50%; flex: none; background: #6fe7b4; }
.state-queued::before { background: #ffd166; }
.state-none::before, .state-closed::before { background: rgb(255 255 255 / 55%); }
.human { display: flex; align-items: center; gap: 5px; min-height: 36px; padding: 0 12px 0 9px; border-radius: 18px; background: rgb(255 255 255 / 16%); font-size: 14px; font-weight: 600; flex: none; transition: background .15s; }
.human .icon { width: 18px; height: 18px; }
.human:hover:enabled, .close:hover { background: rgb(255 255 255 / 26%); }
.close { display: grid; place-items: center; width: 38px; height: 38px; border-radius: 12px; flex: none; }

.banner { display: flex; align-items: center; justify-content: space-between; gap: 12px; padding: 8px 16px; font-size: 13.5px; line-height: 1.45; background: var(--warn-bg); color: var(--warn-ink); flex: none; }
.banner .link { color: inherit; text-decoration: underline; text-underline-offset: 3px; white-space: nowrap; }
.banner-back { background: var(--tint); color: var(--ink); }
.banner-failed, .banner-said { background: var(--alert-bg); color: var(--alert); }

.scroll-box { position: relative; flex: 1; min-height: 0; }
.scroller { display: flex; flex-direction: column; height: 100%; padding: 4px 14px 14px; overflow-y: auto; overflow-x: hidden; overscroll-behavior: contain; overflow-anchor: none; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.scroller:focus-visible { outline-offset: -3px; }
.older { padding: 12px 0 4px; text-align: center; font-size: 13px; color: var(--faint); }
.intro { margin: 14px 0 6px; padding: 16px; border-radius: 18px; background: var(--surface); box-shadow: var(--shadow-small); color: var(--soft); font-size: 14.5px; }
.hello { margin-bottom: 3px; font-size: 17px; font-weight: 650; color: var(--ink); }
.questions { display: grid; gap: 8px; margin-top: 14px; }
h3 { font-size: 13px; color: var(--faint); }
.question { display: flex; align-items: center; justify-content: space-between; gap: 10px; min-height: 42px; padding: 8px 14px; border-radius: 13px; background: var(--hover); color: var(--ink); text-align: start; font-weight: 500; transition: background .15s; }
.question .icon { width: 17px; height: 17px; color: var(--link); }
.question:hover { background: var(--tint); }

.log { display: flex; flex-direction: column; }
.day { align-self: center; margin: 16px 0 4px; font-size: 12.5px; color: var(--faint); }
.unread-mark { display: flex; align-items: center; gap: 10px; margin: 14px 0 2px; font-size: 12.5px; color: var(--link); }
.unread-mark::before, .unread-mark::after { content: ""; flex: 1; height: 1px; background: currentcolor; opacity: .3; }
.notice { align-self: center; max-width: 92%; margin: 14px 0 4px; padding: 5px 14px; border-radius: 14px; font-size: 13px; color: var(--soft); background: color-mix(in srgb, var(--line) 65%, transparent); text-align: center; text-wrap: balance; overflow-wrap: anywhere; }
.notice.session-assigned { background: var(--tint); color: var(--ink); }

.message { display: flex; align-items: flex-start; gap: 9px; margin-top: 6px; max-width: 92%; }
.message.first { margin-top: 16px; }
.message.own { align-self: flex-end; max-width: 84%; }
.arriving { animation: arrive .2s ease-out; }
@keyframes arrive { from { opacity: 0; transform: translateY(8px); } }
.face { display: grid; place-items: center; width: 32px; height: 32px; border-radius: 11px; flex: none; background: var(--tint); color: var(--link); font-size: 14px; font-weight: 650; }
.face .icon { width: 19px; height: 19px; }
.face-agent { background: #b04a14; color: #fff; }
.face.gap { visibility: hidden; }
.column { display: flex; flex-direction: column; align-items: flex-start; min-width: 0; }
.own .column { align-items: flex-end; }
.sender { display: flex; align-items: center; gap: 6px; margin: 0 0 4px 2px; font-size: 12.5px; line-height: 1.4; color: var(--soft); }
.origin { padding: 0 6px; border-radius: 6px; background: var(--hover); font-size: 11.5px; line-height: 18px; }
.origin-bot { background: var(--tint); color: var(--link); font-weight: 600; }
.origin-agent { background: var(--warn-bg); color: var(--warn-ink); font-weight: 600; }

.bubble { max-width: 100%; padding: 9px 13px; border-radius: 16px; background: var(--other); box-shadow: var(--shadow-small); white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.58; }
.own .bubble { background: var(--accent-now); color: var(--own-ink); border-bottom-right-radius: 5px; }
.other.first .bubble { border-top-left-radius: 5px; }
.bubble a { text-decoration: underline; text-underline-offset: 3px; }
.bubble-unknown { color: var(--faint); font-style: italic; }
.is-waiting .bubble, .is-sending .bubble { opacity: .75; }
.is-refused .bubble { background: var(--alert-bg); color: var(--ink); }

.card { display: block; width: 276px; max-width: 100%; border-radius: 16px; background: var(--other); color: var(--ink); box-shadow: var(--shadow-small); text-decoration: none; overflow: hidden; transition: box-shadow .15s; }
a.card:hover { box-shadow: var(--shadow); }
.card-main { display: flex; gap: 12px; padding: 11px; }
.card-picture { position: relative; display: grid; place-items: center; width: 76px; height: 76px; flex: none; border-radius: 12px; overflow: hidden; background: var(--hover); color: var(--faint); }
.card-picture img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; }
.card-text { display: flex; flex-direction: column; min-width: 0; flex: 1; }
.card-title { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; font-size: 14.5px; line-height: 1.42; font-weight: 600; overflow-wrap: anywhere; }
.card-note { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; margin-top: 2px; font-size: 12.5px; line-height: 1.42; color: var(--soft); overflow-wrap: anywhere; }
.card-price { margin-top: auto; padding-top: 3px; font-size: 16.5px; color: var(--warm); font-weight: 700; font-variant-numeric: tabular-nums; }
.card-foot { display: flex; align-items: center; justify-content: space-between; padding: 8px 13px; border-top: 1px solid var(--line); font-size: 13px; color: var(--soft); }
.card-foot .icon { width: 15px; height: 15px; }

/* Several cards in a row are a list: each is shorter. */
.message:has(.card) + .message .card-foot, .message:has(+ .message .card) .card-foot { display: none; }

.bubble-gone, .own .bubble-gone { background: none; box-shadow: inset 0 0 0 1px var(--line); color: var(--faint); font-size: 13px; }
.quoted { max-width: 100%; margin-bottom: 3px; padding: 2px 9px; border-left: 3px solid var(--line); border-radius: 4px; background: var(--hover); color: var(--soft); font-size: 12.5px; line-height: 20px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.quoted b { font-weight: 600; }
.reactions { display: flex; flex-wrap: wrap; gap: 4px; margin-top: 4px; }
.reactions span { padding: 0 8px; border-radius: 12px; background: var(--surface); box-shadow: inset 0 0 0 1px var(--line); font-size: 13px; line-height: 24px; }
.merged { padding: 10px 13px; }
.merged summary { cursor: pointer; font-weight: 600; }
.merged small { margin-left: 8px; color: var(--faint); font-weight: 400; }
.merged p { margin: 6px 0 0; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
.choices { display: grid; gap: 8px; justify-items: start; }
.choice-list { display: flex; flex-wrap: wrap; gap: 7px; }
.choice { min-height: 36px; padding: 6px 14px; border-radius: 18px; background: var(--surface); color: var(--link); box-shadow: inset 0 0 0 1.5px color-mix(in srgb, var(--link) 50%, transparent); font-size: 14.5px; font-weight: 600; line-height: 1.4; text-align: start; overflow-wrap: anywhere; transition: background .15s; }
.choice:hover { background: var(--tint); }
.choice.chosen { background: var(--tint); box-shadow: inset 0 0 0 1.5px var(--link); }

.meta { display: none; align-items: center; gap: 4px; min-height: 18px; margin: 3px 4px 0; font-size: 12px; line-height: 16px; color: var(--faint); font-variant-numeric: tabular-nums; }
.message.last .meta, .is-waiting .meta, .is-held .meta, .is-queued .meta, .is-refused .meta { display: flex; }
.rating { display: flex; gap: 2px; margin: -4px 0 -6px 6px; opacity: 0; transition: opacity .15s; }
.message:hover .rating, .rating:focus-within, .rating.latest, .rating.voted { opacity: 1; }
.thumb { display: grid; place-items: center; width: 34px; height: 30px; border-radius: 10px; color: var(--faint); }
.thumb .icon { width: 17px; height: 17px; }
.thumb:hover { background: var(--hover); color: var(--ink); }
.thumb[aria-pressed="true"] { color: var(--link); background: var(--tint); }
.thumb[aria-pressed="true"] .icon { fill: color-mix(in srgb, currentcolor 22%, transparent); }
.status { display: inline-flex; align-items: center; gap: 2px; }
.status .icon { width: 14px; height: 14px; }
.status-refused { color: var(--alert); }
.refused { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 2px 14px; margin: 3px 4px 2px; font-size: 13px; }
.refused-why { color: var(--soft); }
.offer-note { display: flex; flex-wrap: wrap; align-items: center; gap: 0 10px; margin: 3px 4px 0; font-size: 12.5px; color: var(--faint); }
.offer-note .link { min-height: 28px; font-size: inherit; }

.typing { display: flex; gap: 5px; margin: 14px 0 0 46px; flex: none; }
.typing i { width: 7px; height: 7px; border-radius: 50%; background: var(--faint); animation: bounce 1.2s ease-in-out infinite; }
.typing i:nth-child(2) { animation-delay: .16s; }
.typing i:nth-child(3) { animation-delay: .32s; }
@keyframes bounce { 0%, 60%, 100% { transform: none; opacity: .45; } 30% { transform: translateY(-4px); opacity: 1; } }

.to-end { position: absolute; left: 50%; bottom: 12px; display: flex; align-items: center; gap: 5px; min-height: 36px; padding: 0 12px; border-radius: 18px; transform: translateX(-50%); background: var(--surface); color: var(--link); box-shadow: var(--shadow); font-size: 13.5px; font-weight: 600; }
.to-end .icon { width: 18px; height: 18px; }

.suggestions { display: grid; gap: 2px; margin: 0; padding: 6px 10px 0; border-top: 1px solid var(--line); background: var(--surface); list-style: none; flex: none; }
.suggestions[hidden] { display: none; }
.suggestions + .composer { border-top: 0; }
.suggestions[hidden] + .composer { border-top: 1px solid var(--line); }
.suggestions li { padding: 9px 12px; border-radius: 12px; color: var(--link); font-size: 14px; line-height: 20px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; cursor: pointer; }
.suggestions li:hover, .suggestions li[aria-selected=true] { background: var(--hover); }
.composer { display: flex; align-items: flex-end; gap: 8px; padding: 10px 12px 4px; background: var(--surface); border-top: 1px solid var(--line); flex: none; }
.field { position: relative; display: flex; flex: 1; min-width: 0; border-radius: 21px; background: var(--hover); transition: box-shadow .15s; }
.field:focus-within { box-shadow: inset 0 0 0 1.5px var(--link); }
textarea { flex: 1; min-width: 0; max-height: 124px; margin: 0; padding: 9px 16px; border: 0; outline: none; resize: none; background: none; color: inherit; font: inherit; font-size: 16px; line-height: 24px; overflow-y: auto; scrollbar-width: thin; }
textarea:focus-visible { outline: none; }
textarea::placeholder { color: var(--faint); opacity: 1; }
.counter { position: absolute; right: 12px; top: -24px; padding: 0 9px; border-radius: 9px; background: var(--surface); box-shadow: var(--shadow-small); font-size: 12.5px; line-height: 20px; color: var(--soft); }
.counter.over { color: var(--alert); }
.send { display: grid; place-items: center; width: 42px; height: 42px; border-radius: 50%; background: var(--accent-now); color: var(--on-accent); flex: none; transition: transform .1s, background .15s; }
.send:active { transform: scale(.94); }
.send:disabled { background: var(--hover); color: var(--faint); transform: none; }
.lines { display: flex; flex-wrap: wrap; justify-content: center; align-items: center; gap: 0 14px; padding: 0 14px 2px; background: var(--surface); text-align: center; font-size: 12.5px; line-height: 1.5; color: var(--soft); flex: none; }
.account, .offers { display: contents; }
.account-ask, .account-leave, .offers-ask { min-height: 28px; font-size: 12.5px; }
.account-known { display: flex; justify-content: center; align-items: center; gap: 10px; }
.account-form, .offers-sheet { flex: 1 0 100%; }
.account-form { display: grid; gap: 8px; margin: 4px 0 8px; }
.offers-sheet { margin: 2px 0 8px; padding: 4px 14px 10px; border-radius: 13px; background: var(--hover); text-align: start; }
.offers-sheet label { display: flex; align-items: center; gap: 10px; min-height: 40px; color: var(--ink); font-size: 14px; font-weight: 600; cursor: pointer; }
.offers-sheet input { width: 18px; height: 18px; margin: 0; accent-color: var(--accent-now); flex: none; }
.account-form input { min-width: 0; padding: 9px 14px; border: 0; border-radius: 13px; background: var(--hover); color: inherit; font: inherit; font-size: 16px; }
.account-buttons { display: flex; gap: 8px; }
.account-buttons button { flex: 1; min-height: 38px; border-radius: 13px; font-size: 14px; font-weight: 600; background: var(--hover); color: var(--ink); }
.account-buttons .account-in { background: var(--accent-now); color: var(--on-accent); }
.account-problem { color: var(--alert); text-align: start; }
.foot { padding: 2px 14px 9px; background: var(--surface); text-align: center; font-size: 11.5px; line-height: 1.45; color: var(--faint); text-wrap: balance; flex: none; }

@media (max-width: 520px) {
  .panel { inset: var(--view-top, 0) 0 auto 0; width: auto; height: var(--view-height, 100dvh); border-radius: 0; padding-bottom: env(safe-area-inset-bottom); background: var(--surface); box-shadow: none; }
  header { padding-top: calc(12px + env(safe-area-inset-top)); }
  .scroll-box { background: var(--bg); }
  .message { max-width: 90%; }
}
@media (max-height: 480px) { .foot { display: none; } }
@media (hover: none) { .rating { opacity: 1; } }
`);
