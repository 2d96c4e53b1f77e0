import * as fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { renderPages } from '../../src/report/index.ts';
import { aCoverage, dollars, hostileText } from '../builders.ts';
import { aHostileReport, aReport } from './worlds.ts';

const tagPattern = /<[^>]*>/g;

function pagesOf(report: ReturnType<typeof aReport>, extension: string): readonly [string, string][] {
  return [...renderPages(report)].filter(([name]) => name.endsWith(extension));
}

function indexOf(report: ReturnType<typeof aReport>, name = 'index.html'): string {
  return renderPages(report).get(name) ?? '';
}

/** Everything between `<` and `>`, with what may differ between two reports taken out. */
function tags(page: string): readonly string[] {
  return [...page.matchAll(tagPattern)].map(([tag]) =>
    tag.replaceAll(/href="[^"]*"/g, 'href').replaceAll(/(?:aria-label|d|transform|viewBox)="[^"]*"/g, ''),
  );
}

test('the same report gives the same bytes', () => {
  expect([...renderPages(aReport())]).toEqual([...renderPages(aReport())]);
});

test('the Markdown page of a proposal is its body, byte for byte', () => {
  const [first] = aReport().proposals;

  expect(indexOf(aReport(), `${first?.publication.page}.md`)).toBe(first?.pullRequest.body);
});

test('the index in Markdown is the reviewed one', async () => {
  await expect(indexOf(aReport(), 'index.md')).toMatchFileSnapshot('../fixtures/pullrequest/golden/index.md');
});

describe.each([
  ['an ordinary report', aReport()],
  ['a hostile report', aHostileReport()],
])('the HTML pages of %s', (_, report) => {
  const pages = pagesOf(report, '.html');

  test('load nothing and run nothing', () => {
    expect(pages.length).toBeGreaterThan(1);
    for (const [, page] of pages) {
      expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:`);
      const names = new Set([...page.matchAll(/<\/?([a-zA-Z!][\w-]*)/g)].map((match) => match[1]));
      for (const name of [
        'script',
        'img',
        'iframe',
        'object',
        'embed',
        'link',
        'base',
        'form',
        'foreignObject',
        'use',
      ]) {
        expect(names).not.toContain(name);
      }
      for (const [tag] of page.matchAll(tagPattern)) {
        expect(tag).not.toMatch(/\s(?:on\w+|src|srcset|action|formaction|xlink:href)\s*=/i);
        expect(tag.match(/href="([^"]*)"/)?.[1] ?? 'index.html').toMatch(/^[A-Za-z0-9._-]+\.(?:html|md)$/);
      }
    }
  });

  test('show invisible and reordering characters instead of sending them', () => {
    for (const [, page] of pages) expect(page).not.toMatch(/[^\n\t\P{Cc}]|[\u200b\u202a-\u202e]/u);
  });

  test('name every chart for people who cannot see it, and give its figures as a table', () => {
    for (const [, page] of pages) {
      const charts = page.match(/<svg /g)?.length ?? 0;
      expect(charts).toBeGreaterThan(0);
      expect(page.match(/<svg role="img" aria-label="[^"]+"/g)).toHaveLength(charts);
      expect(page.match(/<summary>Figures as a table<\/summary>/g)).toHaveLength(charts);
    }
  });

  test('use every id once', () => {
    for (const [, page] of pages) {
      const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });
});

test('hostile text adds no tag to the index', () => {
  const harmless = tags(indexOf(aHostileReport('harmless')));

  expect(tags(indexOf(aHostileReport())).length).toBe(harmless.length);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...hostileText.split(' '), '"', "'", '<', '>', '&'), { minLength: 1, maxLength: 6 }),
      (parts) => {
        const page = indexOf(aHostileReport(`x${parts.join('')}`));

        expect(tags(page).map((tag) => tag.split(' ')[0])).toEqual(harmless.map((tag) => tag.split(' ')[0]));
      },
    ),
    { numRuns: 40 },
  );
});

test('hostile text leaves the shape of the index in Markdown as it is', () => {
  const markdown = new MarkdownIt({ html: true, linkify: true });
  const shape = (report: ReturnType<typeof aReport>): readonly string[] =>
    markdown
      .parse(indexOf(report, 'index.md'), {})
      .flatMap(({ type, children }) =>
        [type].concat(
          (children ?? []).map((child) => child.type).filter((name) => !/^(?:text|code_inline)$/.test(name)),
        ),
      );

  expect(shape(aHostileReport())).toEqual(shape(aHostileReport('harmless')));
});

test('a Mermaid block is drawn as a chart and a diff is coloured', () => {
  const [first] = aReport().proposals;
  const page = indexOf(aReport(), `${first?.publication.page}.html`);

  expect(page).not.toContain('xychart-beta');
  expect(page).toContain('GPUs after this change: 3');
  expect(page).toContain('<span class="removed">-  replicas: 6</span>');
  expect(page).toContain('<span class="added">+  replicas: 3</span>');
});

test('a page tells how to fetch its branch, and quotes a path with spaces for the shell', () => {
  const report = aReport({ forgeDirectory: `/home/ana's fleet/forge.git` });
  const [first] = report.proposals;

  expect(indexOf(report, `${first?.publication.page}.html`)).toContain(
    `git fetch &#39;/home/ana&#39;\\&#39;&#39;s fleet/forge.git&#39; ${first?.publication.branch}`,
  );
});

test('a scan that found nothing still has an index that says so', () => {
  const none = dollars(0);
  const report = aReport({
    proposals: [],
    heldBack: [],
    verdicts: [],
    problems: [],
    closedBranches: [],
    leftAloneBranches: [],
    costPerDay: { currency: none.currency, days: [], series: [] },
    coverage: aCoverage({
      effectiveTotal: none,
      effectiveToWorkloads: none,
      effectiveIdle: none,
      effectiveUnattributed: none,
      gpuHoursTotal: 0,
      gpuHoursToWorkloads: 0,
      gpuHoursIdle: 0,
      gpuHoursUnattributed: 0,
    }),
  });
  const pages = renderPages(report);

  expect([...pages.keys()]).toEqual(['index.md', 'index.html']);
  expect(pages.get('index.html')).toContain('No proposals');
  expect(pages.get('index.html')).toContain('<b>unknown</b><span>of the bill attributed');
  expect(pages.get('index.html')).not.toContain('NaN');
});
