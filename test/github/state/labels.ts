import { checkLength, validationFailed } from '../http/answer.ts';
import type { Label, Repository, World } from './world.ts';

export function findLabel(repository: Repository, name: string): Label | undefined {
  return repository.labels.get(name.toLowerCase());
}

/** Throws 422 when the repository has a label of that name, in whatever case. */
export function createLabel(
  world: World,
  repository: Repository,
  wanted: { readonly name: string; readonly color?: string; readonly description?: string | null },
): Label {
  if (findLabel(repository, wanted.name) !== undefined) {
    throw validationFailed({ resource: 'Label', code: 'already_exists', field: 'name' });
  }
  checkLength('Label', 'name', wanted.name, 50);
  checkLength('Label', 'description', wanted.description, 100);
  const color = wanted.color ?? 'ededed';
  if (!/^[0-9a-f]{6}$/i.test(color)) {
    throw validationFailed({ resource: 'Label', code: 'invalid', field: 'color' });
  }
  const label = { id: world.nextId(), name: wanted.name, color, description: wanted.description ?? null };
  repository.labels.set(label.name.toLowerCase(), label);
  return label;
}

/** The labels of these names; those that do not exist are made, as GitHub does when an issue is given one. */
export function ensureLabels(world: World, repository: Repository, names: readonly string[]): Label[] {
  return [...new Set(names)].map((name) => findLabel(repository, name) ?? createLabel(world, repository, { name }));
}

export function changeLabel(
  repository: Repository,
  label: Label,
  changes: { readonly new_name?: string; readonly color?: string; readonly description?: string },
): void {
  if (changes.new_name !== undefined) {
    const other = findLabel(repository, changes.new_name);
    if (other !== undefined && other !== label) {
      throw validationFailed({ resource: 'Label', code: 'already_exists', field: 'name' });
    }
    repository.labels.delete(label.name.toLowerCase());
    label.name = changes.new_name;
    repository.labels.set(label.name.toLowerCase(), label);
  }
  label.color = changes.color ?? label.color;
  label.description = changes.description ?? label.description;
}
