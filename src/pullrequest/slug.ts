import { createHash } from 'node:crypto';
import type { ProposalAction, Workload, WorkloadKey } from '../domain/index.ts';

/** All branches of Flyball, and nothing else, are below this. */
export const branchPrefix = 'flyball/';

/** With the action, an extension and Git's `.lock` behind it, a slug must stay below the 255 bytes of a file name. */
const plainLengthMax = 160;
const slugPart = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
const slugKind = /^[A-Z][A-Za-z0-9]*$/;

/**
 * The workload's name as one component of a Git ref and as a file name: `prod_inference_Deployment_clip-server`.
 * Parts that are no DNS names are cleaned, and a digest of the whole id is added after a fourth `_`; a slug without one
 * has three. So two workloads never have the same slug.
 */
export function workloadSlug(workload: WorkloadKey & { readonly id: string }): string {
  const { cluster, namespace, kind, name } = workload;
  const isPlain =
    slugKind.test(kind) &&
    cluster.length + namespace.length + kind.length + name.length <= plainLengthMax &&
    [cluster, namespace, name].every((part) => !/\.\.|\.lock$/.test(part)) &&
    [cluster, namespace, name].every((part) => slugPart.test(part));
  const parts = [cluster, namespace, kind, name].map((part) => (isPlain ? part : cleanPart(part))).join('_');
  return isPlain ? parts : `${parts}_${createHash('sha256').update(workload.id).digest('hex').slice(0, 12)}`;
}

function cleanPart(part: string): string {
  const cleaned = part
    .slice(0, plainLengthMax)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 30)
    .replace(/^-+|-+$/g, '');
  return cleaned === '' ? 'x' : cleaned;
}

/** `flyball/prod_inference_Deployment_clip-server/scale-down`: one branch a workload and action. */
export function branchName(workload: Workload, action: ProposalAction): string {
  return `${branchPrefix}${workloadSlug(workload)}/${action}`;
}

/** File name of a proposal's page, without its extension. */
export function pageName(workload: Workload, action: ProposalAction): string {
  return `${workloadSlug(workload)}_${action}`;
}
