import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFleetRepository } from '../../examples/demo.ts';
import { asOf, examples, flyball } from '../scan/fleet.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) =>
  existsSync(file),
);
const folder = mkdtempSync(path.join(tmpdir(), 'flyball-pages-'));
let browser: Browser | undefined;

beforeAll(async () => {
  if (executablePath === undefined)
    throw new Error('no Chromium here: .ci/run installs one (apt-get install chromium)');
  const fleet = await makeFleetRepository(path.join(folder, 'fleet'));
  await flyball(
    folder,
    'scan',
    '--repo',
    fleet,
    '--config',
    path.join(examples, 'flyball.yml'),
    '--as-of',
    asOf,
    '--out',
    path.join(folder, 'out'),
  );
  browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}, 180_000);

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(page: string, width = 1280) {
  if (browser === undefined) throw new Error('the browser did not start');
  const tab = await browser.newPage({ viewport: { width, height: 900 } });
  const errors: string[] = [];
  tab.on('pageerror', (error) => errors.push(error.message));
  tab.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  const requests: string[] = [];
  tab.on('request', (request) => requests.push(request.url()));
  await tab.goto(`file://${path.join(folder, 'out', 'pages', page)}`);
  return { tab, errors, requests };
}

describe('the pages in a real browser', () => {
  test('the index lists every proposal, and each link leads to its page', async () => {
    const { tab, errors, requests } = await open('index.html');
    const links = await tab
      .locator('a[href$=".html"]')
      .evaluateAll((found) => [...new Set(found.map((link) => link.getAttribute('href')))]);

    expect(await tab.title()).toContain('fleet');
    expect(links.length).toBeGreaterThanOrEqual(10);
    for (const link of links) expect(existsSync(path.join(folder, 'out', 'pages', link ?? ''))).toBe(true);
    expect(errors).toEqual([]);
    expect(requests.every((url) => url.startsWith('file://') || url.startsWith('data:'))).toBe(true);
  });

  test('a proposal page draws its charts and its diff, and fits the window', async () => {
    const { tab, errors } = await open('prod-us_inference_Deployment_clip-server_scale-down.html');

    expect(await tab.locator('svg').count()).toBeGreaterThanOrEqual(2);
    expect(await tab.getByText('replicas: 3').first().isVisible()).toBe(true);
    expect(await tab.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(
      true,
    );
    expect(errors).toEqual([]);
  });

  test('a narrow window shows the page without a sideways scroll', async () => {
    const { tab } = await open('index.html', 420);

    expect(await tab.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(
      true,
    );
  });
});
