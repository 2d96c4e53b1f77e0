export { makeGitHubApp, makeTokenClient, type GitHubApp } from './app-client.ts';
