// Runs before `npm run demo` and `npm test`: installs the locked dependencies when they are missing or out of date.
// Plain JavaScript without dependencies, because nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Flyball needs Node.js 20.19 or newer; this is ${process.version}. Install it from https://nodejs.org.`,
  );
  process.exit(1);
}

const stamp = 'node_modules/.flyball-lock-digest';
const digest = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
const isCurrent = existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
if (!isCurrent) {
  console.error('Installing the locked dependencies (npm ci) …');
  // npm sets npm_execpath to its own script: running that with this Node avoids a shell and npm.cmd on Windows.
  const npm = process.env.npm_execpath;
  const [command, prefix] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const result = spawnSync(command, [...prefix, 'ci', '--no-audit', '--no-fund'], { stdio: ['ignore', 2, 2] });
  if (result.status !== 0) {
    console.error('npm ci failed: see above. Is the npm registry reachable?');
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, digest);
}
