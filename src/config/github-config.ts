import type { Problem } from '../domain/index.ts';
import { locate, toProblem, type YamlDocument } from '../schema/index.ts';
import type { OperatorConfig } from './operator-config.ts';
import { secretPlace } from './server-access.ts';

/** `github` as the schema lets it through. */
export interface ValidGitHub {
  readonly apiUrl?: string;
  readonly appId?: number;
  readonly privateKeyFile?: string;
  readonly privateKeyEnvironment?: string;
}

/** An App is its number and its key, once. */
export function checkGitHub(github: ValidGitHub, yaml: YamlDocument): readonly Problem[] {
  const { appId, privateKeyFile, privateKeyEnvironment } = github;
  const keys = [privateKeyFile, privateKeyEnvironment].filter((key) => key !== undefined).length;
  if ((appId === undefined && keys === 0) || (appId !== undefined && keys === 1)) return [];
  return [
    toProblem(yaml.source, {
      offset: locate(yaml.document, ['github']).valueOffset,
      code: 'CONFIG_INVALID',
      message: 'github needs appId and one of privateKeyFile and privateKeyEnvironment, or none of them',
      remedy: 'Name the App and where its key lies. See docs/configuration.md, "github".',
    }),
  ];
}

export function toGitHubConfig(
  { apiUrl, appId, privateKeyFile, privateKeyEnvironment }: ValidGitHub,
  absolute: (written: string) => string,
): OperatorConfig['github'] {
  const privateKey = secretPlace(privateKeyFile, privateKeyEnvironment, absolute);
  return {
    apiUrl,
    app: appId === undefined || privateKey === undefined ? undefined : { id: appId, privateKey },
  };
}
