import { compareMoney, formatMoney, money, usd, type CostPolicy, type Problem } from '../domain/index.ts';
import { locate, toProblem, type ValuePath, type YamlDocument } from '../schema/index.ts';
import { thresholdMoney } from './threshold-money.ts';

const daysOfLongestMonth = 31n;

/** What a schema cannot say of one policy: thresholds that contradict each other, settings without effect. */
export function checkMeaning(policy: CostPolicy, yaml: YamlDocument): readonly Problem[] {
  const warn = (path: ValuePath, code: Problem['code'], message: string, remedy: string): Problem =>
    toProblem(yaml.source, {
      offset: locate(yaml.document, path).valueOffset,
      code,
      severity: 'warning',
      message,
      remedy,
    });
  const problems: Problem[] = [];
  const { dailyUsd, monthlyUsd, forecast, action } = policy;
  if (dailyUsd !== undefined && monthlyUsd !== undefined) {
    const contradiction = describeContradiction(dailyUsd, monthlyUsd);
    if (contradiction !== undefined) {
      const remedy = 'Change one of the two, or remove it. See docs/policies.md, "spec.costThreshold".';
      const path = ['spec', 'costThreshold', 'monthly'];
      problems.push(warn(path, 'POLICY_THRESHOLDS_CONTRADICT', contradiction, remedy));
    }
  }
  const forecastLimit = forecast === 'daily' ? dailyUsd : monthlyUsd;
  if (forecast !== undefined && forecastLimit === undefined) {
    const message = `spec.costThreshold.forecast is ${forecast}, and there is no ${forecast} threshold to judge it by`;
    const remedy = `Add spec.costThreshold.${forecast}, or remove forecast. See docs/policies.md, "spec.costThreshold.forecast".`;
    problems.push(warn(['spec', 'costThreshold', 'forecast'], 'POLICY_INVALID', message, remedy));
  }
  if (action.type === 'throttle' && action.replicaReductionPercentage === undefined) {
    const message = 'throttle without replicaReductionPercentage changes nothing: it only tells people';
    const remedy =
      'Add parameters: { replicaReductionPercentage: 25 }, or write type: notify. See docs/policies.md, "spec.actionOnExceed.parameters.replicaReductionPercentage".';
    problems.push(warn(['spec', 'actionOnExceed', 'type'], 'POLICY_INVALID', message, remedy));
  }
  return problems;
}

/** A threshold that can only be reached after the other one was broken never decides anything. */
function describeContradiction(dailyUsd: number, monthlyUsd: number): string | undefined {
  const daily = thresholdMoney(dailyUsd);
  const monthly = thresholdMoney(monthlyUsd);
  const monthAtDaily = money(daily.micros * daysOfLongestMonth, usd);
  if (compareMoney(monthly, monthAtDaily) > 0) {
    return `The monthly threshold of ${formatMoney(monthly)} never decides: ${daysOfLongestMonth} days at the daily threshold of ${formatMoney(daily)} are ${formatMoney(monthAtDaily)}`;
  }
  if (compareMoney(daily, monthly) > 0) {
    return `The daily threshold of ${formatMoney(daily)} never decides: it is more than the ${formatMoney(monthly)} of a whole month`;
  }
  return undefined;
}
