/** What can happen to contracts of several partners over the same resources. */
import fc from 'fast-check';
import { parseAccountId } from '../../../shared/domain/values.js';
import { PARTNER } from '../../support/requests.js';
import { FAULTS } from '../sweep/faults.js';
import { MEDDLINGS, type Meddling } from './meddle.js';

export const INSTANCES = ['alikafka_pre-cn-x1', 'alikafka_pre-cn-x2'] as const;
export const OTHER_PARTNER = parseAccountId('3000000000000003');
/** Two contracts of one partner, one of another. */
export const CONTRACTS = [
  { key: 'a', partner: PARTNER },
  { key: 'b', partner: PARTNER },
  { key: 'c', partner: OTHER_PARTNER },
] as const;

export const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What an approver says, if anybody must be asked: of leases longer than `LONGEST_UNASKED`. */
export type Answer = 'approved' | 'declined';
export const LONGEST_UNASKED = 30 * DAY;

export type Event =
  | {
      readonly what: 'onboard';
      readonly of: number;
      readonly rights: number;
      readonly startsIn: number;
      readonly lasts: number;
      readonly answer: Answer;
    }
  | {
      readonly what: 'amend';
      readonly of: number;
      readonly rights: number;
      readonly lasts: number;
      readonly answer: Answer;
    }
  | { readonly what: 'suspend' | 'terminate'; readonly of: number }
  | { readonly what: 'resume'; readonly of: number; readonly nth: number }
  | { readonly what: 'meddle'; readonly of: number; readonly how: Meddling }
  | { readonly what: 'time'; readonly passes: number };
export interface Happening {
  readonly event: Event;
  /** Goes wrong at the call of this number, if the event comes to so many. */
  readonly fault?: { readonly name: string; readonly nth: number };
}

const FAULT_NAMES = FAULTS.map(({ name }) => name).filter(
  // These two need to know what comes when nothing goes wrong, or are events themselves.
  (name) => !/^(stale read|begun again|next event first|applied very late)$/.test(name),
);
const of = fc.nat(CONTRACTS.length - 1);
const rights = fc.integer({ min: 1, max: 3 });
const answer = fc.constantFrom<Answer>('approved', 'approved', 'declined');
const lasts = fc.constantFrom(3 * HOUR, 2 * DAY, 90 * DAY);
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('onboard' as const),
      of,
      rights,
      startsIn: fc.constantFrom(-DAY, 2 * HOUR),
      lasts,
      answer,
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('amend' as const), of, rights, lasts, answer }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('suspend' as const), of }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('resume' as const), of, nth: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('terminate' as const), of }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('meddle' as const),
      of,
      how: fc.constantFrom(...MEDDLINGS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('time' as const),
      passes: fc.constantFrom(10 * MINUTE, 90 * MINUTE, 4 * HOUR, 3 * DAY),
    }),
  },
);
const happening: fc.Arbitrary<Happening> = fc.record(
  {
    event,
    fault: fc.record({ name: fc.constantFrom(...FAULT_NAMES), nth: fc.integer({ min: 1, max: 60 }) }),
  },
  { requiredKeys: ['event'] },
);
/** Those that once went wrong, as they were shrunk. */
export const KEPT: readonly (readonly Happening[])[] = [
  // An amendment shortly before the end of the lease; the model took it for one after.
  [
    {
      event: { what: 'onboard', of: 2, rights: 1, startsIn: -DAY, lasts: 3 * HOUR, answer: 'approved' },
    },
    { event: { what: 'suspend', of: 0 } },
    { event: { what: 'time', passes: 90 * MINUTE } },
    {
      event: { what: 'onboard', of: 0, rights: 1, startsIn: -DAY, lasts: 3 * HOUR, answer: 'approved' },
    },
    { event: { what: 'amend', of: 2, rights: 1, lasts: 3 * HOUR, answer: 'approved' } },
  ],
];

export const history = fc.array(happening, { minLength: 1, maxLength: 12 });
