// Makes test/github/contract/api.github.com.json.gz: GitHub's published description of its REST API and webhooks, without
// what only people read. The package holds every edition, 385 MB; the tests need one, without prose 2 % of it.
// Run: node scripts/make-github-description.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const version = '23.0.2';
const edition = 'api.github.com';
const target = path.join(import.meta.dirname, `../test/github/contract/${edition}.json.gz`);

/** Keywords that check nothing, where their value is prose or a sample; a property of such a name is kept. */
const prose = new Map([
  ['description', 'string'],
  ['summary', 'string'],
  ['example', undefined],
  ['examples', undefined],
  ['externalDocs', 'object'],
  ['x-github', 'object'],
  ['tags', 'object'],
]);

/** Below these keywords the keys are names that the API chose, such as a property called `description`. */
const namesBelow = new Set([
  'properties',
  'patternProperties',
  'schemas',
  'parameters',
  'responses',
  'headers',
  'paths',
  'x-webhooks',
]);

function withoutProse(value, isNames) {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item, false));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key, item]) => {
    if (isNames || !prose.has(key)) return true;
    const type = prose.get(key);
    return type !== undefined && typeof item !== type;
  });
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutProse(item, !isNames && namesBelow.has(key))]));
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'github-description-'));
try {
  execFileSync('npm', ['pack', '--silent', `@octokit/openapi@${version}`], { cwd: folder });
  execFileSync(
    'tar',
    ['-xzf', `octokit-openapi-${version}.tgz`, `package/generated/${edition}.json`, 'package/LICENSE'],
    { cwd: folder },
  );
  const whole = JSON.parse(readFileSync(path.join(folder, `package/generated/${edition}.json`), 'utf8'));
  const description = {
    openapi: whole.openapi,
    'x-source': `@octokit/openapi ${version}, generated/${edition}.json`,
    info: { title: whole.info.title, version: whole.info.version, license: whole.info.license },
    paths: withoutProse(whole.paths, true),
    'x-webhooks': withoutProse(whole['x-webhooks'], true),
    components: withoutProse(whole.components, false),
  };
  writeFileSync(target, gzipSync(JSON.stringify(description), { level: 9 }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
