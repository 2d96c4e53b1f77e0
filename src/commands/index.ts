export { commandHelp, type Command } from './command.ts';
export { parseComment } from './parse-comment.ts';
