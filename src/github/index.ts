export { type GitHubApp, type GitHubAppOptions, type InstalledRepository, makeGitHubApp } from './app-client.ts';
