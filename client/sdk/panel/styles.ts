const LIGHT = `--vigil-surface:#fff;--vigil-text:#0f172a;--vigil-muted:#475569;--vigil-accent:#1d4ed8;
--vigil-on-accent:#fff;--vigil-urgent:#b91c1c;--vigil-track:#e2e8f0;--vigil-backdrop:#0f172a8f;--vigil-cover:#eef2f7;color-scheme:light`;
const DARK = `--vigil-surface:#1b212d;--vigil-text:#f1f5f9;--vigil-muted:#aab6c8;--vigil-accent:#8fb5ff;
--vigil-on-accent:#0b1220;--vigil-urgent:#ff8f8f;--vigil-track:#343e50;--vigil-backdrop:#020610b3;--vigil-cover:#0e121a;color-scheme:dark`;

/** Of the dialog, in its shadow root. A host's own rule for `vigil-panel` goes before those for `:host`. */
export const PANEL_CSS = `
:host{all:initial;--vigil-radius:18px;--vigil-font:system-ui,sans-serif;${LIGHT}}
@media(prefers-color-scheme:dark){:host{${DARK}}}
:host([theme=light]){${LIGHT}}
:host([theme=dark]){${DARK}}
dialog{box-sizing:border-box;outline:0;width:400px;max-width:calc(100vw - 32px);max-height:calc(100vh - 32px);overflow:auto;
margin:auto;padding:32px 28px 28px;border:1px solid var(--vigil-track);border-radius:var(--vigil-radius);text-align:center;
background:var(--vigil-surface);color:var(--vigil-text);font:15px/1.5 var(--vigil-font);
box-shadow:0 24px 64px -12px #02061773;animation:in .2s}
dialog::backdrop{background:var(--vigil-backdrop);animation:in .2s}
.hiding{animation-delay:.5s;animation-fill-mode:both}
.hiding::backdrop{background:var(--vigil-cover,Canvas);animation:none}
svg{display:block;margin:auto;fill:none;stroke:var(--vigil-track);stroke-linecap:round}
.ring{position:relative}
.ring svg{width:116px;stroke-width:6;transform:rotate(-90deg)}
.bar{stroke:var(--vigil-accent);transition:stroke-dashoffset 1s linear}
.time{position:absolute;inset:0;display:grid;place-items:center;font-size:28px;font-weight:600;font-variant-numeric:tabular-nums}
.urgent .bar{stroke:var(--vigil-urgent)}
.urgent .time{color:var(--vigil-urgent)}
.lock{box-sizing:border-box;width:64px;padding:18px;border-radius:50%;background:var(--vigil-track);stroke:var(--vigil-muted);stroke-width:2}
.title{margin:20px 0 8px;font-size:20px;font-weight:600}
p{margin:0;color:var(--vigil-muted);text-wrap:balance}
.hint{margin-top:14px;font-size:13px}
button{width:100%;min-height:46px;margin-top:24px;padding:10px 20px;border:1px solid transparent;
border-radius:calc(var(--vigil-radius)*.6);background:var(--vigil-accent);color:var(--vigil-on-accent);font:inherit;font-weight:600;cursor:pointer}
button:hover{filter:brightness(1.1)}
button:focus-visible{outline:3px solid var(--vigil-accent);outline-offset:3px}
.live{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
[hidden],.hint:empty{display:none}
@keyframes in{from{opacity:0}}
@media(prefers-reduced-motion:reduce){*,::backdrop{animation-duration:1ms!important;transition:none!important}}
@media(forced-colors:active){.bar{stroke:Highlight}}`;

/** Of the page, while it is covered: nothing of it is painted, printed or read out, and nothing of it is lost. */
export const PAGE_CSS = 'body,body *{visibility:hidden!important}';
