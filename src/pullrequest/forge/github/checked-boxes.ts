/** What a box on the dashboard asks for one branch. */
export const boxActions = ['rebase', 'reopen', 'open-now'] as const;
export type BoxAction = (typeof boxActions)[number];

export interface CheckedBoxes {
  readonly rescan: boolean;
  readonly branches: readonly { readonly action: BoxAction; readonly branch: string }[];
}

/** An empty box. Two hyphens would end the comment for some readers. */
export function emptyBox(asked: { readonly action: BoxAction; readonly branch: string } | 'rescan'): string {
  if (asked === 'rescan') return '- [ ] <!-- flyball:rescan -->';
  return `- [ ] <!-- flyball:${asked.action} ${asked.branch.replaceAll('--', '-%2D')} -->`;
}

/** The boxes that a person checked. Only a dashboard that the App wrote may be given. */
export function readCheckedBoxes(body: string): CheckedBoxes {
  const branches: { action: BoxAction; branch: string }[] = [];
  let rescan = false;
  for (const line of body.split(/\r?\n/)) {
    const match = /^- \[[xX]\] <!-- flyball:([a-z-]+)(?: (flyball\/[A-Za-z0-9._/%-]+))? -->/.exec(line);
    if (match?.[1] === 'rescan') rescan = true;
    const action = boxActions.find((known) => known === match?.[1]);
    const branch = match?.[2]?.replaceAll('%2D', '-');
    if (action !== undefined && branch !== undefined) branches.push({ action, branch });
  }
  return { rescan, branches };
}
