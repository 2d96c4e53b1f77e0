/** Takes the pictures in docs/images from the pages that `npm run demo` wrote. Needs Chromium: npx tsx scripts/screenshots.ts */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright-core';

const pages = path.resolve('.flyball/demo/pages');
await mkdir('docs/images', { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
for (const [page, picture, height] of [
  ['prod-us_inference_Deployment_clip-server_scale-down.html', 'proposal.png', 1180],
  ['index.html', 'index.png', 1180],
] as const) {
  const tab = await browser.newPage({ viewport: { width: 1280, height } });
  await tab.goto(`file://${path.join(pages, page)}`);
  await tab.screenshot({ path: `docs/images/${picture}` });
}
await browser.close();
