import type { JsonSchema } from '../schema/index.ts';
import { localPath } from './local-path.ts';
import { environmentVariable } from './metrics-source-schema.ts';

/** Whom `flyball scan --github` writes as. The key stands in a file or an environment variable. */
export const githubSchema: JsonSchema = {
  description: 'How Flyball reaches GitHub. Without appId the token in GITHUB_TOKEN is used.',
  type: 'object',
  additionalProperties: false,
  default: {},
  properties: {
    apiUrl: {
      description:
        'The REST API; of an Enterprise Server https://HOST/api/v3. Left out: GITHUB_API_URL, else github.com.',
      type: 'string',
      maxLength: 2048,
      pattern: '^https?://[^/?#@\\s]+(?:/[^?#\\s]*[^/?#\\s])?$',
      'x-expected': 'an http or https URL without a slash at its end',
      examples: ['https://github.example.com/api/v3'],
    },
    appId: {
      description: 'Number of the GitHub App, from its settings page.',
      type: 'integer',
      minimum: 1,
      maximum: 9_999_999_999,
      'x-unit': 'the number of an App',
      examples: [123456],
    },
    privateKeyFile: { ...localPath, description: 'The App’s private key, PEM.', examples: ['secrets/flyball.pem'] },
    privateKeyEnvironment: {
      ...environmentVariable,
      description: 'Environment variable that holds the private key.',
      examples: ['FLYBALL_PRIVATE_KEY'],
    },
  },
};
