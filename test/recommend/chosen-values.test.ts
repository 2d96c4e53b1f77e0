import { expect, test } from 'vitest';
import { withChosenValues } from '../../src/recommend/index.ts';
import { aChange, aProposal, aSaving, dollars } from '../builders.ts';

const saving = aSaving({ low: dollars(200), likely: dollars(300), high: dollars(400) });
const from6To3 = aProposal({ changes: [aChange({ lever: 'replicas', from: 6, to: 3 })], saving });

test('a number that a person chose is proposed, with the saving in proportion', () => {
  const chosen = withChosenValues(from6To3, [{ lever: 'replicas', value: 4 }]);
  expect(chosen).toMatchObject({
    kind: 'proposal',
    proposal: {
      changes: [{ from: 6, to: 4 }],
      saving: { likely: dollars('200') },
      reason: expect.stringMatching(/a person set replicas to 4 instead of 3$/),
    },
  });
});

test('another value is another change, and the same one is the same', () => {
  const of = (value: number) => withChosenValues(from6To3, [{ lever: 'replicas', value }]);
  const fingerprintOf = (value: number): unknown => {
    const chosen = of(value);
    return chosen.kind === 'proposal' ? chosen.proposal.fingerprint : chosen.detail;
  };
  expect(fingerprintOf(4)).toBe(fingerprintOf(4));
  expect(fingerprintOf(4)).not.toBe(fingerprintOf(5));
});

test.each([
  [{ lever: 'replicas', value: 7 }, 'replicas was set to 7, and it is 6: that is no decrease'],
  [{ lever: 'replicas', value: 6 }, 'replicas was set to 6, and it is 6: that is no decrease'],
  [{ lever: 'replicas', value: -1 }, 'replicas was set to -1, which is no whole number from 0 on'],
  [{ lever: 'replicas', value: 'many' }, 'replicas was set to "many", which is no whole number from 0 on'],
  [{ lever: 'suspend', value: true }, 'suspend was set, and this change does not move it'],
] as const)('%j is refused', (value, detail) => {
  expect(withChosenValues(from6To3, [value])).toEqual({ kind: 'refused', detail });
});

test('a lever that holds no number cannot be set', () => {
  const pause = aProposal({ changes: [aChange({ lever: 'suspend', from: false, to: true })] });
  expect(withChosenValues(pause, [{ lever: 'suspend', value: false }])).toMatchObject({ kind: 'refused' });
});
