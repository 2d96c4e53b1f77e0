import { dayMs, epochMs, type EpochMs } from '../../domain/index.ts';
import {
  listOwnPulls,
  onGitHub,
  readHiddenReply,
  readOwnIssue,
  recordDecision,
  withHiddenReply,
  type GitHubRepository,
  type OwnPull,
} from '../../pullrequest/index.ts';
import { decide } from '../decide.ts';
import type { CommandFacts } from '../facts.ts';
import { parseComment, type CommandLine } from '../parse-comment.ts';
import { answerQuestion, replyText, type LineAnswer } from '../reply.ts';

export interface AnswerOptions {
  readonly repository: GitHubRepository;
  readonly facts: CommandFacts;
  readonly now: EpochMs;
}

export interface AnsweredComments {
  readonly answered: number;
  /** Branches that people asked to be made anew. */
  readonly rebase: ReadonlySet<string>;
}

interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly by: string;
  readonly at: EpochMs;
  readonly body: string;
}

/** Older comments were answered, or nobody waits for an answer any more. */
const answeredWithinDays = 14;

/**
 * Answers every command in comments on the App's own pull requests and its dashboard: carries out what it asks, once, and
 * writes one reply. Comments of bots, edited ones and quoted lines are no commands; of people without write access they
 * are refused with the reason. A run that ends halfway is completed by the next: decisions are recorded by comment, and a
 * reply is found by its marker. @throws ProblemError GITHUB_REQUEST_FAILED
 */
export async function answerComments(options: AnswerOptions): Promise<AnsweredComments> {
  const { repository, now } = options;
  return onGitHub(repository, async () => {
    const { comments, answered } = await listComments(repository, now);
    const rebase = new Set<string>();
    const open = comments.filter(({ id }) => !answered.has(id));
    if (open.length === 0) return { answered: 0, rebase };
    const pulls = new Map((await listOwnPulls(repository)).map((pull) => [pull.number, pull]));
    const dashboard = await readOwnIssue(repository, 'dashboard');
    let count = 0;
    for (const comment of open) {
      const pull = pulls.get(comment.issue);
      if (pull === undefined && comment.issue !== dashboard?.number) continue;
      await answer(comment, { ...options, pull, rebase });
      count += 1;
    }
    return { answered: count, rebase };
  });
}

async function listComments(
  { octokit, owner, name, login }: GitHubRepository,
  now: EpochMs,
): Promise<{ readonly comments: readonly Comment[]; readonly answered: ReadonlySet<number> }> {
  const comments: Comment[] = [];
  const answered = new Set<number>();
  const since = new Date(now - answeredWithinDays * dayMs).toISOString();
  const query = { owner, repo: name, sort: 'created', direction: 'asc', since, per_page: 100 } as const;
  for await (const { data } of octokit.paginate.iterator(octokit.rest.issues.listCommentsForRepo, query)) {
    for (const { id, user, body = '', issue_url: issueUrl, created_at: createdAt, updated_at: updatedAt } of data) {
      if (user?.login === login) {
        const replied = readHiddenReply(body);
        if (replied !== undefined) answered.add(replied);
        continue;
      }
      const isEdited = createdAt !== updatedAt;
      if (user === null || user === undefined || user.type === 'Bot' || isEdited) continue;
      if (parseComment(body).lines.length === 0) continue;
      const issue = Number(issueUrl.slice(issueUrl.lastIndexOf('/') + 1));
      comments.push({ id, issue, by: user.login, at: epochMs(Date.parse(createdAt)), body });
    }
  }
  return { comments, answered };
}

async function answer(
  comment: Comment,
  context: AnswerOptions & { readonly pull: OwnPull | undefined; readonly rebase: Set<string> },
): Promise<void> {
  const { repository } = context;
  const { octokit, owner, name } = repository;
  const at = { owner, repo: name };
  await octokit.rest.reactions.createForIssueComment({ ...at, comment_id: comment.id, content: 'eyes' });
  const parsed = parseComment(comment.body);
  const mayWrite = await hasWriteAccess(repository, comment.by);
  const answers: LineAnswer[] = [];
  for (const line of parsed.lines) answers.push(await answerLine(line, comment, { ...context, mayWrite }));
  const body = withHiddenReply(replyText(comment.by, answers, parsed.leftOut), comment.id);
  await octokit.rest.issues.createComment({ ...at, issue_number: comment.issue, body, request: { retries: 0 } });
  const content = answers.every(({ isDone }) => isDone) ? '+1' : 'confused';
  await octokit.rest.reactions.createForIssueComment({ ...at, comment_id: comment.id, content });
}

async function hasWriteAccess({ octokit, owner, name }: GitHubRepository, username: string): Promise<boolean> {
  try {
    const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({ owner, repo: name, username });
    return data.permission === 'admin' || data.permission === 'write' || data.permission === 'maintain';
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 404) return false;
    throw error;
  }
}

async function answerLine(
  line: CommandLine,
  { by, at }: Comment,
  context: AnswerOptions & {
    readonly pull: OwnPull | undefined;
    readonly rebase: Set<string>;
    readonly mayWrite: boolean;
  },
): Promise<LineAnswer> {
  if (line.kind === 'mistake') return { quoted: line.text, isDone: false, text: line.message };
  const { command } = line;
  const { repository, facts, pull, rebase, mayWrite } = context;
  const quoted = `/flyball ${command.name}`;
  if (command.name !== 'help' && !mayWrite) {
    return { quoted, isDone: false, text: 'Only people who may write to this repository can ask for it.' };
  }
  const question = answerQuestion(command, facts, pull?.branch);
  if (question !== undefined) return { quoted, ...question };
  if (command.name === 'rescan') return { quoted, isDone: true, text: 'The repository was scanned now.' };
  if (pull === undefined) return { quoted, isDone: false, text: 'It belongs to a pull request: write it there.' };
  if (command.name === 'rebase' || command.name === 'recreate') {
    rebase.add(pull.branch);
    const text =
      command.name === 'rebase'
        ? 'The branch is made anew on the newest commit.'
        : 'The branch is made anew, unless a person pushed to it: drop their commits first.';
    return { quoted, isDone: true, text };
  }
  const decision = decide(command, { by, at });
  if (decision === undefined || typeof decision === 'string') {
    return { quoted, isDone: false, text: decision ?? 'It cannot be carried out here.' };
  }
  await recordDecision(repository, pull.number, decision);
  return { quoted, isDone: true, text: 'Done; the pull request follows in this scan.' };
}
