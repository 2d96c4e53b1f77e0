import type { JsonSchema } from '../schema/index.ts';

/** A path that can be given to the file system as it is: no URL, no `~`, no NUL. */
export const localPath: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 4096,
  pattern: '^(?![A-Za-z][A-Za-z0-9+.-]*://)(?!~)[^\\u0000]+$',
  'x-expected': 'a path on this machine (no URL, no ~)',
};
