/** The look of pictures, videos and cards: a sheet for the page and for the widget's shadow. */
export const kindStyles = new CSSStyleSheet();
kindStyles.replaceSync(`
.panel .composer > .icon-button { display: grid; place-items: center; width: 42px; height: 42px; padding: 0; border: 0; border-radius: 14px; background: none; color: var(--soft); flex: none; cursor: pointer; }
.big-emoji { font-size: 52px; line-height: 1.15; padding: 2px 4px; }
.picture { display: block; padding: 0; border: 0; border-radius: 16px; overflow: hidden; background: var(--hover, var(--tint)); max-width: 100%; cursor: zoom-in; box-shadow: var(--shadow-small); }
.picture img { display: block; width: 100%; height: 100%; object-fit: cover; opacity: 0; transition: opacity .2s; }
.picture.is-there img { opacity: 1; }
.picture.small { background: none; box-shadow: none; cursor: default; border-radius: 8px; }
.film { display: block; max-width: 100%; max-height: 340px; border-radius: 16px; background: #10201a; object-fit: contain; }
.noted { display: flex; flex-direction: column; gap: 5px; align-items: inherit; min-width: 0; }
.own .noted { align-items: flex-end; }
.other .noted { align-items: flex-start; }
.lightbox { max-width: 96vw; max-height: 94dvh; padding: 0; border: 0; border-radius: 14px; background: transparent; overflow: visible; }
.lightbox img { display: block; max-width: 96vw; max-height: 94dvh; border-radius: 14px; }
.lightbox::backdrop { background: rgb(8 14 12 / 82%); }
.lightbox .icon-button { position: fixed; top: 14px; right: 14px; width: 44px; height: 44px; border: 0; border-radius: 50%; background: rgb(255 255 255 / 16%); color: #fff; display: grid; place-items: center; }
.card-body { display: flex; flex-direction: column; gap: 4px; padding: 12px 14px; }
.card-body .card-title .icon { width: 18px; height: 18px; vertical-align: -4px; margin-right: 5px; }
.card-said { font-size: 15px; padding-bottom: 6px; margin-bottom: 4px; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.card-words { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 14.5px; line-height: 1.5; color: var(--soft); }
.card-head { display: flex; justify-content: space-between; gap: 10px; padding: 9px 14px 0; font-size: 12.5px; color: var(--soft); }
.card-head b { color: var(--warm, var(--link)); font-weight: 650; white-space: nowrap; }
.card-banner { display: block; width: 100%; max-height: 150px; object-fit: cover; }
.coupon { display: grid; grid-template-columns: auto 1fr; }
.coupon-worth { display: grid; place-items: center; min-width: 92px; max-width: 116px; padding: 14px 10px; text-align: center; font-weight: 750; line-height: 1.3; background: #c9420d; color: #fff; border-right: 2px dashed rgb(255 255 255 / 60%); }
.coupon .card-foot { grid-column: 1 / -1; }
.coupon.is-over { opacity: .62; filter: grayscale(.8); }
.template ol { margin: 2px 0 0; padding-left: 0; list-style: none; font-size: 13px; color: var(--soft); line-height: 1.6; }
.template .film { width: 100% !important; border-radius: 0; }
.card-press { display: flex; align-items: center; justify-content: center; gap: 8px; width: calc(100% - 24px); min-height: 42px; margin: 0 12px 10px; padding: 6px 12px; border: 0; border-radius: 12px; background: var(--accent, var(--accent-now)); color: var(--on-accent); font: inherit; font-size: 15px; font-weight: 600; cursor: pointer; }
.card-press:disabled { background: var(--hover, var(--tint)); color: var(--faint); cursor: default; }
.card-left { font-weight: 500; font-size: 12.5px; font-variant-numeric: tabular-nums; opacity: .9; }
.lead-form { display: grid; gap: 10px; padding: 2px 0 4px; }
.lead-form label { display: grid; gap: 4px; padding: 0 12px; font-size: 13.5px; color: var(--soft); }
.lead-form small { color: var(--faint); }
.lead-form input:not([type=checkbox]), .lead-form select { width: 100%; min-height: 40px; padding: 6px 10px; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); color: var(--ink); font: inherit; font-size: 15px; }
.lead-form .consent { grid-template-columns: 20px 1fr; align-items: start; line-height: 1.45; }
.lead-form .consent input { width: 18px; height: 18px; margin: 1px 0 0; }
.form-wrong { margin: 0; padding: 0 12px; font-size: 13px; color: var(--alert-ink, var(--alert)); }
.form-done { display: flex; align-items: center; gap: 6px; margin: 0; padding: 2px 14px 12px; color: var(--good, var(--link)); font-size: 14px; }
.form-done .icon { width: 18px; height: 18px; }
.system-notice.level-warning { box-shadow: inset 3px 0 0 var(--alert), var(--shadow-small); }
.system-notice .card-body > span:last-child { font-size: 14px; line-height: 1.5; overflow-wrap: anywhere; }
.uploads { display: flex; gap: 8px; padding: 8px 14px 0; overflow-x: auto; background: var(--surface); }
.uploads:empty { display: none; }
.upload { position: relative; flex: none; width: 84px; height: 84px; border-radius: 14px; overflow: hidden; background: var(--hover, var(--tint)); }
.upload img, .upload video { width: 100%; height: 100%; object-fit: cover; opacity: .6; }
.upload progress { position: absolute; left: 8px; right: 8px; bottom: 8px; width: calc(100% - 16px); height: 5px; accent-color: var(--accent, var(--accent-now)); }
.upload .upload-say { position: absolute; inset: auto 0 18px; text-align: center; font-size: 12px; font-weight: 600; color: var(--ink); text-shadow: 0 0 3px var(--surface); }
.upload .upload-off { position: absolute; top: 4px; right: 4px; display: grid; place-items: center; width: 26px; height: 26px; border: 0; border-radius: 50%; background: rgb(10 20 16 / 62%); color: #fff; cursor: pointer; }
.upload .upload-off .icon { width: 14px; height: 14px; }
.upload.is-wrong { outline: 2px solid var(--alert); outline-offset: -2px; }
.upload-wrong { align-self: center; max-width: 260px; font-size: 13px; line-height: 1.4; color: var(--alert-ink, var(--alert)); }
.look { width: min(420px, calc(100vw - 24px)); padding: 16px; border: 0; border-radius: 22px; background: var(--surface); color: var(--ink); box-shadow: var(--shadow); }
.look::backdrop { background: rgb(8 14 12 / 45%); }
.look h2 { margin: 0 0 10px; font-size: 17px; }
.look-shown { display: flex; gap: 8px; overflow-x: auto; justify-content: safe center; }
.look-shown img, .look-shown video { max-width: 100%; max-height: 320px; border-radius: 14px; object-fit: contain; background: var(--hover, var(--tint)); }
.look input { width: 100%; min-height: 42px; margin: 12px 0; padding: 6px 12px; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); color: var(--ink); font: inherit; box-sizing: border-box; }
.look-template { margin-bottom: 12px; font-size: 14px; }
.look-template summary { padding: 6px 0; color: var(--accent); cursor: pointer; }
.look-template input { margin: 4px 0 8px; }
.look-template textarea { width: 100%; padding: 8px 12px; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); color: var(--ink); font: inherit; box-sizing: border-box; resize: vertical; }
.look footer { display: flex; justify-content: flex-end; gap: 8px; }
.look .card-press { width: auto; margin: 0; min-width: 88px; }
.look .card-press.plain { background: var(--hover, var(--tint)); color: var(--ink); }
.emoji-picker { position: fixed; inset: auto auto 88px 358px; width: min(372px, calc(100vw - 24px)); max-height: min(380px, calc(100dvh - 180px)); margin: 0; padding: 12px; border: 0; border-radius: 22px; background: var(--surface); color: var(--ink); box-shadow: var(--shadow), 0 0 0 1px var(--line); overflow-y: auto; }
.emoji-tabs { display: flex; gap: 6px; overflow-x: auto; padding-bottom: 8px; }
.emoji-tabs button { flex: none; padding: 5px 12px; border: 0; border-radius: 12px; background: none; color: var(--soft); font: inherit; font-size: 14px; cursor: pointer; }
.emoji-tabs button[aria-selected=true] { background: var(--chosen, var(--tint)); color: var(--ink); font-weight: 600; }
.emoji-grid { display: grid; grid-template-columns: repeat(8, 1fr); gap: 2px; }
.emoji-grid button { display: grid; place-items: center; aspect-ratio: 1; padding: 0; border: 0; border-radius: 10px; background: none; font-size: 25px; cursor: pointer; }
.emoji-grid button:hover { background: var(--hover); }
.emoji-grid.brand { grid-template-columns: repeat(4, 1fr); }
.emoji-grid.brand img { width: 72px; height: 72px; object-fit: contain; }
@media (max-width: 720px) {
  .composer > .icon-button { width: 38px; }
  .emoji-picker { inset: auto 12px calc(72px + env(safe-area-inset-bottom)) 12px; width: auto; }
}
`);
