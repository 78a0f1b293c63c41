/** Whether the documents of an amendment can be written one after the other without a gap. Pure. */
import type { Reason } from '../../domain/fact.js';
import { planConvergence } from '../role/plan-convergence.js';
import type { AccessPlan } from './plan-access.js';

/** A reason where rights would change places in a circle, so that one of them would be missing for a moment. */
export function amendmentOrderReasons(before: AccessPlan, after: AccessPlan): readonly Reason[] {
  const { roleName, maxSessionSeconds } = after;
  const same = { trust: '{"Statement":[],"Version":"1"}', maxSessionSeconds, tags: {} };
  const observed = {
    role: { name: roleName, id: '', arn: '', ...same },
    tags: same.tags,
    attachments: before.attachments,
    documents: Object.fromEntries(before.policies.map(({ name, text }) => [name, text])),
  };
  const { policies, attachments } = after;
  const wanted = { roleName, ...same, policies, attachments, approved: before.attachments, stops: [] };
  if (planConvergence(observed, wanted).every(({ kind }) => kind !== 'narrowDocument')) return [];
  const message =
    'rights would change places between policies, and one would be missing for a moment; amend in two steps';
  return [{ code: 'WOULD_INTERRUPT', pointer: '/data/grants', message }];
}
