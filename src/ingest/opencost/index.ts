export { fetchAllocations, type AllocationServer } from './fetch-allocations.ts';
