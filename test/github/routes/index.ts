import type { Route } from '../http/exchange.ts';
import { appRoutes } from './apps.ts';
import { contentRoutes } from './contents.ts';
import { gitDataRoutes } from './git-data.ts';
import { refRoutes } from './refs.ts';
import { repositoryRoutes } from './repositories.ts';

/** Every operation that the server has. */
export const allRoutes: readonly Route[] = [
  ...appRoutes,
  ...contentRoutes,
  ...gitDataRoutes,
  ...refRoutes,
  ...repositoryRoutes,
];
