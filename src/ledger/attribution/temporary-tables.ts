import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * Who a cost or a GPU-hour goes to, as a number in the temporary tables: the workload's index in the inventory, or one
 * of these.
 */
export const idleTarget = -1;
export const unattributedTarget = -2;

const tables = [
  'attr_pod',
  'attr_slot',
  'attr_node',
  'attr_node_key',
  'attr_charge',
  'attr_tag',
  'attr_share',
  'attr_machine',
  'attr_cell',
  'attr_use',
  'attr_workload',
  'attr_day',
] as const;

/** Drops what one attribution made; every step makes its own tables anew. */
export async function dropTemporaryTables(connection: DuckDBConnection): Promise<void> {
  for (const table of tables) await connection.run(`DROP TABLE IF EXISTS temp.${table}`);
}
