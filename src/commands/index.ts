export { parseComment } from './parse-comment.ts';
export { commandHelp, type Command } from './command.ts';
export type { CommandFacts } from './facts.ts';
export { answerComments } from './github/answer-comments.ts';
