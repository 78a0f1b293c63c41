/** Whether the documents of an amendment can be written one after the other without a gap. Pure. */
import type { Reason } from '../../domain/fact.js';
import { gaplessOrder } from '../role/plan-convergence.js';
import type { AccessPlan } from './plan-access.js';

/** A reason where rights would change places in a circle, so that one of them would be missing for a moment. */
export function amendmentOrderReasons(before: AccessPlan, after: AccessPlan): readonly Reason[] {
  const documents = Object.fromEntries(before.policies.map(({ name, text }) => [name, text]));
  const changed = after.policies.filter(({ name, text }) => name in documents && documents[name] !== text);
  if (gaplessOrder(changed, documents) !== undefined) return [];
  const message =
    'rights would change places between policies, and one would be missing for a moment; amend in two steps';
  return [{ code: 'WOULD_INTERRUPT', pointer: '/data/grants', message }];
}
