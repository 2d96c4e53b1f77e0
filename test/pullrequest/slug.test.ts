import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { workloadId } from '../../src/domain/index.ts';
import { branchName, workloadSlug } from '../../src/pullrequest/index.ts';
import { aWorkload, hostileText } from '../builders.ts';

const part = fc.oneof(
  fc.constantFrom('a', 'a-b', 'a.b', 'A', 'a_b', '..', 'x.lock', '', '-', 'é', hostileText),
  fc.string({ maxLength: 80, unit: 'binary' }),
);
const key = fc
  .record({ cluster: part, namespace: part, kind: part, name: part })
  .filter((names) => Object.values(names).every((name) => Buffer.from(name).toString() === name));

test('an ordinary workload keeps its names', () => {
  expect(branchName(aWorkload(), 'scale-down')).toBe('flyball/prod_inference_Deployment_clip-server/scale-down');
});

test('names that only differ in what a ref cannot hold have different slugs', () => {
  fc.assert(
    fc.property(key, key, (left, right) => {
      const slug = (names: typeof left): string => workloadSlug({ ...names, id: workloadId(names) });

      expect(slug(left) === slug(right)).toBe(workloadId(left) === workloadId(right));
    }),
  );
});

test('every slug is one safe component of a ref and of a path', () => {
  fc.assert(
    fc.property(key, (names) => {
      const slug = workloadSlug({ ...names, id: workloadId(names) });

      expect(slug).toMatch(/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/);
      expect(slug).not.toMatch(/\.\.|\.lock$/);
      expect(slug.length).toBeLessThanOrEqual(163);
    }),
  );
});

test('git accepts the branch of a hostile workload', () => {
  const names = { cluster: hostileText, namespace: '..', kind: 'a.lock', name: '-' };
  const branch = branchName(aWorkload({ ...names, id: workloadId(names) }), 'pause');

  expect(execFileSync('git', ['check-ref-format', '--branch', branch], { encoding: 'utf8' }).trim()).toBe(branch);
});
