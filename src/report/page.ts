import { SafeHtml, html } from './html.ts';
import { pageStyle } from './page-style.ts';

/** A whole page that loads nothing and runs nothing, whatever its content says. */
export function pageHtml(page: { readonly title: string; readonly bar: SafeHtml; readonly main: SafeHtml }): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${page.title}</title>
<style>${new SafeHtml(pageStyle)}</style>
</head>
<body>
<header class="bar"><div>${page.bar}</div></header>
<main>
${page.main}
</main>
</body>
</html>
`.text;
}
