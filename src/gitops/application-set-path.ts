import path from 'node:path';
import type { Parameters, TemplateLanguage } from './application-set-template.ts';
import type { Origin, Tracked, TrackedMap, TrackedScalar } from './tracked.ts';

/** Adds what the folder and file are called: a tree for Go templates, flat keys for the others. */
export function withPath(
  parameters: Parameters,
  at: { readonly folder: string; readonly file: string | undefined },
  options: { readonly prefix: string | undefined; readonly language: TemplateLanguage },
): Parameters {
  const { prefix, language } = options;
  const origin: Origin = {
    ...parameters.origin,
    obstacle: { reason: 'unsupported-value', detail: 'it is made from the path of a file' },
  };
  const scalar = (value: string): TrackedScalar => ({ kind: 'scalar', value, style: 'plain', origin });
  const map = (entries: readonly (readonly [string, Tracked])[]): TrackedMap => ({
    kind: 'map',
    entries: new Map(entries),
    origin,
  });
  const basename = path.posix.basename(at.folder);
  const segments = at.folder.split('/');
  const filename = at.file === undefined ? undefined : path.posix.basename(at.file);
  const names: readonly (readonly [string, string])[] = [
    ['basename', basename],
    ['basenameNormalized', normalized(basename)],
    ...(filename === undefined
      ? []
      : ([
          ['filename', filename],
          ['filenameNormalized', normalized(filename)],
        ] as const)),
  ];
  const entries = new Map(parameters.entries);
  if (language.isGo) {
    const fields = [
      ['path', scalar(at.folder)] as const,
      ...names.map(([key, value]) => [key, scalar(value)] as const),
    ];
    const list: Tracked = { kind: 'list', items: segments.map(scalar), origin };
    const tree = map([...fields, ['segments', list]]);
    if (prefix === undefined) entries.set('path', tree);
    else entries.set(prefix, map([['path', tree]]));
  } else {
    const stem = prefix === undefined ? 'path' : `${prefix}.path`;
    entries.set(stem, scalar(at.folder));
    for (const [key, value] of names) entries.set(`${stem}.${key}`, scalar(value));
    for (const [index, segment] of segments.entries()) entries.set(`${stem}[${index}]`, scalar(segment));
  }
  return { ...parameters, entries };
}

/** Argo CD makes names of DNS labels so: lower case, every other character a dash. */
function normalized(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '-')
    .replaceAll(/[_.]/g, '-')
    .replace(/^-+/, '')
    .slice(0, 253);
}
