import { openRepository, takeInventory } from '../src/gitops/index.ts';
const snapshot = await openRepository({ location: process.argv[2], cacheDirectory: '/tmp/bigcache' });
const t = performance.now();
const inventory = await takeInventory(snapshot);
console.log('inventory', inventory.workloads.length, inventory.filesParsed, performance.now() - t | 0, 'ms');
