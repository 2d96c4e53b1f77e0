/** What the first pull request writes into `.github/flyball.yml`: nothing is set, and everything common is shown. */
export const starterRepositoryConfig = `# What the owners of this repository say to Flyball. It is read from the default branch only.
# Everything here has a default: remove the # of a line to change it.

# Folders that policies are read from.
# policies:
#   - clusters/prod/policies

# Workloads that are left alone, as cluster/namespace/Kind/name.
# ignore:
#   - prod/research/*/notebook-*

# Guards may be stricter than the operator's, and not laxer.
# guards:
#   minimumMonthlySavingUsd: 100
#   replicaReductionRatioMax: 0.5
#   openProposalsMax: 5

# How pull requests are opened.
# pullRequests:
#   newPerDayMax: 3
#   draftBelowConfidenceRatio: 0.5
#   labels:
#     - team/platform
#   reviewers:
#     - ana
#   dashboard: true
`;
