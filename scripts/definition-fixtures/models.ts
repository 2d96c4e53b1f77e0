import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Schema } from './schema.ts';

/** The fields of a model by their names in YAML, each with its type as the model's language writes it. */
type ModelFields = ReadonlyMap<string, string>;

/** Generated models of a folder, by class name. */
export type Models = ReadonlyMap<string, string>;

/** Reads generated Python classes or TypeScript declarations below a folder. */
export async function readModels(folder: string): Promise<Models> {
  const names = (await readdir(folder)).filter((name) => /(?:\.py|\.d\.ts)$/.test(name));
  const files = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return new Map(files.flatMap((text) => classNames(text).map((name) => [name, text] as const)));
}

function classNames(text: string): readonly string[] {
  const found = text.matchAll(/^class (\w+)\(|^export interface (\w+)|\bas (I\w+)[, ]/gm);
  return [...found].map(([, python, declared, alias]) => python ?? declared ?? alias ?? '');
}

/**
 * The schema of a class. Its fields are read when they are asked for, so that only what a row reads is followed.
 * @throws Error when there is no such class.
 */
export function modelSchema(models: Models, className: string): Schema {
  if (!models.has(className)) throw new Error(`no model ${className}`);
  return typeSchema(models, className);
}

const scalars: ReadonlyMap<string, string> = new Map([
  ['str', 'string'],
  ['StrictStr', 'string'],
  ['string', 'string'],
  ['int', 'integer'],
  ['StrictInt', 'integer'],
  ['float', 'number'],
  ['number', 'number'],
  ['bool', 'boolean'],
  ['StrictBool', 'boolean'],
  ['boolean', 'boolean'],
]);

function typeSchema(models: Models, written: string): Schema {
  const type = /^Optional\[(.*)\]$/.exec(written)?.[1] ?? written;
  const scalar = scalars.get(type);
  if (scalar !== undefined) return { type: scalar };
  const item = /^(?:[Ll]ist\[|Array<)(.*)[\]>]$/.exec(type)?.[1];
  if (item !== undefined) return { type: 'array', items: typeSchema(models, item) };
  const value = /^[Dd]ict[[(]str, ?(.*)[\])]$/.exec(type)?.[1];
  if (value !== undefined) return { type: 'object', additionalProperties: typeSchema(models, value) };
  const text = models.get(type);
  return {
    type: 'object',
    get properties() {
      if (text === undefined) return undefined;
      return Object.fromEntries([...fieldsOf(text)].map(([name, field]) => [name, typeSchema(models, field)]));
    },
  };
}

function fieldsOf(text: string): ModelFields {
  const types = pairs(/openapi_types(?:: [^=\n]+)? = \{([^}]*)\}/.exec(text)?.[1]);
  const names = pairs(/attribute_map(?:: [^=\n]+)? = \{([^}]*)\}/.exec(text)?.[1]);
  if (types.size > 0) return new Map([...types].map(([name, type]) => [names.get(name) ?? name, type]));
  const declared = /^export interface [^{]+\{\n(.*?)^\}/ms.exec(text)?.[1];
  const lines =
    declared === undefined
      ? text.matchAll(/^ {4}(\w+): (.+?) = Field\((.*)$/gm)
      : declared.matchAll(/^ {4}"(\w+)"\??: (.+?);?$/gm);
  return new Map(
    [...lines].map(([, name = '', type = '', more = '']) => [/\balias="([^"]+)"/.exec(more)?.[1] ?? name, type]),
  );
}

function pairs(text = ''): ModelFields {
  return new Map(
    [...text.matchAll(/['"]([^'"]+)['"]: ['"]([^'"]+)['"]/g)].map(([, key = '', value = '']) => [key, value]),
  );
}
