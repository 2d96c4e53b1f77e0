import path from 'node:path';
import type { CapacityPool, Lever, Workload } from './domain/index.ts';
import { kindCatalogue, openRepository, takeInventory, type Inventory } from './gitops/index.ts';
import { readOperatorConfig } from './operator-config.ts';
import { visibleText } from './pullrequest/index.ts';
import { plainTable } from './report/index.ts';
import { writeProblems } from './terminal-problems.ts';
import { exitCodes, repositoryLocation, type ExitCode, type Terminal } from './terminal.ts';
import { terminalProgress } from './terminal-progress.ts';
import { version } from './version.ts';

export interface InventoryCommandOptions {
  readonly repo: string;
  readonly config?: string;
  readonly out: string;
  readonly json: boolean;
}

/** `flyball inventory`: every workload of a repository, its levers, and which line decides each, or why none may be changed. */
export async function inventoryCommand(options: InventoryCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const { config } = await readOperatorConfig(options.config, terminal.cwd);
  const progress = terminalProgress(terminal.stderr);
  const snapshot = await openRepository({
    location: repositoryLocation(options.repo, terminal),
    cacheDirectory: path.resolve(terminal.cwd, options.out, 'clones'),
  });
  progress.stage('reading manifests');
  const inventory = await takeInventory(snapshot, {
    clusters: config.clusters,
    kinds: kindCatalogue(config.kinds),
    cache: { folder: path.resolve(terminal.cwd, options.out, 'cache'), programVersion: version },
    progress,
  }).finally(() => progress.finish());
  const repository = { name: snapshot.name, branch: snapshot.branch, commit: snapshot.commit };
  if (options.json) terminal.stdout.write(`${JSON.stringify(inventoryJson(repository, inventory), null, 2)}\n`);
  else printInventory(inventory, terminal);
  return inventory.problems.some(({ severity }) => severity === 'error') ? exitCodes.inputHasErrors : exitCodes.done;
}

const head = ['Workload', 'Lever', 'Now', 'Decided by', 'Owner', 'Editable'];

function printInventory(inventory: Inventory, terminal: Terminal): void {
  const rows = [...inventory.workloads, ...inventory.capacity].flatMap((declared) =>
    declared.levers.map((lever) => leverRow(declared, lever).map((cell) => visibleText(cell))),
  );
  const levers = [...inventory.workloads, ...inventory.capacity].flatMap((declared) => declared.levers);
  const editable = levers.filter(({ field }) => field.kind === 'editable').length;
  const { templates, symbolicLinks, submodules } = inventory.filesSkipped;
  terminal.stdout.write(
    `${rows.length === 0 ? '' : `${plainTable(head, rows)}\n\n`}${inventory.workloads.length} workloads, ${inventory.capacity.length} pools of capacity, ${levers.length} levers, ${editable} editable; ` +
      `${inventory.filesListed} files, ${inventory.filesParsed} parsed; left out: ${templates} templates, ${symbolicLinks} symbolic links, ${submodules} submodules\n`,
  );
  writeProblems(inventory.problems, terminal.stderr);
}

function leverRow(declared: Workload | CapacityPool, lever: Lever): readonly string[] {
  const place = lever.field.kind === 'editable' ? lever.field.field : lever.field.place;
  return [
    [
      declared.cluster,
      declared.kind,
      [declared.namespace, declared.name].filter((part) => part !== undefined).join('/'),
    ].join(' '),
    lever.kind,
    lever.current === undefined ? '' : String(lever.current),
    place === undefined ? '' : `${place.path}:${place.line}`,
    lever.owner,
    editableText(lever),
  ];
}

function editableText({ field }: Lever): string {
  if (field.kind === 'not-editable') return `no: ${field.reason}`;
  return field.field.kind === 'present'
    ? `yes (${field.field.mechanism})`
    : `yes, by adding (${field.field.mechanism})`;
}

function inventoryJson(repository: object, inventory: Inventory): object {
  return {
    version: 1,
    repository,
    workloads: inventory.workloads.map((workload) => ({
      cluster: workload.cluster,
      namespace: workload.namespace,
      kind: workload.kind,
      name: workload.name,
      declaredIn: workload.declaredIn,
      replicas: workload.replicas ?? null,
      gpu:
        workload.gpu.kind === 'devices'
          ? { resourceName: workload.gpu.resourceName, perReplica: workload.gpu.perReplica }
          : null,
      instanceType: workload.instanceType ?? null,
      autoscaler: workload.autoscaler ?? null,
      alsoManagedBy: workload.alsoManagedBy,
      pausedBy: workload.pause ?? null,
      levers: workload.levers.map(leverJson),
    })),
    capacity: inventory.capacity.map(({ cluster, namespace, apiVersion, kind, name, declaredIn, pause, levers }) => ({
      cluster,
      namespace: namespace ?? null,
      apiVersion,
      kind,
      name,
      declaredIn,
      pausedBy: pause ?? null,
      levers: levers.map(leverJson),
    })),
    problems: inventory.problems,
    files: { listed: inventory.filesListed, parsed: inventory.filesParsed, skipped: inventory.filesSkipped },
  };
}

function leverJson({ kind, current, owner, field }: Lever): object {
  const base = { lever: kind, current: current ?? null, owner };
  if (field.kind === 'not-editable') {
    return { ...base, editable: false, reason: field.reason, detail: field.detail, place: field.place ?? null };
  }
  const { path: file, line, column, documentIndex, yamlPath, mechanism } = field.field;
  const added = field.field.kind === 'absent' ? field.field.insertion : null;
  return { ...base, editable: true, mechanism, place: { path: file, line, column }, documentIndex, yamlPath, added };
}
