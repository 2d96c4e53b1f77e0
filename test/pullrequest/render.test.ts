import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { proposalActions } from './actions.ts';
import { readHiddenMarker, renderPullRequest } from '../../src/pullrequest/index.ts';
import { aFinding, aPolicyVerdict, aProposal, hostileText } from '../builders.ts';
import { aContext, aHostileContext, aHostileProposal, proposals } from './worlds.ts';

const golden = '../fixtures/pullrequest/golden';
const markdown = new MarkdownIt({ html: true });

/** The shape of a body: every block and inline element, without their texts. */
function skeleton(body: string): readonly string[] {
  return markdown.parse(body, {}).flatMap((token) => {
    const inline = (token.children ?? [])
      .map(({ type }) => type)
      .filter((type) => !/^(text|code_inline|softbreak)$/.test(type));
    const html = token.type === 'html_block' ? token.content.replace(/ \{.*\} /s, ' ').trim() : '';
    return [`${token.type} ${token.info} ${html}`].concat(inline);
  });
}

describe.each(proposalActions)('a proposal to %s', (action) => {
  const proposal = proposals[action];
  const pullRequest = renderPullRequest(proposal, aContext());

  test('is the reviewed pull request', async () => {
    await expect(pullRequest.body).toMatchFileSnapshot(`${golden}/${action}.md`);
    await expect(
      `${pullRequest.title}\n${pullRequest.branch}\n${pullRequest.labels.join(', ')}\n\n${pullRequest.commitMessage}`,
    ).toMatchFileSnapshot(`${golden}/${action}.commit.txt`);
  });

  test('is rendered to the same bytes twice', () => {
    expect(renderPullRequest(proposal, aContext())).toEqual(pullRequest);
  });

  test('can be recognised by the next scan', () => {
    expect(readHiddenMarker('proposal', pullRequest.body)).toMatchObject({
      fingerprint: proposal.fingerprint,
      action,
      commit: aContext().repository.commit,
    });
  });
});

test('hostile names, labels, paths and messages leave the shape of the body as it is', () => {
  const harmless = renderPullRequest(aHostileProposal('harmless'), aHostileContext('harmless'));
  const hostile = renderPullRequest(aHostileProposal(), aHostileContext());

  expect(skeleton(hostile.body)).toEqual(skeleton(harmless.body));
});

test('any text leaves the shape of the body as it is', () => {
  const shape = skeleton(renderPullRequest(aHostileProposal('harmless'), aHostileContext('harmless')).body);
  const part = fc.oneof(
    fc.constantFrom(...hostileText.split(' '), '\n', '|', '`'),
    fc.string({ unit: 'binary', maxLength: 6 }),
  );

  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
      const text = parts.join(' ');
      const body = renderPullRequest(aHostileProposal(`x${text}`), aHostileContext(`x${text}`)).body;

      expect(skeleton(body)).toEqual(shape);
    }),
    { numRuns: 60 },
  );
});

test('no invisible or reordering character of a hostile world reaches the body, the title or the commit message', () => {
  const { title, body, commitMessage, branch } = renderPullRequest(aHostileProposal(), aHostileContext());

  expect(body).not.toMatch(/[^\n\P{Cc}]|[\u200b\u202a-\u202e]/u);
  expect(title).toMatch(/^[\x20-\x7e→…]+$/);
  expect(title.length).toBeLessThanOrEqual(256);
  expect(`${title}${commitMessage}`).not.toMatch(/[@#<>[\]]/);
  expect(branch).toMatch(/^flyball\/[A-Za-z0-9._-]+\/[a-z-]+$/);
});

test('the trailers are what git reads as trailers', () => {
  for (const proposal of [...Object.values(proposals), aHostileProposal('a: b\n---\nSigned-off-by: x <x@y>')]) {
    const { commitMessage } = renderPullRequest(proposal, aContext());
    const trailers = execFileSync('git', ['interpret-trailers', '--parse'], { input: commitMessage, encoding: 'utf8' });

    const keys = trailers
      .trim()
      .split('\n')
      .map((line) => line.split(':')[0]);
    expect(keys).toEqual(['Flyball-Proposal', 'Flyball-Data', 'Flyball-Model', 'Flyball-Policy']);
    expect(trailers).toContain(`Flyball-Proposal: ${proposal.fingerprint}\n`);
  }
});

test('a body too long for GitHub loses its details first and never its marker', () => {
  const queries = [{ label: 'a long query', text: 'SELECT 1;\n'.repeat(8_000) }];
  const { body } = renderPullRequest(aProposal(), aContext({ queries }));

  expect(body.length).toBeLessThanOrEqual(65_536);
  expect(body).not.toContain('SELECT 1;');
  expect(body).toContain('### Alternatives considered');
  expect(body).toContain('Parts of this text are left out');
  expect(readHiddenMarker('proposal', body)).toBeDefined();
});

test('a body whose every part is as long and as hostile as can be still fits', () => {
  const evidence = Array.from({ length: 500 }, (_, index) => ({
    label: '`|'.repeat(5_000) + index,
    value: '\u202e'.repeat(5_000),
    source: '@ '.repeat(5_000),
  }));
  const { body } = renderPullRequest(
    {
      ...aHostileProposal('`|'.repeat(10_000)),
      evidence,
      findings: [aFinding({ evidence, summary: '| '.repeat(10_000) })],
      policyVerdicts: Array.from({ length: 100 }, () => aPolicyVerdict({ summary: '`@ '.repeat(10_000) })),
      alternatives: Array.from({ length: 100 }, () => ({
        change: '|'.repeat(9_000),
        savingPerMonth: undefined,
        whyNot: '',
      })),
    },
    aHostileContext('`'.repeat(300_000)),
  );

  expect(body.length).toBeLessThanOrEqual(65_536);
  expect(readHiddenMarker('proposal', body)).toBeDefined();
});

test('what else manages the workload is named where a reviewer looks for risks', () => {
  const managed = {
    ...aProposal().workload,
    alsoManagedBy: [{ kind: 'VerticalPodAutoscaler', name: 'clip`-vpa', fields: ['resources.requests'] }],
  };
  const { body } = renderPullRequest(aProposal({ workload: managed }), aContext());

  expect(body).toContain('manages the workload too (`resources.requests`): check that it does not undo');
  expect(body).toContain('VerticalPodAutoscaler clip');
});
