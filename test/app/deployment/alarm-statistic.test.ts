import { describe, expect, it } from 'vitest';
import { statisticFor } from '../../../shared/app/deployment/alarm-statistic.js';
import { deploymentWith } from '../../support/deployments.js';

describe('the statistic of an alarm', () => {
  const alarm = { statistics: ['Sum', 'Value', 'Maximum'] };
  it.each([
    ['the best that the metric has', ['Average', 'Minimum', 'Maximum', 'Sum'], 'Sum'],
    ['the next where it has not the best', ['Maximum', 'Value'], 'Value'],
    ['none where it has none of them', ['Average', 'Value2'], undefined],
    ['none where nothing is known of it', [], undefined],
  ])('is %s', (_, known, expected) => {
    expect(statisticFor(alarm, known)).toBe(expected);
  });
});

describe('the alarms of the project', () => {
  const { alarms } = deploymentWith({ LEASEHOLD_ALARM_CONTACTS: 'on-call' });
  it('ring at something or nothing of a count, where its sum and its most say the same; of a duration no sum is taken', () => {
    for (const { metric, threshold, comparison, statistics } of alarms) {
      if (statistics.includes('Sum'))
        expect([metric, comparison, threshold]).toEqual([
          metric,
          ...(comparison === 'LessThanThreshold' ? [comparison, 1] : ['GreaterThanThreshold', 0]),
        ]);
      expect(statistics.includes('Sum')).toBe(!metric.endsWith('Duration'));
      expect(statistics).not.toContain('Average');
      expect(statistics).toContain('Value');
    }
  });
});
