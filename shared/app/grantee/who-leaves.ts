/** Whom a contract has to do with in the grantee's account, by what its facts say. Pure. */
import { allTermsOf, type Contract } from '../../domain/contract.js';
import type { LeftBehind } from '../../domain/fact.js';
import { type Names, namesSetUp } from './managed-side.js';
import { withoutNames } from './same-name.js';

/** Whom the register says to be set up there. */
export const recordedIn = ({ granteeSide }: Contract): Names => ({
  users: granteeSide.users.map(({ name }) => name),
  roles: granteeSide.roles.map(({ name }) => name),
});

const namesOf = (left: readonly LeftBehind[]): Names => {
  const named = (type: LeftBehind['type']) => left.filter((one) => one.type === type).map(({ name }) => name);
  return { users: named('user'), roles: named('role') };
};
export const leftBehindIn = ({ granteeSide }: Contract): Names => namesOf(granteeSide.leftBehind);
const decidedIn = ({ granteeSide }: Contract): Names => namesOf(granteeSide.leftBehind.filter(isDecided));

/** Whether it is the grantee's to decide about: he was told so. All else that is left, a later look may remove. */
export const isDecided = ({ type, made }: LeftBehind): boolean => type !== 'policy' && made === undefined;

export const isNobody = ({ users, roles }: Names): boolean => users.length + roles.length === 0;

export const without = (all: Names, others: Names): Names => ({
  users: withoutNames(all.users, others.users),
  roles: withoutNames(all.roles, others.roles),
});

export const union = (all: readonly Names[]): Names => ({
  users: [...new Set(all.flatMap(({ users }) => users))],
  roles: [...new Set(all.flatMap(({ roles }) => roles))],
});

const everNamed = (contract: Contract): Names =>
  union(allTermsOf(contract).map(({ request }) => namesSetUp(request)));

/** But for whom the contract has let go of, and the grantee was told to decide about. */
export const everybodyNamed = (contract: Contract): Names => {
  const recorded = recordedIn(contract);
  return union([recorded, without(everNamed(contract), without(decidedIn(contract), recorded))]);
};

/** All whom the contract has ever had to do with there. */
export const everKnown = (contract: Contract): Names =>
  union([everNamed(contract), recordedIn(contract), decidedIn(contract)]);
