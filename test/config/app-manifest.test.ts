import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';

const text = await readFile('app.yml', 'utf8');
const document = parseDocument(text);

test('the App asks for these permissions and nothing else', () => {
  expect(document.errors).toEqual([]);
  expect(document.toJS()).toMatchObject({ public: false });
  expect((document.toJS() as { default_permissions: unknown }).default_permissions).toEqual({
    contents: 'write',
    pull_requests: 'write',
    issues: 'write',
    checks: 'write',
    metadata: 'read',
  });
});

test('the App listens to these events and nothing else', () => {
  expect((document.toJS() as { default_events: unknown }).default_events).toEqual([
    'push',
    'pull_request',
    'issue_comment',
    'issues',
    'repository_dispatch',
    'check_run',
    'check_suite',
  ]);
});

test('every permission and event has its reason in the line above', () => {
  const lines = text.split('\n');
  const offsets: number[] = [];
  const permissions: unknown = document.get('default_permissions');
  const events: unknown = document.get('default_events');
  if (isMap(permissions)) for (const { key } of permissions.items) if (isScalar(key)) offsets.push(key.range?.[0] ?? 0);
  if (isSeq(events)) for (const item of events.items) if (isScalar(item)) offsets.push(item.range?.[0] ?? 0);

  expect(offsets).toHaveLength(12);
  for (const offset of offsets) {
    const line = text.slice(0, offset).split('\n').length;
    expect(lines[line - 2]).toMatch(/^ +# .{20,}/);
  }
});

test('no secret, and no field outside the manifest of a GitHub App', () => {
  expect(Object.keys(document.toJS() as object).toSorted()).toEqual([
    'default_events',
    'default_permissions',
    'description',
    'hook_attributes',
    'name',
    'public',
    'redirect_url',
    'request_oauth_on_install',
    'setup_on_update',
    'url',
  ]);
});
