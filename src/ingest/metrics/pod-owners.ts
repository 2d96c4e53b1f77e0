/**
 * Fills `pod_owner` from the labels of kube-state-metrics: who made a pod, through its ReplicaSet, and on which node it
 * ran. A pod that two owners claim has none.
 */
export const podOwnerSql = `
  INSERT INTO pod_owner BY NAME
  WITH labelled AS (
    SELECT metric, coalesce(cluster, $cluster) AS cluster, coalesce(exported_namespace, namespace, '') AS namespace,
      coalesce(exported_pod, pod, '') AS pod, replicaset, owner_kind, owner_name, node
    FROM metric_series WHERE metric IN ('kube_pod_owner', 'kube_replicaset_owner', 'kube_pod_info')),
  replica_set AS (
    SELECT cluster, namespace, replicaset, any_value(owner_kind) AS owner_kind, any_value(owner_name) AS owner_name
    FROM labelled WHERE metric = 'kube_replicaset_owner' AND replicaset IS NOT NULL AND owner_kind <> '<none>'
    GROUP BY ALL HAVING count(DISTINCT (owner_kind, owner_name)) = 1),
  pod_node AS (
    SELECT cluster, namespace, pod, any_value(node) AS node
    FROM labelled WHERE metric = 'kube_pod_info' AND node IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT node) = 1),
  owned AS (
    SELECT cluster, namespace, pod, any_value(owner_kind) AS owner_kind, any_value(owner_name) AS owner_name
    FROM labelled WHERE metric = 'kube_pod_owner' AND pod <> '' AND owner_kind <> '<none>' AND owner_name IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT (owner_kind, owner_name)) = 1)
  SELECT $source_id AS source_id, cluster, namespace, pod,
    coalesce(replica_set.owner_kind, owned.owner_kind, '')
      AS owner_kind,
    coalesce(replica_set.owner_name, owned.owner_name, '')
      AS owner_name,
    coalesce(node, '') AS node
  FROM owned FULL JOIN pod_node USING (cluster, namespace, pod)
    LEFT JOIN replica_set ON replica_set.cluster = owned.cluster AND replica_set.namespace = owned.namespace
      AND owned.owner_kind = 'ReplicaSet' AND replica_set.replicaset = owned.owner_name`;
