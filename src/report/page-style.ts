/** The pages' whole style: no fonts, images or scripts from elsewhere; light and dark by the reader's setting. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --text: #1f2328; --muted: #57606a; --page: #f6f8fa; --card: #ffffff; --rule: #d8dee4; --code: #eff1f3;
  --link: #0860ca; --added: #dafbe1; --removed: #ffebe9; --hunk: #ddf4ff; --good: #1a7f37; --warn: #9a6700; --bad: #cf222e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6edf3; --muted: #9198a1; --page: #0d1117; --card: #151b23; --rule: #30363d; --code: #262c36;
    --link: #58a6ff; --added: #12391f; --removed: #47191b; --hunk: #10263f; --good: #3fb950; --warn: #d29922; --bad: #f85149;
  }
  .chart svg [fill="#57606a"] { fill: #9198a1; }
  .chart svg [stroke="#d8dee4"] { stroke: #30363d; }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; overflow-wrap: anywhere;
}
main, .bar > div { max-width: 1120px; margin: 0 auto; padding: 0 24px; }
.bar { background: var(--card); border-bottom: 1px solid var(--rule); padding: 12px 0; font-size: 14px; color: var(--muted); }
.bar strong { color: var(--text); }
main { padding-top: 28px; padding-bottom: 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 12px; font-weight: 600; }
h2 { font-size: 19px; margin: 0 0 12px; font-weight: 600; }
h3 { font-size: 16px; margin: 28px 0 10px; padding-bottom: 6px; border-bottom: 1px solid var(--rule); font-weight: 600; }
p { margin: 0 0 14px; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
.muted { color: var(--muted); }
.meta-line { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-bottom: 24px; color: var(--muted); font-size: 14px; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 24px; margin-bottom: 24px; }
.card > :last-child { margin-bottom: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 16px; margin-bottom: 24px; }
.tile { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 16px 20px; }
.tile b { display: block; font-size: 24px; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; }
.tile span { color: var(--muted); font-size: 13px; }
.badge, .label { display: inline-block; border-radius: 999px; padding: 1px 10px; font-size: 12px; font-weight: 500; white-space: nowrap; }
.badge { color: #fff; background: var(--muted); font-size: 13px; padding: 3px 12px; }
.badge.open { background: #1a7f37; }
.badge.person { background: #8250df; }
.label { border: 1px solid var(--rule); color: var(--muted); background: var(--card); }
code { font: 0.86em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--code); border-radius: 5px; padding: 0.15em 0.4em; }
pre { background: var(--code); border-radius: 6px; padding: 12px 16px; overflow-x: auto; margin: 0 0 16px; overflow-wrap: normal; }
pre code { background: none; padding: 0; font-size: 13px; }
pre.diff { padding: 8px 0; border: 1px solid var(--rule); background: var(--card); }
pre.diff code { display: block; min-width: max-content; }
pre.diff span { display: inline-block; min-width: 100%; padding: 0 16px; }
.diff .added { background: var(--added); }
.diff .removed { background: var(--removed); }
.diff .hunk { background: var(--hunk); color: var(--muted); }
.diff .meta { color: var(--muted); }
.scroll { overflow-x: auto; margin: 0 0 16px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; overflow-wrap: break-word; }
td code { overflow-wrap: anywhere; }
td code.keep { white-space: nowrap; }
code.quiet { background: none; padding: 0; color: var(--muted); font-size: 12px; }
th, td { text-align: left; vertical-align: top; padding: 7px 12px; border-bottom: 1px solid var(--rule); min-width: 76px; }
th { color: var(--muted); font-weight: 600; font-size: 13px; white-space: nowrap; border-bottom-width: 2px; }
tbody tr:last-child td { border-bottom: 0; }
td { max-width: 420px; }
td:has(code) { min-width: 150px; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.chart { margin: 0 0 20px; }
.chart figcaption { font-weight: 600; font-size: 14px; margin-bottom: 8px; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 6px; padding: 0; font-size: 13px; color: var(--muted); }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; }
.chart svg { display: block; max-width: 100%; height: auto; }
details { margin: 8px 0 16px; }
summary { cursor: pointer; color: var(--muted); font-size: 14px; }
details > :not(summary) { margin-top: 12px; }
ul { margin: 0 0 14px; padding-left: 24px; }
.error { color: var(--bad); font-weight: 600; }
.warning { color: var(--warn); font-weight: 600; }
.cash, .freed { color: var(--good); font-weight: 600; }
.none-yet { font-weight: 600; }
.costs { color: var(--warn); font-weight: 600; }
@media (max-width: 640px) { main, .bar > div { padding-left: 12px; padding-right: 12px; } .card { padding: 16px; } }
`;
